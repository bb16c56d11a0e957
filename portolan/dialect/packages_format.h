// GitHub's REST API for packages, as texts. Facts: docs/dialects.md, "Their own APIs".
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "portolan/dialect/facts.h"
#include "portolan/dialect/served.h"

namespace portolan::dialect::packages {

/// Whose packages they are, and where the API is.
struct Owner {
  std::string login;
  bool is_organization = true;
  std::string base;  ///< `https://api.github.com`
};
std::string PackageObject(const RepositoryFacts& repository, const Owner& owner);

/// Times are milliseconds since 1970.
struct Version {
  std::int64_t id = 0;
  oci::Digest digest;
  std::int64_t created = 0;
  std::int64_t updated = 0;
  std::optional<std::int64_t> deleted;
  std::vector<std::string> tags;
};
std::string VersionObject(const Version& version, std::string_view package, const Owner& owner);

/// `[…,…]`.
Words List(std::span<const std::string> objects);
Words One(std::string object);
/// `{"message":"…","documentation_url":"…"}`.
Words Message(int status, std::string_view message);

/// A page of a list, for its Link.
struct PageOfMany {
  std::int64_t page = 1;
  bool more = false;
  std::optional<std::int64_t> last;  ///< the last page, where that is known
};
/// The Link's value; `url` is everything up to the page's number. Empty: there is one page alone.
std::string LinkOf(const PageOfMany& page, std::string_view url);

}  // namespace portolan::dialect::packages
