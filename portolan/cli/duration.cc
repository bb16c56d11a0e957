#include "portolan/cli/duration.h"

#include <charconv>
#include <cmath>

#include <fmt/format.h>

#include "portolan/base/log.h"
#include "portolan/base/text.h"

namespace portolan::cli {
namespace {

constexpr double kMaxSeconds = 100.0 * 365 * 24 * 3600;

struct Unit {
  std::string_view name;
  double seconds;
};
constexpr Unit kUnits[] = {{"ns", 1e-9}, {"us", 1e-6}, {"µs", 1e-6}, {"μs", 1e-6},
                           {"ms", 1e-3}, {"s", 1},     {"m", 60},    {"h", 3600}};

Error NotADuration(std::string_view text) {
  return Fail(ErrorCode::kUsage, fmt::format("\"{}\" is not a duration", Printable(text)),
              "write for example 30s, 1m30s or 500ms");
}

}  // namespace

Result<std::chrono::nanoseconds> ParseDuration(std::string_view text) {
  double seconds = 0;
  std::string_view rest = text;
  do {
    if (rest.empty() || (!IsAsciiDigit(rest[0]) && rest[0] != '.')) return NotADuration(text);
    double number = 0;
    const auto [end, error] =
        std::from_chars(rest.data(), rest.data() + rest.size(), number, std::chars_format::fixed);
    if (error != std::errc()) return NotADuration(text);
    const bool first = rest.size() == text.size();
    rest.remove_prefix(static_cast<std::size_t>(end - rest.data()));
    if (rest.empty() && first) {
      seconds = number;
      break;
    }
    std::size_t size = 0;
    while (size < rest.size() && !IsAsciiDigit(rest[size]) && rest[size] != '.') ++size;
    const Unit* unit = std::ranges::find(kUnits, rest.substr(0, size), &Unit::name);
    if (unit == std::end(kUnits)) return NotADuration(text);
    seconds += number * unit->seconds;
    rest.remove_prefix(size);
  } while (!rest.empty());
  if (!(seconds <= kMaxSeconds)) return NotADuration(text);
  return std::chrono::nanoseconds(std::llround(seconds * 1e9));
}

}  // namespace portolan::cli
