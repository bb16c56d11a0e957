#include "portolan/auth/api_key.h"

#include <map>
#include <set>
#include <string>

#include <gtest/gtest.h>

namespace portolan::auth {
namespace {

TEST(ApiKeyTest, NewOnesAreRecognisedAndAllDifferent) {
  FixedRandom random;
  std::set<std::string> seen;
  std::map<char, int> digits;
  for (int i = 0; i < 1000; ++i) {
    const std::string text = NewApiKeyText(random).Reveal();
    EXPECT_EQ(text.size(), 44U);
    EXPECT_TRUE(IsApiKeyText(text)) << text;
    EXPECT_TRUE(seen.insert(text).second);
    for (const char c : text.substr(4)) ++digits[c];
  }
  EXPECT_EQ(digits.size(), 62U);
  for (const auto& [digit, count] : digits) {  // 645 expected, deviation 25
    EXPECT_NEAR(count, 645, 130) << digit;
  }
}

TEST(ApiKeyTest, WhatIsTakenForOne) {
  struct Row {
    std::string text;
    bool is_key;
  };
  const Row rows[] = {
      {"ptk_" + std::string(32, 'a'), true},
      {"ptk_" + std::string(64, 'Z'), true},
      {"ptk_" + std::string(31, 'a'), false},
      {"ptk_" + std::string(65, 'a'), false},
      {"ptk_" + std::string(40, '-'), false},
      {"PTK_" + std::string(40, 'a'), false},
      {"ptk_", false},
      {"", false},
      {"secret", false},
  };
  for (const Row& row : rows) EXPECT_EQ(IsApiKeyText(row.text), row.is_key) << row.text;
}

}  // namespace
}  // namespace portolan::auth
