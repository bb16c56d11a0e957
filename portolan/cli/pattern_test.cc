#include "portolan/cli/pattern.h"

#include <gtest/gtest.h>

namespace portolan::cli {
namespace {

TEST(Pattern, GlobsMatchWholeTexts) {
  struct Row {
    const char* glob;
    const char* text;
    bool expected;
  };
  const Row rows[] = {
      {"1.*", "1.2", true},
      {"1.*", "21.2", false},
      {"1.*", "1x2", false},
      {"*", "", true},
      {"*", "a/b", true},
      {"?", "a", true},
      {"?", "", false},
      {"[a-c]x", "bx", true},
      {"[a-c]x", "dx", false},
      {"[!a-c]x", "dx", true},
      {"[^a-c]x", "ax", false},
      {"[]a]", "]", true},
      {"[a-]", "-", true},
      {"[a^]", "^", true},
      {"{a,b}c", "bc", true},
      {"{a,b}c", "cc", false},
      {"{a,{b,d}}", "d", true},
      {"{,x}y", "y", true},
      {"a,b", "a,b", true},
      {"a}b", "a}b", true},
      {"\\*", "*", true},
      {"\\*", "x", false},
      {"a+b", "a+b", true},
      {"a+b", "aab", false},
      {"(a|b)", "a", false},
      {"v[0-9].[0-9]*", "v1.20", true},
      {"[\\]]", "]", true},
      {"*-alpine", "3.1-alpine", true},
      {"sha256-*", "sha256-00", true},
      {"a$", "a", false},
      {"*a*a*a*a*a*a*a*a*b", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", false}};
  for (const Row& row : rows) {
    SCOPED_TRACE(std::string(row.glob) + " ~ " + row.text);
    const auto pattern = Pattern::FromGlob(row.glob);
    ASSERT_TRUE(pattern.has_value());
    EXPECT_EQ(pattern->Matches(row.text), row.expected);
  }
}

TEST(Pattern, SaysWhatIsWrongWithAGlob) {
  struct Row {
    const char* glob;
    const char* message;
  };
  const Row rows[] = {{"[a", "glob \"[a\": a [ without ]"},
                      {"{a", "glob \"{a\": a { without }"},
                      {"a\\", "glob \"a\\\": a \\ at its end"},
                      {"[z-a]", "glob \"[z-a]\": a set in it makes no sense"},
                      {"{{{{{{{{{{{a}}}}}}}}}}}",
                       "glob \"{{{{{{{{{{{a}}}}}}}}}}}\": too many { inside each other"}};
  for (const Row& row : rows) {
    SCOPED_TRACE(row.glob);
    const auto pattern = Pattern::FromGlob(row.glob);
    ASSERT_FALSE(pattern.has_value());
    EXPECT_EQ(pattern.error().code, ErrorCode::kUsage);
    EXPECT_EQ(pattern.error().message, row.message);
  }
}

TEST(Pattern, RegularExpressionsAreFoundAnywhere) {
  const auto pattern = Pattern::FromRegex("[0-9]+\\.[0-9]+$");
  ASSERT_TRUE(pattern.has_value());
  EXPECT_TRUE(pattern->Matches("v1.2"));
  EXPECT_FALSE(pattern->Matches("1.2-rc"));
  const auto bad = Pattern::FromRegex("(");
  ASSERT_FALSE(bad.has_value());
  EXPECT_EQ(bad.error().code, ErrorCode::kUsage);
  EXPECT_TRUE(bad.error().message.starts_with("regular expression \"(\": ")) << bad.error().message;
}

}  // namespace
}  // namespace portolan::cli
