#include "portolan/base/clock.h"

#include <chrono>

#include <gtest/gtest.h>

namespace portolan {
namespace {

using std::chrono::seconds;

TEST(SystemClockTest, MonotonicClockDoesNotGoBack) {
  const Clock& clock = SystemClock();
  Clock::Instant last = clock.Now();
  EXPECT_GT(last, Clock::Instant{});
  for (int i = 0; i < 1000; ++i) {
    const Clock::Instant now = clock.Now();
    EXPECT_GE(now, last);
    last = now;
  }
}

TEST(SystemClockTest, DateIsTheSystems) {
  const auto before = std::chrono::system_clock::now();
  const auto now = SystemClock().WallNow();
  EXPECT_GE(now, before);
  EXPECT_LE(now, before + seconds(60));
}

TEST(ManualClockTest, StandsStillUntilMoved) {
  ManualClock clock;
  const auto now = clock.Now();
  const auto wall = clock.WallNow();
  EXPECT_EQ(clock.Now(), now);
  clock.Advance(seconds(5));
  EXPECT_EQ(clock.Now(), now + seconds(5));
  EXPECT_EQ(clock.WallNow(), wall + seconds(5));
}

TEST(ManualClockTest, SettingTheDateLeavesTheMonotonicClock) {
  ManualClock clock;
  const auto now = clock.Now();
  clock.SetWall(Clock::WallTime(seconds(1)));
  EXPECT_EQ(clock.WallNow(), Clock::WallTime(seconds(1)));
  EXPECT_EQ(clock.Now(), now);
}

}  // namespace
}  // namespace portolan
