#include "portolan/cli/tag_order.h"

#include <algorithm>
#include <chrono>
#include <compare>
#include <cstdint>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "portolan/base/date.h"
#include "portolan/base/log.h"
#include "portolan/cli/duration.h"
#include "portolan/cli/natural_order.h"
#include "portolan/cli/semver.h"

namespace portolan::cli {
namespace {

using client::TagInfo;

std::optional<std::int64_t> Ticks(const std::optional<Clock::WallTime>& time) {
  if (!time) return std::nullopt;
  return time->time_since_epoch().count();
}

std::optional<std::int64_t> Number(const std::optional<std::uint64_t>& size) {
  if (!size) return std::nullopt;
  return static_cast<std::int64_t>(*size);
}

}  // namespace

Result<TagOrder> TagOrder::Parse(std::string_view text, bool reverse) {
  constexpr std::pair<std::string_view, By> kOrders[] = {
      {"created", By::kCreated}, {"pushed", By::kPushed},   {"size", By::kSize},
      {"semver", By::kSemver},   {"natural", By::kNatural}, {"name", By::kName}};
  const auto* const found =
      std::ranges::find(kOrders, text, &std::pair<std::string_view, By>::first);
  if (found == std::end(kOrders)) {
    return Fail(ErrorCode::kUsage, fmt::format("--sort: no order \"{}\"", Printable(text)),
                "created, pushed, size, semver, natural or name");
  }
  TagOrder order;
  order.by_ = found->second;
  order.reverse_ = reverse;
  return order;
}

void TagOrder::Sort(std::vector<TagInfo>& rows) const {
  struct Key {
    std::optional<std::int64_t> number;  // the greatest comes first
    std::optional<Version3> version;
    std::size_t index;
  };
  std::vector<Key> keys;
  keys.reserve(rows.size());
  for (const TagInfo& row : rows) {
    Key key{.number = {}, .version = {}, .index = keys.size()};
    if (by_ == By::kCreated) key.number = Ticks(row.created);
    if (by_ == By::kPushed) key.number = Ticks(row.pushed);
    if (by_ == By::kSize) key.number = Number(row.size);
    if (by_ == By::kSemver) key.version = Version3::Parse(row.tag);
    keys.push_back(std::move(key));
  }
  const auto by_text = [&](const Key& a, const Key& b) -> std::strong_ordering {
    const std::string& left = rows[a.index].tag;
    const std::string& right = rows[b.index].tag;
    return by_ == By::kName ? left <=> right : CompareNatural(left, right);
  };
  std::ranges::sort(keys, [&](const Key& a, const Key& b) {
    const bool a_known = a.number || a.version;
    const bool b_known = b.number || b.version;
    if (a_known != b_known) return a_known;
    if (a.number && *a.number != *b.number) {
      return reverse_ ? *a.number < *b.number : *a.number > *b.number;
    }
    if (a.version) {
      const auto order = *a.version <=> *b.version;
      if (order != 0) return reverse_ ? order > 0 : order < 0;
    }
    const auto order = by_text(a, b);
    return by_name() && reverse_ ? order > 0 : order < 0;
  });
  std::vector<TagInfo> sorted;
  sorted.reserve(rows.size());
  for (const Key& key : keys) sorted.push_back(std::move(rows[key.index]));
  rows = std::move(sorted);
}

Result<Clock::WallTime> ParseSince(std::string_view text, Clock::WallTime now) {
  if (const auto date = ParseDate(text)) return *date;
  std::string in_hours(text);
  int factor = 1;
  if (text.ends_with('d') || text.ends_with('w')) {
    factor = text.ends_with('d') ? 24 : 7 * 24;
    in_hours.back() = 'h';
  }
  const Result<std::chrono::nanoseconds> ago = ParseDuration(in_hours);
  constexpr std::chrono::hours kMost(100 * 365 * 24);
  if (!ago || *ago > kMost / factor) {
    return Fail(ErrorCode::kUsage,
                fmt::format("--since: \"{}\" is neither a date nor a duration", Printable(text)),
                "write for example 2026-11-01, 2026-11-01T12:00:00Z, 36h, 7d or 2w");
  }
  return now - std::chrono::duration_cast<Clock::WallTime::duration>(*ago * factor);
}

}  // namespace portolan::cli
