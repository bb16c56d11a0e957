// Quay's own API (quay.io/api/v1), as texts: Python's JSON, members in their order, a line end.
// Facts: docs/dialects.md, "Their own APIs".
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "portolan/dialect/facts.h"
#include "portolan/dialect/served.h"

namespace portolan::dialect::quay {

/// A time in which a tag names one manifest. Times are milliseconds since 1970.
struct TagEntry {
  std::string name;
  std::int64_t start = 0;
  std::optional<std::int64_t> end;
  oci::Digest digest;
  bool is_list = false;
  std::optional<std::uint64_t> size;  ///< bytes of the layers; lists have none
};
std::string TagPage(std::span<const TagEntry> tags, std::int64_t page, bool has_additional);

/// What a list of repositories shows beside the usual.
struct Shown {
  bool last_modified = false;
  bool popularity = false;
  bool starred = false;  ///< whether the asker, who has a name, has starred it
};
std::string RepositoryItem(const RepositoryFacts& repository, const Shown& shown);
/// `next`: a cursor; empty at the end.
std::string RepositoryPage(std::span<const std::string> items, std::string_view next);

/// What only the call for one repository shows.
struct Detail {
  bool is_organization = true;
  std::int64_t tag_expiration = 0;            ///< seconds that deleted tags can be restored
  std::optional<std::vector<TagEntry>> tags;  ///< empty: they are left out
  std::optional<std::int64_t> stats_until;  ///< milliseconds: pulls by day before; empty: left out
};
std::string RepositoryObject(const RepositoryFacts& repository, const Detail& detail);

/// `{"detail": …, "error_message": …, "error_type": …, …}`. `type`: `not_found`.
Words Problem(int status, std::string_view type, std::string_view detail);
/// Of a parameter that is no number: flask-restful's.
Words BadParameter(std::string_view name, std::string_view help);
/// Of a request that changes something without a token.
Words NoCsrfToken();

/// Whether a parameter's text means yes.
bool IsTrue(std::string_view text);

}  // namespace portolan::dialect::quay
