// Ranges, taken apart into intervals.
#include <algorithm>
#include <limits>

#include <fmt/format.h>

#include "portolan/base/log.h"
#include "portolan/base/text.h"
#include "portolan/cli/semver.h"

namespace portolan::cli {
namespace {

constexpr std::uint64_t kMax = std::numeric_limits<std::uint64_t>::max();
constexpr std::size_t kMaxParts = 1000;

// A version of which the end may be open: `1.2`, `1.x`, `*`.
struct Partial {
  Version3 version;
  int numbers = 0;  // given, 0 to 3
};

bool IsWildcard(std::string_view part) { return part == "x" || part == "X" || part == "*"; }

std::optional<Partial> ParsePartial(std::string_view text) {
  if (text.starts_with('v') || text.starts_with('V')) text.remove_prefix(1);
  const std::size_t core_end = std::min(text.find_first_of("-+"), text.size());
  std::string_view core = text.substr(0, core_end);
  Partial partial;
  std::string numbers;
  bool wild = false;
  int parts = 0;
  for (; !core.empty(); ++parts) {
    const std::size_t end = std::min(core.find('.'), core.size());
    const std::string_view part = core.substr(0, end);
    core.remove_prefix(end);
    if (core.size() == 1 || parts == 3) return std::nullopt;
    if (!core.empty()) core.remove_prefix(1);
    wild = wild || IsWildcard(part);
    if (IsWildcard(part)) continue;
    if (wild) return std::nullopt;
    numbers += fmt::format("{}{}", partial.numbers++ == 0 ? "" : ".", part);
  }
  if (parts == 0) return std::nullopt;
  if (partial.numbers == 0) return core_end == text.size() ? std::optional(partial) : std::nullopt;
  if (wild && core_end != text.size()) return std::nullopt;
  const std::optional<Version3> version =
      Version3::Parse(numbers + std::string(text.substr(core_end)));
  if (!version) return std::nullopt;
  partial.version = *version;
  // `1.2-rc1` names one version, not all that begin with it.
  if (!version->pre_release.empty()) partial.numbers = 3;
  return partial;
}

std::uint64_t Next(std::uint64_t number) { return number == kMax ? kMax : number + 1; }

// The first version that does not begin with the first `numbers` numbers of `version`; nothing if
// there is none.
std::optional<Version3> After(const Version3& version, int numbers) {
  switch (numbers) {
    case 0:
      return std::nullopt;
    case 1:
      return Version3{.major = Next(version.major), .minor = 0, .patch = 0, .pre_release = {}};
    case 2:
      return Version3{
          .major = version.major, .minor = Next(version.minor), .patch = 0, .pre_release = {}};
    default:
      return Version3{.major = version.major,
                      .minor = version.minor,
                      .patch = Next(version.patch),
                      .pre_release = {}};
  }
}

// How many numbers a caret holds on to: up to the first that is not zero.
int CaretNumbers(const Partial& partial) {
  if (partial.version.major != 0 || partial.numbers <= 1) return std::min(partial.numbers, 1);
  if (partial.version.minor != 0 || partial.numbers == 2) return 2;
  return 3;
}

std::string_view TakeOperator(std::string_view& text) {
  for (const std::string_view name :
       {">=", "=>", "<=", "=<", "==", "!=", "~>", ">", "<", "=", "!", "~", "^"}) {
    if (!text.starts_with(name)) continue;
    text.remove_prefix(name.size());
    return name;
  }
  return "";
}

}  // namespace

class RangeParser {
 public:
  using Alternative = VersionRange::Alternative;
  using Interval = VersionRange::Interval;

  explicit RangeParser(std::string_view whole) : whole_(whole) {}

  Result<VersionRange> Parse();

 private:
  Result<Alternative> ParseAlternative(std::string_view text);
  Result<Partial> TakePartial(std::string_view& text, Alternative& alternative);
  Error Bad(std::string_view part) const;

