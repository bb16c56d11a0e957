#include "portolan/cli/selection.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "portolan/base/log.h"
#include "portolan/cli/natural_order.h"

namespace portolan::cli {
namespace {

bool AnyMatches(const std::vector<Pattern>& patterns, std::string_view name) {
  return std::ranges::any_of(patterns,
                             [&](const Pattern& pattern) { return pattern.Matches(name); });
}

template <typename Make>
Status Compile(std::string_view flag, const std::vector<std::string>& texts, Make make,
               std::vector<Pattern>& out) {
  for (const std::string& text : texts) {
    Result<Pattern> pattern = make(text);
    if (!pattern) return Wrap(std::move(pattern).error(), flag);
    out.push_back(*std::move(pattern));
  }
  return {};
}

bool NaturallyLess(std::string_view a, std::string_view b) { return CompareNatural(a, b) < 0; }

}  // namespace

Result<Selection> Selection::Make(const SelectionFlags& flags) {
  Selection selection;
  PORTOLAN_CHECK(Compile("--match", flags.match, Pattern::FromGlob, selection.match_));
  PORTOLAN_CHECK(Compile("--regex", flags.regex, Pattern::FromRegex, selection.regex_));
  PORTOLAN_CHECK(Compile("--exclude", flags.exclude, Pattern::FromGlob, selection.exclude_));
  if (flags.semver) {
    Result<VersionRange> range = VersionRange::Parse(*flags.semver);
    if (!range) return Wrap(std::move(range).error(), "--semver");
    selection.semver_ = *std::move(range);
  }
  constexpr std::pair<std::string_view, Sort> kSorts[] = {{"registry", Sort::kRegistry},
                                                          {"lexical", Sort::kLexical},
                                                          {"natural", Sort::kNatural},
                                                          {"semver", Sort::kSemver}};
  const auto* const sort =
      std::ranges::find(kSorts, flags.sort, &std::pair<std::string_view, Sort>::first);
  if (sort == std::end(kSorts)) {
    return Fail(ErrorCode::kUsage, fmt::format("--sort: no order \"{}\"", Printable(flags.sort)),
                "registry, lexical, natural or semver");
  }
  selection.sort_ = sort->second;
  selection.reverse_ = flags.reverse;
  if (flags.limit && *flags.limit < 1) return Fail(ErrorCode::kUsage, "--limit must be at least 1");
  if (flags.limit) selection.limit_ = static_cast<std::size_t>(*flags.limit);
  return selection;
}

bool Selection::Keeps(std::string_view name) const {
  if (!match_.empty() && !AnyMatches(match_, name)) return false;
  if (!regex_.empty() && !AnyMatches(regex_, name)) return false;
  if (semver_) {
    const std::optional<Version3> version = Version3::Parse(name);
    if (!version || !semver_->Contains(*version)) return false;
  }
  return !AnyMatches(exclude_, name);
}

void Selection::OrderByVersion(std::vector<std::string_view>& names) const {
  struct Entry {
    std::optional<Version3> version;
    std::string_view name;
  };
  std::vector<Entry> entries;
  entries.reserve(names.size());
  for (const std::string_view name : names)
    entries.push_back({.version = Version3::Parse(name), .name = name});
  const auto less = [](const Entry& a, const Entry& b) {
    if (a.version && b.version) {
      if (const auto order = *a.version <=> *b.version; order != 0) return order < 0;
    }
    return NaturallyLess(a.name, b.name);
  };
  std::ranges::sort(entries, [&](const Entry& a, const Entry& b) {
    if (a.version.has_value() != b.version.has_value()) return a.version.has_value();
    return reverse_ ? less(b, a) : less(a, b);
  });
  std::ranges::transform(entries, names.begin(), &Entry::name);
}

void Selection::Order(std::vector<std::string_view>& names) const {
  if (sort_ == Sort::kSemver) {
    OrderByVersion(names);
    return;
  }
  if (sort_ == Sort::kLexical) std::ranges::sort(names);
  if (sort_ == Sort::kNatural) std::ranges::sort(names, NaturallyLess);
  if (reverse_) std::ranges::reverse(names);
}

}  // namespace portolan::cli
