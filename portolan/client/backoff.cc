#include "portolan/client/backoff.h"

#include <algorithm>

namespace portolan::client {

std::optional<std::chrono::milliseconds> NextDelay(
    const BackoffRule& rule, int attempt, std::optional<std::chrono::milliseconds> retry_after,
    double fraction) {
  using std::chrono::milliseconds;
  if (attempt < 0 || attempt >= rule.max_retries) return std::nullopt;
  if (retry_after) {
    if (*retry_after > rule.ceiling) return std::nullopt;
    return std::max(*retry_after, milliseconds(0));
  }
  // Doubling stops before it can overflow: 2^20 times any base is beyond every ceiling in use.
  const std::int64_t factor = std::int64_t{1} << std::min(attempt, 20);
  const std::int64_t base = std::max<std::int64_t>(rule.base.count(), 0);
  const std::int64_t ceiling = std::max<std::int64_t>(rule.ceiling.count(), 0);
  const std::int64_t full = base > ceiling / factor ? ceiling : base * factor;
  const std::int64_t half = full / 2;
  const double jitter = std::clamp(fraction, 0.0, 1.0);
  return milliseconds(full - half + static_cast<std::int64_t>(static_cast<double>(half) * jitter));
}

}  // namespace portolan::client
