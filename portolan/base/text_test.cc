#include "portolan/base/text.h"

#include <array>
#include <string>

#include <gtest/gtest.h>

#include "portolan/base/hex.h"

namespace portolan {
namespace {

TEST(TextTest, AsciiLowerLeavesEverythingElse) {
  EXPECT_EQ(AsciiLower("AZaz09@[`{"), "azaz09@[`{");
  EXPECT_EQ(AsciiLower("\xc3\x9c\xff"), "\xc3\x9c\xff");
  EXPECT_EQ(AsciiLower(""), "");
}

TEST(TextTest, CharacterClasses) {
  for (int i = 0; i < 256; ++i) {
    const char c = static_cast<char>(i);
    const bool digit = std::string_view("0123456789").contains(c);
    const bool letter =
        std::string_view("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ").contains(c);
    EXPECT_EQ(IsAsciiDigit(c), digit) << i;
    EXPECT_EQ(IsAsciiAlnum(c), digit || letter) << i;
  }
}

TEST(TextTest, HttpTokens) {
  constexpr std::string_view kDelimiters = "\"(),/:;<=>?@[\\]{}";  // RFC 9110 §5.6.2
  for (int i = 0; i < 256; ++i) {
    const bool visible = i > 0x20 && i < 0x7f;
    const char c = static_cast<char>(i);
    EXPECT_EQ(IsHttpTokenChar(c), visible && !kDelimiters.contains(c)) << i;
  }
  EXPECT_TRUE(IsHttpToken("X-Meta!"));
  EXPECT_FALSE(IsHttpToken(""));
  EXPECT_FALSE(IsHttpToken("X Y"));
}

TEST(TextTest, EqualsIgnoreCase) {
  EXPECT_TRUE(EqualsIgnoreCase("Bearer", "bEARER"));
  EXPECT_TRUE(EqualsIgnoreCase("", ""));
  EXPECT_FALSE(EqualsIgnoreCase("a", ""));
  EXPECT_FALSE(EqualsIgnoreCase("a", "ab"));
  EXPECT_FALSE(EqualsIgnoreCase("[", "{"));
  EXPECT_FALSE(EqualsIgnoreCase("\xc3\x9c", "\xc3\xbc"));
}

TEST(TextTest, TrimSpace) {
  EXPECT_EQ(TrimSpace(" \t a b \r\n"), "a b");
  EXPECT_EQ(TrimSpace("a"), "a");
  EXPECT_EQ(TrimSpace(" \t"), "");
  EXPECT_EQ(TrimSpace(""), "");
  EXPECT_EQ(TrimSpace("\va\v"), "\va\v");
}

TEST(HexTest, TwoLowerCaseDigitsAByte) {
  const std::array bytes = {std::byte{0x00}, std::byte{0x0f}, std::byte{0xa5}, std::byte{0xff}};
  EXPECT_EQ(HexEncode(bytes), "000fa5ff");
  EXPECT_EQ(HexEncode({}), "");
}

}  // namespace
}  // namespace portolan
