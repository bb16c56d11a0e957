// Versions and ranges of versions.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "portolan/base/result.h"

namespace portolan::cli {

/// A version as tags have them: Semantic Versioning 2.0.0, and beyond it a leading `v`, one or two
/// numbers instead of three (the rest is 0), and leading zeros. Build metadata plays no role.
struct Version3 {
  std::uint64_t major = 0;
  std::uint64_t minor = 0;
  std::uint64_t patch = 0;
  std::string pre_release;  ///< `rc.1` of 1.0.0-rc.1

  /// Nothing if it is no version.
  static std::optional<Version3> Parse(std::string_view text);

  bool SameTriple(const Version3& other) const {
    return major == other.major && minor == other.minor && patch == other.patch;
  }
  friend bool operator==(const Version3&, const Version3&) = default;
  /// By precedence. Spec: semver.org §11.
  friend std::weak_ordering operator<=>(const Version3& a, const Version3& b);
};

/// A set of versions, written as npm and Masterminds/semver write it:
/// `=1.2.3 !=1.2.3 >1.2 >=1.2 <2 <=2 ^1.2 ~1.2.3 1.x 1.2.* * 1.2 - 1.4`, space or comma for "and",
/// `||` for "or". A version of one or two numbers stands for all that begin with them. A
/// pre-release is in it only if the same alternative names a pre-release of the same three numbers
/// and the comparison holds.
class VersionRange {
 public:
  /// kUsage names the part that cannot be understood.
  static Result<VersionRange> Parse(std::string_view text);

  bool Contains(const Version3& version) const;

 private:
  // From `low` on (or beyond it), to before `high` (or with it); `outside` turns it round.
  struct Interval {
    std::optional<Version3> low;
    std::optional<Version3> high;
    bool low_open = false;
    bool high_closed = false;
    bool outside = false;

    bool Contains(const Version3& version) const;
  };
  struct Alternative {
    std::vector<Interval> intervals;  // all of them must hold
    std::vector<Version3> named_pre;  // pre-releases that the user wrote
  };
  friend class RangeParser;

  std::vector<Alternative> alternatives_;
};

}  // namespace portolan::cli
