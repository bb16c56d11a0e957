#include "portolan/cli/natural_order.h"

#include <algorithm>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace portolan::cli {
namespace {

TEST(CompareNatural, OrdersNumbersByValue) {
  const std::vector<std::string> ordered = {"",
                                            "1.0",
                                            "1.0-rc1",
                                            "1.0-rc9",
                                            "1.0-rc10",
                                            "1.2",
                                            "1.02",
                                            "1.9",
                                            "1.10",
                                            "2",
                                            "007",
                                            "7",
                                            "18446744073709551616",
                                            "118446744073709551616",
                                            "a",
                                            "a1",
                                            "a1b",
                                            "a2",
                                            "a10",
                                            "latest",
                                            "v9",
                                            "v10"};
  // Equal values with different zeros are ordered bytewise.
  std::vector<std::string> expected = ordered;
  std::ranges::swap(expected[5], expected[6]);
  std::vector<std::string> sorted = expected;
  std::ranges::reverse(sorted);
  std::ranges::sort(sorted, [](const auto& a, const auto& b) { return CompareNatural(a, b) < 0; });
  EXPECT_EQ(sorted, expected);
}

TEST(CompareNatural, IsEqualOnlyForEqualTexts) {
  EXPECT_EQ(CompareNatural("1.2", "1.2"), std::strong_ordering::equal);
  EXPECT_EQ(CompareNatural("1.02", "1.2"), std::strong_ordering::less);
  EXPECT_EQ(CompareNatural("1.2", "1.02"), std::strong_ordering::greater);
  EXPECT_EQ(CompareNatural("00", "0"), std::strong_ordering::greater);
  EXPECT_EQ(CompareNatural("a\xff", "ab"), std::strong_ordering::greater);
}

}  // namespace
}  // namespace portolan::cli
