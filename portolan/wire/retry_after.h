// When to try again, in all the ways in which registries say it.
#pragma once

#include <chrono>
#include <optional>
#include <string_view>

namespace portolan::wire {

/// Retry-After as seconds or HTTP-date in its three forms (RFC 9110 §10.2.3, §5.6.7), relative to
/// `now`. Dates in the past are zero, and more than a year is a year. Absent if it cannot be
/// understood or is negative.
std::optional<std::chrono::milliseconds> ParseRetryAfter(std::string_view value,
                                                         std::chrono::system_clock::time_point now);

/// Docker Hub API's X-Retry-After: a Unix time in seconds. As ParseRetryAfter for the rest.
std::optional<std::chrono::milliseconds> ParseUnixRetryAfter(
    std::string_view value, std::chrono::system_clock::time_point now);

/// GHCR's text in a 429 body, `retry-after: 880µs, allowed: 44000/minute`: Go durations such as
/// `1m30s`, `1.5s`, `2ms`, `880µs` or `880us`. Rounded up to a millisecond. Absent if the text
/// holds no such thing.
std::optional<std::chrono::milliseconds> ParseRetryAfterText(std::string_view body);

}  // namespace portolan::wire
