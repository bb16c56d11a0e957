#include "portolan/server/pull_limits.h"

#include <string>

#include <gtest/gtest.h>

namespace portolan::server {
namespace {

TEST(PullLimitsTest, EachClientHasAWindowOfItsOwn) {
  ManualClock clock;
  PullLimits limits(std::chrono::hours(6), clock);
  EXPECT_EQ(limits.Look("a", 2, false).remaining, 2) << "looking takes none";
  EXPECT_EQ(limits.Look("a", 2, true).remaining, 1);
  clock.Advance(std::chrono::hours(5));
  EXPECT_EQ(limits.Look("a", 2, true).remaining, 0);
  EXPECT_TRUE(limits.Look("a", 2, true).refused);
  EXPECT_FALSE(limits.Look("a", 2, false).refused);
  EXPECT_EQ(limits.Look("b", 2, true).remaining, 1);
  clock.Advance(std::chrono::hours(1));
  EXPECT_EQ(limits.Look("a", 2, true).remaining, 1) << "the window was over";
}

TEST(PullLimitsTest, ManyClientsDoNotFillMemory) {
  ManualClock clock;
  PullLimits limits(std::chrono::hours(6), clock);
  limits.Look("first", 9, true);
  for (std::size_t i = 1; i < PullLimits::kMaxClients; ++i) {
    limits.Look(std::to_string(i), 9, true);
  }
  EXPECT_EQ(limits.Look("first", 9, false).remaining, 8);
  limits.Look("one more", 9, true);
  EXPECT_EQ(limits.Look("first", 9, false).remaining, 9) << "the oldest was forgotten";
}

}  // namespace
}  // namespace portolan::server
