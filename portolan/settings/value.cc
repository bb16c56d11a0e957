#include "portolan/settings/value.h"

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <limits>
#include <system_error>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "portolan/base/ip_address.h"
#include "portolan/base/text.h"
#include "portolan/dialect/served.h"

namespace portolan::settings {
namespace {

constexpr std::chrono::seconds kMaxDuration = std::chrono::days(36'500);
constexpr std::string_view kDuration = "a duration like 90s, 10m, 12h or 30d";

// Takes a number from the front; nothing if there is none or it needs more than 64 bits.
std::optional<std::uint64_t> TakeNumber(std::string_view& text) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc()) return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return number;
}

// Seconds of a unit of one letter; 0 if there is no such unit.
std::uint64_t SecondsOf(char unit) {
  switch (unit) {
    case 's':
      return 1;
    case 'm':
      return 60;
    case 'h':
      return 3600;
    case 'd':
      return 86'400;
    default:
      return 0;
  }
}

std::optional<std::chrono::seconds> ParseDuration(std::string_view text) {
  if (text == "0") return std::chrono::seconds(0);
  constexpr std::uint64_t kMax = kMaxDuration.count();
  std::uint64_t seconds = 0;
  do {
    const std::optional<std::uint64_t> number = TakeNumber(text);
    const std::uint64_t unit = text.empty() ? 0 : SecondsOf(text[0]);
    if (!number || unit == 0 || *number > kMax / unit) return std::nullopt;
    seconds += *number * unit;
    if (seconds > kMax) return std::nullopt;
    text.remove_prefix(1);
  } while (!text.empty());
  return std::chrono::seconds(seconds);
}

struct SizeUnit {
  std::string_view name;
  unsigned shift;
};
constexpr SizeUnit kSizeUnits[] = {{"", 0},     {"B", 0},    {"KiB", 10},
                                   {"MiB", 20}, {"GiB", 30}, {"TiB", 40}};

std::optional<std::uint64_t> ParseSize(std::string_view text) {
  const std::optional<std::uint64_t> number = TakeNumber(text);
  const auto* const unit = std::ranges::find(kSizeUnits, text, &SizeUnit::name);
  if (!number || unit == std::end(kSizeUnits)) return std::nullopt;
  if (*number > (std::numeric_limits<std::uint64_t>::max() >> unit->shift)) return std::nullopt;
  return *number << unit->shift;
}

// In the largest unit that gives a whole number.
std::string SizeText(std::uint64_t size) {
  const SizeUnit* best = &kSizeUnits[0];
  for (const SizeUnit& unit : kSizeUnits) {
    if (size != 0 && size % (1ULL << unit.shift) == 0 && unit.shift > 0) best = &unit;
  }
  return fmt::format("{}{}", size >> best->shift, best->name);
}

bool IsPort(std::string_view text) {
  const bool digits = !text.empty() && std::ranges::all_of(text, IsAsciiDigit);
  const std::optional<std::uint64_t> port = digits ? TakeNumber(text) : std::nullopt;
  return port && *port <= 65'535;
}

std::string_view WithoutBrackets(std::string_view host) {
  if (!host.starts_with('[') || !host.ends_with(']')) return host;
  return host.substr(1, host.size() - 2);
}

// Host and port of a TCP address; both empty if it has no colon.
std::pair<std::string_view, std::string_view> SplitAddress(std::string_view text) {
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) return {};
  return {text.substr(0, colon), text.substr(colon + 1)};
}

bool IsHost(std::string_view host) {
  if (host.empty() || host == "localhost") return true;
  const std::string_view address = WithoutBrackets(host);
  const bool bracketed = address.size() != host.size();
  return IpAddress::Parse(address) && bracketed == address.contains(':');
}

}  // namespace

Expected SetBool(bool& value, std::string_view text) {
  if (text != "true" && text != "false") return "true or false";
  value = text == "true";
  return {};
}

Expected SetDuration(std::chrono::seconds& value, std::string_view text, std::chrono::seconds min) {
  const std::optional<std::chrono::seconds> duration = ParseDuration(text);
  if (!duration) return std::string(kDuration);
  if (*duration < min) return fmt::format("a duration of at least {}s", min.count());
  value = *duration;
  return {};
}

Expected SetDurationOrNever(std::optional<std::chrono::seconds>& value, std::string_view text) {
  if (text == "never") {
    value.reset();
    return {};
  }
  value = ParseDuration(text);
  return value ? "" : fmt::format("{}, or never", kDuration);
}

Expected SetSize(std::uint64_t& value, std::string_view text, std::uint64_t min,
                 std::uint64_t max) {
  const std::optional<std::uint64_t> size = ParseSize(text);
  if (!size) return "a size like 64KiB, 4MiB or 1GiB";
  if (*size < min || *size > max) {
    return fmt::format("a size from {} to {}", SizeText(min), SizeText(max));
  }
  value = *size;
  return {};
}

Expected SetCount(int& value, std::string_view text, int min, int max) {
  std::string_view rest = text;
  const std::optional<std::uint64_t> number = TakeNumber(rest);
  if (!number || !rest.empty() || *number < static_cast<std::uint64_t>(min) ||
      *number > static_cast<std::uint64_t>(max)) {
    return fmt::format("a whole number from {} to {}", min, max);
  }
  value = static_cast<int>(*number);
  return {};
}

Expected SetPath(std::string& value, std::string_view text) {
  if (text.empty() || text.contains('\0')) return "a path";
  value = text;
  return {};
}

Expected SetLine(std::string& value, std::string_view text) {
  const bool printable = std::ranges::all_of(text, [](char c) { return c >= ' ' && c < '\x7f'; });
  if (!printable || text.empty()) return "one line of printable ASCII";
  value = text;
  return {};
}

bool IsProfileFile(std::string_view dialect) {
  return dialect.contains('/') || dialect.ends_with(".json");
}

Expected SetDialect(std::string& value, std::string_view text) {
  if (IsProfileFile(text)) {  // read once all settings are known
    value = text;
    return {};
  }
  const dialect::Served* const served = dialect::FindServed(text);
  if (served == nullptr) {
    std::vector<std::string_view> names;
    for (const dialect::Served* one : dialect::AllServed()) names.push_back(one->name);
    return fmt::format("one of {}, or the path of a profile (PATH.json)", fmt::join(names, ", "));
  }
  value = served->name;
  return {};
}

Expected SetUrl(std::optional<Url>& value, std::string_view text) {
  Result<Url> url = Url::Parse(text);
  if (!url || url->target.contains('?')) return "an address like https://registry.example.com";
  value = *std::move(url);
  return {};
}

Expected SetAddress(std::string& value, std::string_view text) {
  constexpr std::string_view kUnix = "unix:";
  const auto [host, port] = SplitAddress(text);
  const bool known = text.starts_with(kUnix) ? text.size() > kUnix.size() && !text.contains('\0')
                                             : IsHost(host) && IsPort(port);
  if (!known) return "an address like 127.0.0.1:5000, [::1]:5000, :5000 or unix:/path";
  value = text;
  return {};
}

bool IsLoopback(std::string_view address) {
  if (address.starts_with("unix:")) return true;
  const std::string_view host = SplitAddress(address).first;
  if (host == "localhost") return true;
  const auto ip = IpAddress::Parse(WithoutBrackets(host));
  return ip && ip->IsLoopback();
}

bool NamesAHost(std::string_view address) {
  if (address.starts_with("unix:")) return false;
  const std::string_view host = WithoutBrackets(SplitAddress(address).first);
  return !host.empty() && host != "0.0.0.0" && host != "::";
}

}  // namespace portolan::settings
