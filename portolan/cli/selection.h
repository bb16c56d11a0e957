// Which names of a list are printed, and in which order.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "portolan/base/result.h"
#include "portolan/cli/pattern.h"
#include "portolan/cli/semver.h"

namespace portolan::cli {

/// As on the command line.
struct SelectionFlags {
  std::vector<std::string> match;
  std::vector<std::string> regex;
  std::optional<std::string> semver;
  std::vector<std::string> exclude;
  std::string sort = "registry";
  bool reverse = false;
  std::optional<std::int64_t> limit;
};

/// Flags made ready. A name is kept if one of the globs (if there are any), one of the regular
/// expressions (if any), and the version range (if any) match it, and no exclusion does.
class Selection {
 public:
  /// kUsage names the flag and what is wrong with it.
  static Result<Selection> Make(const SelectionFlags& flags);

  bool Keeps(std::string_view name) const;
  /// Sorts and turns round. With versions in reverse, names that are no versions are last
  /// nonetheless.
  void Order(std::vector<std::string_view>& names) const;

  /// Whether anything may be left out by Keeps.
  bool filters() const {
    return !match_.empty() || !regex_.empty() || semver_ || !exclude_.empty();
  }
  /// Whether Order needs the whole list.
  bool orders() const { return sort_ != Sort::kRegistry || reverse_; }
  /// How many names are printed at most, of those kept and ordered.
  std::optional<std::size_t> limit() const { return limit_; }

 private:
  enum class Sort { kRegistry, kLexical, kNatural, kSemver };

  void OrderByVersion(std::vector<std::string_view>& names) const;

  std::vector<Pattern> match_;
  std::vector<Pattern> regex_;
  std::optional<VersionRange> semver_;
  std::vector<Pattern> exclude_;
  Sort sort_ = Sort::kRegistry;
  bool reverse_ = false;
  std::optional<std::size_t> limit_;
};

}  // namespace portolan::cli
