// Docker Hub's own API (hub.docker.com/v2), as texts. Facts: docs/dialects.md, "Their own APIs".
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "portolan/dialect/facts.h"
#include "portolan/dialect/served.h"

namespace portolan::dialect::hub {

std::string TagObject(const TagFacts& tag, std::int64_t repository_id);
/// Of the call for one repository.
std::string RepositoryObject(const RepositoryFacts& repository);
/// Of lists.
std::string RepositoryItem(const RepositoryFacts& repository);

/// A page of a list. `next` and `previous` are URLs.
struct Page {
  std::uint64_t count = 0;  ///< of the whole list
  std::optional<std::string> next;
  std::optional<std::string> previous;
  std::vector<std::string> results;  ///< objects
};
std::string PageText(const Page& page);
/// `{"namespaces":["…"]}`.
std::string Namespaces(const std::vector<std::string>& names);
/// Of the user who asks.
std::string UserObject(std::string_view name);

/// Errors: `{"message":"…","errinfo":{}}`, and the older `{"detail":"…"}`.
Words Message(int status, std::string_view message);
Words Detail(int status, std::string_view detail);
Words InvalidOrdering();

}  // namespace portolan::dialect::hub
