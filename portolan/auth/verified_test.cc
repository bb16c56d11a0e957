#include "portolan/auth/verified.h"

#include <string>

#include <gtest/gtest.h>

namespace portolan::auth {
namespace {

TEST(VerifiedTest, RemembersForFiveMinutes) {
  FixedRandom random;
  Verified verified(random);
  ManualClock clock;
  const Verified::Key key = verified.KeyOf("Basic abc");
  EXPECT_EQ(verified.Find(key, clock.Now()), std::nullopt);
  verified.Remember(key, {.name = "ada"}, clock.Now());
  clock.Advance(std::chrono::minutes(3));
  EXPECT_EQ(verified.Find(key, clock.Now()), Identity{.name = "ada"});
  verified.Remember(key, {.name = "ada"}, clock.Now());  // does not prolong it
  clock.Advance(std::chrono::minutes(2) - std::chrono::nanoseconds(1));
  EXPECT_EQ(verified.Find(key, clock.Now()), Identity{.name = "ada"});
  clock.Advance(std::chrono::nanoseconds(1));
  EXPECT_EQ(verified.Find(key, clock.Now()), std::nullopt);
  verified.Remember(key, {.name = "ada"}, clock.Now());
  EXPECT_EQ(verified.Find(key, clock.Now()), Identity{.name = "ada"});
  EXPECT_EQ(verified.size(), 1U);
}

TEST(VerifiedTest, ForgetsTheOldestOfTooMany) {
  FixedRandom random;
  Verified verified(random);
  const ManualClock clock;
  for (int i = 0; i <= 4096; ++i) {
    verified.Remember(verified.KeyOf(std::to_string(i)), {.name = "ada"}, clock.Now());
  }
  EXPECT_EQ(verified.size(), 4096U);
  EXPECT_EQ(verified.Find(verified.KeyOf("0"), clock.Now()), std::nullopt);
  EXPECT_NE(verified.Find(verified.KeyOf("1"), clock.Now()), std::nullopt);
  EXPECT_NE(verified.Find(verified.KeyOf("4096"), clock.Now()), std::nullopt);
}

TEST(VerifiedTest, ForgetsEverything) {
  FixedRandom random;
  Verified verified(random);
  const ManualClock clock;
  verified.Remember(verified.KeyOf("a"), {.name = "ada"}, clock.Now());
  verified.Clear();
  EXPECT_EQ(verified.size(), 0U);
  EXPECT_EQ(verified.Find(verified.KeyOf("a"), clock.Now()), std::nullopt);
}

TEST(VerifiedTest, KeysAreOfThisObjectAlone) {
  FixedRandom random;
  const Verified one(random);
  const Verified two(random);
  EXPECT_EQ(one.KeyOf("a"), one.KeyOf("a"));
  EXPECT_NE(one.KeyOf("a"), one.KeyOf("b"));
  EXPECT_NE(one.KeyOf("a"), two.KeyOf("a"));
}

}  // namespace
}  // namespace portolan::auth
