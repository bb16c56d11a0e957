#include "portolan/base/random.h"

#include <algorithm>
#include <array>
#include <vector>

#include <gtest/gtest.h>

namespace portolan {
namespace {

std::vector<std::byte> Bytes(Random& random, std::size_t size) {
  std::vector<std::byte> bytes(size);
  random.Fill(bytes);
  return bytes;
}

TEST(SystemRandomTest, FillsTheWholeSpan) {
  // 1000 bytes: more than one call of the kernel gives. A run of 16 zeros has no chance worth
  // naming.
  const std::vector<std::byte> bytes = Bytes(SystemRandom(), 1000);
  const std::vector<std::byte> zeros(16);
  EXPECT_TRUE(std::ranges::search(bytes, zeros).empty());
  EXPECT_NE(Bytes(SystemRandom(), 32), Bytes(SystemRandom(), 32));
}

TEST(SystemRandomTest, EmptySpanIsFine) { EXPECT_TRUE(Bytes(SystemRandom(), 0).empty()); }

TEST(FixedRandomTest, SameSeedSameSequence) {
  FixedRandom a(7);
  FixedRandom b(7);
  FixedRandom c(8);
  const auto first = Bytes(a, 64);
  EXPECT_EQ(Bytes(b, 64), first);
  EXPECT_NE(Bytes(c, 64), first);
  EXPECT_NE(Bytes(a, 64), first);
}

TEST(RandomTest, FractionsAreSpreadOverTheUnitInterval) {
  FixedRandom random;
  std::array<int, 10> buckets{};
  for (int i = 0; i < 10000; ++i) {
    const double fraction = random.Fraction();
    ASSERT_GE(fraction, 0.0);
    ASSERT_LT(fraction, 1.0);
    ++buckets[static_cast<std::size_t>(fraction * 10)];
  }
  for (const int count : buckets) {
    EXPECT_GT(count, 800);
    EXPECT_LT(count, 1200);
  }
}

class AllOnes final : public Random {
 public:
  void Fill(std::span<std::byte> out) override { std::ranges::fill(out, std::byte{0xff}); }
};

TEST(RandomTest, LargestFractionIsBelowOne) {
  AllOnes random;
  EXPECT_LT(random.Fraction(), 1.0);
  EXPECT_GT(random.Fraction(), 0.999999);
}

}  // namespace
}  // namespace portolan
