#include "portolan/client/seen_names.h"

#include <string>

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace portolan::client {
namespace {

TEST(SeenNamesTest, TellsNewFromOld) {
  SeenNames seen;
  EXPECT_TRUE(seen.Add("a"));
  EXPECT_TRUE(seen.Add("b"));
  EXPECT_FALSE(seen.Add("a"));
  EXPECT_TRUE(seen.Add(""));
  EXPECT_FALSE(seen.Add(""));
  EXPECT_EQ(seen.size(), 3);
}

TEST(SeenNamesTest, BytesAndLengthsMatter) {
  SeenNames seen(0);
  EXPECT_TRUE(seen.Add(std::string_view("a\0", 2)));
  EXPECT_TRUE(seen.Add("a")) << "a trailing zero is part of the name";
  EXPECT_TRUE(seen.Add("12345678"));
  EXPECT_TRUE(seen.Add("123456789"));
  EXPECT_TRUE(seen.Add("123456780"));
  EXPECT_FALSE(seen.Add("12345678"));
}

TEST(SeenNamesTest, StaysExactWhileItGrows) {
  for (const std::uint64_t seed : {std::uint64_t{0}, std::uint64_t{1}, ~std::uint64_t{0}}) {
    SeenNames seen(seed);
    for (int i = 0; i < 20'000; ++i)
      EXPECT_TRUE(seen.Add(fmt::format("v1.{}.{}", i / 100, i % 100)));
    for (int i = 0; i < 20'000; ++i)
      EXPECT_FALSE(seen.Add(fmt::format("v1.{}.{}", i / 100, i % 100)));
    EXPECT_EQ(seen.size(), 20'000);
  }
}

}  // namespace
}  // namespace portolan::client
