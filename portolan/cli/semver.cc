#include "portolan/cli/semver.h"

#include <algorithm>
#include <charconv>

#include "portolan/base/text.h"

namespace portolan::cli {
namespace {

// Identifiers of letters, digits and dashes between dots.
bool IsIdentifiers(std::string_view text) {
  if (text.empty() || text.front() == '.' || text.back() == '.' || text.contains(".."))
    return false;
  return std::ranges::all_of(text, [](char c) { return IsAsciiAlnum(c) || c == '-' || c == '.'; });
}

std::optional<std::uint64_t> TakeNumber(std::string_view& text) {
  std::uint64_t number = 0;
  if (text.empty() || !IsAsciiDigit(text[0])) return std::nullopt;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc()) return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return number;
}

std::string_view TakeIdentifier(std::string_view& text) {
  const std::size_t end = std::min(text.find('.'), text.size());
  const std::string_view identifier = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return identifier;
}

std::strong_ordering CompareIdentifier(std::string_view a, std::string_view b) {
  const bool number_a = std::ranges::all_of(a, IsAsciiDigit);
  const bool number_b = std::ranges::all_of(b, IsAsciiDigit);
  if (number_a != number_b) return number_b <=> number_a;  // numbers come first
  if (!number_a) return a <=> b;
  a.remove_prefix(std::min(a.find_first_not_of('0'), a.size()));
  b.remove_prefix(std::min(b.find_first_not_of('0'), b.size()));
  if (const auto order = a.size() <=> b.size(); order != 0) return order;
  return a <=> b;
}

std::strong_ordering ComparePreRelease(std::string_view a, std::string_view b) {
  if (a.empty() != b.empty())
    return a.empty() <=> b.empty();  // without one it is the release, which is later
  while (!a.empty() && !b.empty()) {
    if (const auto order = CompareIdentifier(TakeIdentifier(a), TakeIdentifier(b)); order != 0)
      return order;
  }
  return b.empty() <=> a.empty();
}

}  // namespace

std::optional<Version3> Version3::Parse(std::string_view text) {
  if (text.starts_with('v') || text.starts_with('V')) text.remove_prefix(1);
  Version3 version;
  std::uint64_t* const parts[] = {&version.major, &version.minor, &version.patch};
  for (std::size_t i = 0; i < 3; ++i) {
    if (i > 0) {
      if (!text.starts_with('.')) break;
      text.remove_prefix(1);
    }
    const std::optional<std::uint64_t> number = TakeNumber(text);
    if (!number) return std::nullopt;
    *parts[i] = *number;
  }
  if (const std::size_t plus = text.find('+'); plus != std::string_view::npos) {
    if (!IsIdentifiers(text.substr(plus + 1))) return std::nullopt;
    text = text.substr(0, plus);
  }
  if (text.empty()) return version;
  if (text.front() != '-' || !IsIdentifiers(text.substr(1))) return std::nullopt;
  version.pre_release = text.substr(1);
  return version;
}

std::weak_ordering operator<=>(const Version3& a, const Version3& b) {
  if (const auto order = a.major <=> b.major; order != 0) return order;
  if (const auto order = a.minor <=> b.minor; order != 0) return order;
  if (const auto order = a.patch <=> b.patch; order != 0) return order;
  return ComparePreRelease(a.pre_release, b.pre_release);
}

bool VersionRange::Interval::Contains(const Version3& version) const {
  bool inside = true;
  if (low) inside = low_open ? version > *low : version >= *low;
  if (high) inside = inside && (high_closed ? version <= *high : version < *high);
  return inside != outside;
}

bool VersionRange::Contains(const Version3& version) const {
  return std::ranges::any_of(alternatives_, [&](const Alternative& alternative) {
    const bool holds = std::ranges::all_of(alternative.intervals, [&](const Interval& interval) {
      return interval.Contains(version);
    });
    if (!holds || version.pre_release.empty()) return holds;
    return std::ranges::any_of(alternative.named_pre,
                               [&](const Version3& named) { return named.SameTriple(version); });
  });
}

}  // namespace portolan::cli
