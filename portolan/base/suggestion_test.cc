#include "portolan/base/suggestion.h"

#include <gtest/gtest.h>

namespace portolan {
namespace {

TEST(EditDistance, CountsMistakes) {
  struct Row {
    const char* a;
    const char* b;
    int expected;
  };
  const Row rows[] = {
      {"", "", 0},      {"abc", "abc", 0}, {"abc", "abd", 1},        {"abc", "ab", 1},
      {"ab", "abc", 1}, {"abc", "acb", 1}, {"kitten", "sitting", 3}, {"", "abc", 3}};
  for (const Row& row : rows) {
    SCOPED_TRACE(std::string(row.a) + " " + row.b);
    EXPECT_EQ(EditDistance(row.a, row.b), row.expected);
  }
}

TEST(NearestWord, FindsMisspellingsOnly) {
  const std::vector<std::string> words = {"list-tags", "list-repos", "login",
                                          "logout",    "--limit",    "-o"};
  EXPECT_EQ(NearestWord("list-tgas", words), "list-tags");
  EXPECT_EQ(NearestWord("lst-repos", words), "list-repos");
  EXPECT_EQ(NearestWord("logn", words), "login");
  EXPECT_EQ(NearestWord("--lmit", words), "--limit");
  EXPECT_EQ(NearestWord("-limit", words), "--limit");
  EXPECT_EQ(NearestWord("list-t", words), "list-tags");
  EXPECT_EQ(NearestWord("frobnicate", words), std::nullopt);
  EXPECT_EQ(NearestWord("--", words), std::nullopt);
  EXPECT_EQ(NearestWord("", words), std::nullopt);
}

}  // namespace
}  // namespace portolan