  std::string_view whole_;
};

namespace {

// All that begin with what is given.
template <typename Interval>
Interval Equal(const Partial& partial) {
  Interval interval;
  interval.low = partial.version;
  if (partial.numbers == 3) {
    interval.high = partial.version;
    interval.high_closed = true;
  } else {
    interval.high = After(partial.version, partial.numbers);
  }
  return interval;
}

template <typename Interval>
Interval Compare(std::string_view name, const Partial& partial) {
  const Version3& version = partial.version;
  const bool whole = partial.numbers == 3;
  const std::optional<Version3> after = After(version, partial.numbers);
  // `>*` and `<*` hold for nothing: everything "begins with" *.
  const Version3 nothing{.major = 0, .minor = 0, .patch = 0, .pre_release = "0"};
  Interval interval;
  if (name == ">=" || name == "=>") {
    interval.low = version;
  } else if (name == ">") {
    interval.low = whole ? version : after;
    interval.low_open = whole;
    if (!interval.low) interval.high = nothing;
  } else if (name == "<") {
    interval.high = partial.numbers == 0 ? nothing : version;
  } else if (name == "<=" || name == "=<") {
    interval.high = whole ? version : after;
    interval.high_closed = whole;
  } else if (name == "^") {
    interval.low = version;
    interval.high = After(version, CaretNumbers(partial));
  } else if (name == "~" || name == "~>") {
    interval.low = version;
    interval.high = After(version, std::min(partial.numbers, 2));
  } else {
    interval = Equal<Interval>(partial);
    interval.outside = name.starts_with('!');
  }
  return interval;
}

}  // namespace

Error RangeParser::Bad(std::string_view part) const {
  const std::string at = part.empty() ? std::string("a version is missing")
                                      : fmt::format("\"{}\" is not a version", Printable(part));
  return Fail(ErrorCode::kUsage, fmt::format("version range \"{}\": {}", Printable(whole_), at),
              "for example ^1.2, ~1.2.3, '>=1.20 <2', 1.x, '1.2 - 1.4' or '1.27.x || 1.28.x'");
}

Result<Partial> RangeParser::TakePartial(std::string_view& text, Alternative& alternative) {
  text = TrimSpace(text);
  const std::string_view word = text.substr(0, std::min(text.find_first_of(" \t,"), text.size()));
  text.remove_prefix(word.size());
  std::optional<Partial> partial = ParsePartial(word);
  if (!partial) return Bad(word);
  if (!partial->version.pre_release.empty()) alternative.named_pre.push_back(partial->version);
  return *std::move(partial);
}

Result<RangeParser::Alternative> RangeParser::ParseAlternative(std::string_view text) {
  Alternative alternative;
  text = TrimSpace(text);
  if (text.empty()) return Bad("");
  while (!text.empty()) {
    if (alternative.intervals.size() > kMaxParts) return Bad(text);
    const std::string_view name = TakeOperator(text);
    PORTOLAN_TRY(const Partial partial, TakePartial(text, alternative));
    std::string_view rest = TrimSpace(text);
    if (name.empty() && (rest.starts_with("- ") || rest == "-")) {
      rest.remove_prefix(1);
      PORTOLAN_TRY(const Partial last, TakePartial(rest, alternative));
      alternative.intervals.push_back(Compare<Interval>(">=", partial));
      alternative.intervals.push_back(Compare<Interval>("<=", last));
    } else {
      alternative.intervals.push_back(Compare<Interval>(name, partial));
    }
    text = TrimSpace(rest);
    if (text.starts_with(',')) {
      text = TrimSpace(text.substr(1));
      if (text.empty()) return Bad("");
    }
  }
  return alternative;
}

Result<VersionRange> RangeParser::Parse() {
  VersionRange range;
  for (std::string_view rest = whole_;;) {
    const std::size_t bars = rest.find("||");
    PORTOLAN_TRY(Alternative alternative, ParseAlternative(rest.substr(0, bars)));
    range.alternatives_.push_back(std::move(alternative));
    if (bars == std::string_view::npos) return range;
    rest.remove_prefix(bars + 2);
  }
}

Result<VersionRange> VersionRange::Parse(std::string_view text) {
  return RangeParser(text).Parse();
}

}  // namespace portolan::cli
