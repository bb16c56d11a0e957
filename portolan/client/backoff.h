// When to try again: a pure function of what is known.
#pragma once

#include <chrono>
#include <optional>

namespace portolan::client {

/// The rule for one kind of failure.
struct BackoffRule {
  int max_retries = 0;                       ///< tries after the first
  std::chrono::milliseconds base{2000};      ///< before the first retry; doubles with each
  std::chrono::milliseconds ceiling{60000};  ///< no wait of ours is longer
};

/// How long to wait before retry number `attempt` (0 is the first), or nothing if there is to be no
/// other try: the retries are used up, or the peer asks for a longer wait than the ceiling (waiting
/// less would only make it worse). What the peer asks for is kept to exactly; a wait of our own has
/// jitter, so that parallel clients do not return together: `fraction` in [0, 1) picks it from the
/// upper half of the doubled delay.
std::optional<std::chrono::milliseconds> NextDelay(
    const BackoffRule& rule, int attempt, std::optional<std::chrono::milliseconds> retry_after,
    double fraction);

}  // namespace portolan::client
