#include "portolan/cli/human.h"

#include <array>

#include <fmt/format.h>

namespace portolan::cli {

std::string HumanSize(std::uint64_t bytes) {
  constexpr std::array kUnits = {"B", "kB", "MB", "GB", "TB", "PB", "EB"};
  if (bytes < 1000) return fmt::format("{} B", bytes);
  auto value = static_cast<double>(bytes);
  std::size_t unit = 0;
  // 999,950 bytes would be shown as 1000.0 kB.
  while (value >= 999.95 && unit + 1 < kUnits.size()) {
    value /= 1000;
    ++unit;
  }
  return fmt::format("{:.1f} {}", value, kUnits.at(unit));
}

std::string HumanAge(std::chrono::nanoseconds age) {
  struct Unit {
    const char* name;
    std::int64_t seconds;
    std::int64_t from;  // the age at which it is used
  };
  constexpr std::int64_t kMinute = 60;
  constexpr std::int64_t kHour = 60 * kMinute;
  constexpr std::int64_t kDay = 24 * kHour;
  constexpr std::array kUnits = {Unit{"year", 365 * kDay, kDay * 365 * 2},
                                 Unit{"month", 30 * kDay, 60 * kDay},
                                 Unit{"week", 7 * kDay, 14 * kDay},
                                 Unit{"day", kDay, kDay},
                                 Unit{"hour", kHour, kHour},
                                 Unit{"minute", kMinute, kMinute}};
  const auto seconds = std::chrono::floor<std::chrono::seconds>(age).count();
  // Clocks differ by seconds without being wrong.
  if (seconds < -kMinute) return "in the future";
  for (const Unit& unit : kUnits) {
    if (seconds < unit.from) continue;
    const std::int64_t count = seconds / unit.seconds;
    return fmt::format("{} {}{} ago", count, unit.name, count == 1 ? "" : "s");
  }
  return "just now";
}

}  // namespace portolan::cli
