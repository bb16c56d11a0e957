// Lengths of time as Go programs write them on the command line.
#pragma once

#include <chrono>
#include <string_view>

#include "portolan/base/result.h"

namespace portolan::cli {

/// `30s`, `1h2m3.5s`, `300ms`, `0`; also a plain number, which counts seconds. Units: ns us µs ms s
/// m h. kUsage if it is none, negative, or more than 100 years.
Result<std::chrono::nanoseconds> ParseDuration(std::string_view text);

}  // namespace portolan::cli
