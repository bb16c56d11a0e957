// Time as an interface, so that tests turn the hands.
#pragma once

#include <chrono>

namespace portolan {

/// Both of the system's clocks. Implementations are safe to use from several threads.
class Clock {
 public:
  using Duration = std::chrono::nanoseconds;
  /// A point on the monotonic clock, which counts on while the machine sleeps and which nobody
  /// sets.
  using Instant = std::chrono::time_point<Clock, Duration>;
  using WallTime = std::chrono::system_clock::time_point;

  virtual ~Clock() = default;

  /// Since the machine started (CLOCK_BOOTTIME). For lifetimes, deadlines and measured times.
  virtual Instant Now() const = 0;
  /// The date. Only to be printed, or compared with dates that a peer sent; it can jump.
  virtual WallTime WallNow() const = 0;
};

/// The machine's clocks. Lives as long as the program.
const Clock& SystemClock();

/// A clock that stands still until a test moves it. Not for use from several threads.
class ManualClock final : public Clock {
 public:
  Instant Now() const override { return now_; }
  WallTime WallNow() const override { return wall_; }

  /// Moves both clocks.
  void Advance(Duration by) {
    now_ += by;
    wall_ += std::chrono::duration_cast<std::chrono::system_clock::duration>(by);
  }
  /// Sets the date alone, as an operator or NTP would.
  void SetWall(WallTime wall) { wall_ = wall; }

 private:
  Instant now_{std::chrono::hours(1)};
  WallTime wall_{
      std::chrono::seconds(1'679'981'934)};  // 28 March 2023, the day of the founding document
};

}  // namespace portolan
