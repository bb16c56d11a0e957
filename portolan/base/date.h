// Dates as texts (RFC 3339), which images, registries and users write.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "portolan/base/clock.h"

namespace portolan {

/// `2023-06-14T01:02:03.456789Z`, with any offset; also the day alone, which means its midnight in
/// UTC. Nothing for anything else, and for years before 1970 and after 2261: an image whose builder
/// knew no time says year 1.
std::optional<Clock::WallTime> ParseDate(std::string_view text);

/// Whole seconds since 1970.
inline std::int64_t UnixSeconds(Clock::WallTime time) {
  return std::chrono::floor<std::chrono::seconds>(time).time_since_epoch().count();
}

/// `2023-06-14T01:02:03Z`: in UTC, the fraction of the second cut off.
std::string FormatDate(Clock::WallTime time);

}  // namespace portolan
