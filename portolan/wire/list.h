// tags/list and _catalog, read as a stream. Spec: "Listing Tags".
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "portolan/base/limits.h"
#include "portolan/base/result.h"

namespace portolan::wire {

/// Reads one page of `{"name":…,"tags":[…]}` or `{"repositories":[…]}` piece by piece, without ever
/// holding the page. Members that it does not know are skipped (GCR's `manifest` map). Not
/// copyable; one object per page.
class ListParser {
 public:
  /// `member` is "tags" or "repositories". Each text of the list goes to `on_item`, whose argument
  /// lives only for the call. Should the member come twice, the items of both go there.
  ListParser(std::string_view member, const Limits& limits,
             std::function<void(std::string_view item)> on_item);
  ~ListParser();

  /// The next piece of the body. kProtocol if the text is not JSON, not an object, or if the member
  /// is neither a list nor null; kTooLarge for a page or a text beyond `limits`. After an error the
  /// parser takes no more.
  Status Feed(std::string_view piece);
  /// The end of the body. kProtocol if it came too early (a truncated page), or if the member never
  /// came at all.
  Status Finish();

  /// `name`, or `Name` of some registries; empty if absent.
  const std::string& name() const;
  /// Entries that were not texts: JSON null (Nexus), numbers, objects (one each, whatever they
  /// hold).
  std::size_t skipped() const;
  /// The member was `null` (distribution 2.x for an emptied repository): the same as an empty list.
  bool was_null() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace portolan::wire
