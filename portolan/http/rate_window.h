// How fast a peer is while it is waited for.
#pragma once

#include <chrono>
#include <cstdint>

#include "portolan/base/clock.h"

namespace portolan::http {

/// Bytes that a peer sent or took, over windows of time in which it was waited for: time that we
/// took ourselves does not count against it.
class RateWindow {
 public:
  void Moved(std::uint64_t bytes) { bytes_ += bytes; }
  void Waited(Clock::Duration time) { waited_ += time; }
  Clock::Duration waited() const { return waited_; }

  /// Whether it was waited for during a whole window and moved less than `min_rate` bytes a second
  /// in it; another window begins then.
  bool TooSlow(std::chrono::seconds window, std::uint64_t min_rate) {
    if (waited_ < window) return false;
    const bool slow = bytes_ < min_rate * static_cast<std::uint64_t>(window.count());
    *this = {};
    return slow;
  }

 private:
  Clock::Duration waited_{};
  std::uint64_t bytes_ = 0;
};

}  // namespace portolan::http
