// What there is to tell of repositories and tags, for APIs that show more than names and digests.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "portolan/oci/digest.h"
#include "portolan/store/rows.h"

namespace portolan::store {

/// A tag with its manifest. Where history has forgotten when the tag was set, that is when its
/// manifest was pushed last, by nobody.
struct TagRow {
  std::string name;
  std::int64_t place = 0;  ///< unique in the repository, ascending in time
  ManifestRow manifest;
  Millis set = 0;         ///< when the tag got this manifest
  Millis pushed = 0;      ///< when the manifest was pushed last
  std::string principal;  ///< who set it
};

/// A page of tags.
struct TagQuery {
  enum class Order : std::uint8_t { kName, kNameDown, kNewest, kOldest };  ///< by place: set last
  Order order = Order::kName;
  std::string_view contains = {};  ///< in the name, lower case, compared without case; empty: all
  std::size_t offset = 0;
  std::size_t limit = 0;
};

/// A time in which a tag named one manifest. Those whose beginning history has forgotten are told
/// of while they last: they begin when the manifest was pushed last.
struct TagLife {
  std::string tag;
  oci::Digest digest;
  std::string media_type;  ///< empty: the manifest has been collected
  Millis start = 0;
  std::optional<Millis> end;  ///< empty: the tag names it
};

/// A page of them, newest beginning first.
struct TagLifeQuery {
  std::string_view tag = {};       ///< of this tag alone; empty: of all
  std::string_view contains = {};  ///< as TagQuery has it
  std::size_t offset = 0;
  std::size_t limit = 0;
};

/// A repository as a whole. Dates are those of the history that is kept, else of tags.
struct RepositoryRow {
  std::int64_t id = 0;
  std::uint64_t manifests = 0;  ///< those that can be pulled
  Millis first = 0;             ///< the oldest thing known
  Millis last = 0;              ///< the last change
};

/// A manifest as a version of its repository.
struct VersionRow {
  std::int64_t id = 0;  ///< unique, ascending in the order in which they came first
  ManifestRow manifest;
  Millis created = 0;             ///< when it came first
  Millis pushed = 0;              ///< and last
  std::optional<Millis> deleted;  ///< hidden since, and can be restored
  std::vector<std::string> tags;  ///< that name it, by name
};

/// A page of them, newest first.
struct VersionQuery {
  bool deleted = false;  ///< hidden ones, else the others
  std::size_t offset = 0;
  std::size_t limit = 0;
  std::size_t tags = 0;  ///< of all of them at most
};

}  // namespace portolan::store
