#include "portolan/cli/semver.h"

#include <gtest/gtest.h>

namespace portolan::cli {
namespace {

TEST(Version3, ReadsTagsThatAreVersions) {
  struct Row {
    const char* text;
    Version3 expected;
  };
  const Row rows[] = {{"1.2.3", {1, 2, 3, ""}},
                      {"v1.2.3", {1, 2, 3, ""}},
                      {"V1", {1, 0, 0, ""}},
                      {"1.2", {1, 2, 0, ""}},
                      {"22.04", {22, 4, 0, ""}},
                      {"1.2.3-rc.1", {1, 2, 3, "rc.1"}},
                      {"1.2-alpine", {1, 2, 0, "alpine"}},
                      {"1.2.3+build.5", {1, 2, 3, ""}},
                      {"1.2.3-a-b+c-d", {1, 2, 3, "a-b"}},
                      {"18446744073709551615.0.0", {18446744073709551615U, 0, 0, ""}}};
  for (const Row& row : rows) {
    SCOPED_TRACE(row.text);
    const auto version = Version3::Parse(row.text);
    ASSERT_TRUE(version.has_value());
    EXPECT_EQ(*version, row.expected);
  }
}

TEST(Version3, RefusesEverythingElse) {
  for (const char* text : {"", "v", "latest", "1.2.3.4", "1.", "1..2", "-1", "1.2.3-", "1.2.3+",
                           "1.2.3-a..b", "1.2.3-a_b", "1.2.3 ", "1.x", "18446744073709551616",
                           "vv1", "1.2.3+a+b", ".1", "1.2.3-.a"}) {
    SCOPED_TRACE(text);
    EXPECT_FALSE(Version3::Parse(text).has_value());
  }
}

TEST(Version3, IsOrderedByPrecedence) {
  // semver.org §11, and numbers beyond 64 bits in pre-releases.
  const char* const ordered[] = {
      "0.9.9",        "1.0.0-1",       "1.0.0-20",         "1.0.0-99999999999999999999999",
      "1.0.0-alpha",  "1.0.0-alpha.1", "1.0.0-alpha.beta", "1.0.0-beta",
      "1.0.0-beta.2", "1.0.0-beta.11", "1.0.0-rc.1",       "1.0.0",
      "1.0.1",        "1.2.0",         "1.10.0",           "2.0.0"};
  for (std::size_t i = 0; i < std::size(ordered); ++i) {
    for (std::size_t j = 0; j < std::size(ordered); ++j) {
      SCOPED_TRACE(std::string(ordered[i]) + " <=> " + ordered[j]);
      const auto order = *Version3::Parse(ordered[i]) <=> *Version3::Parse(ordered[j]);
      EXPECT_EQ(order < 0, i < j);
      EXPECT_EQ(order > 0, i > j);
    }
  }
}

TEST(VersionRange, ContainsWhatNpmSays) {
  struct Row {
    const char* range;
    const char* inside;  // versions with spaces between
    const char* outside;
  };
  const Row rows[] = {{"1.2.3", "1.2.3 v1.2.3 1.2.3+b", "1.2.4 1.2.2 1.2.3-rc1"},
                      {"=1.2.3", "1.2.3", "1.2.4"},
                      {"==1.2", "1.2.0 1.2.9", "1.3.0 1.1.9"},
                      {"!=1.2.3", "1.2.4 0.1", "1.2.3"},
                      {"!=1.2", "1.3.0 1.1.9", "1.2.0 1.2.7"},
                      {">1.2.3", "1.2.4 2", "1.2.3 1.2.4-a"},
                      {">1.2", "1.3.0", "1.2.0 1.2.9"},
                      {">=1.2", "1.2.0 9", "1.1.9 1.2.0-rc1"},
                      {"<1.2", "1.1.9", "1.2.0 1.2.0-rc1"},
                      {"<=1.2", "1.2.9", "1.3.0"},
                      {"<=1.2.3", "1.2.3", "1.2.4"},
                      {"^1.2.3", "1.2.3 1.9.0", "1.2.2 2.0.0 2.0.0-rc.1"},
                      {"^0.2.3", "0.2.3 0.2.9", "0.3.0 0.2.2"},
                      {"^0.0.3", "0.0.3", "0.0.4 0.0.2"},
                      {"^0.0", "0.0.9", "0.1.0"},
                      {"^0", "0.9.9", "1.0.0"},
                      {"^1", "1.0.0 1.9.9", "2.0.0 0.9.9"},
                      {"^1.x", "1.5.0", "2.0.0"},
                      {"~1.2.3", "1.2.3 1.2.9", "1.3.0 1.2.2"},
                      {"~1.2", "1.2.0 1.2.9", "1.3.0"},
                      {"~1", "1.0.0 1.9.9", "2.0.0"},
                      {"~> 1.2", "1.2.5", "1.3.0"},
                      {"1.x", "1.0.0 1.9.9", "2.0.0 0.9.9"},
                      {"1.2.*", "1.2.9", "1.3.0"},
                      {"1.2", "1.2.9", "1.3.0"},
                      {"*", "0.0.0 9.9.9", "1.0.0-rc1"},
                      {">*", "", "0.0.0 9.9.9"},
                      {"<*", "", "0.0.0 9.9.9"},
                      {"1.2 - 1.4", "1.2.0 1.4.9", "1.1.9 1.5.0"},
                      {"1.2.3 - 2.3.4", "1.2.3 2.3.4", "2.3.5 1.2.2"},
                      {">=1.20 <2", "1.20.0 1.99.0", "1.19.0 2.0.0 2.0.0-rc1"},
                      {">=1.20,<2", "1.20.0", "2.0.0"},
                      {">= 1.20 , < 2", "1.20.0", "2.0.0"},
                      {"1.27.x || 1.28.x", "1.27.1 1.28.9", "1.26.9 1.29.0"},
                      {"1||3", "1.1.1 3.0.0", "2.0.0"},
                      {"^1.2.3-beta.2", "1.2.3-beta.2 1.2.3-beta.10 1.2.3 1.5.0",
                       "1.2.3-beta.1 1.2.4-beta.2 2.0.0"},
                      {">=1.3.0-0", "1.3.0-rc.1 1.3.0 1.4.0", "1.4.0-rc.1"},
                      {"1.2-rc1", "1.2.0-rc1", "1.2.0 1.2.1"},
                      {">=1.0.0-a <1.0.0", "1.0.0-b", "1.0.0 1.0.1-a"},
                      {"v1.2.3", "1.2.3", "1.2.4"},
                      {"^18446744073709551615", "", "1.0.0"}};
  for (const Row& row : rows) {
    SCOPED_TRACE(row.range);
    const auto range = VersionRange::Parse(row.range);
    ASSERT_TRUE(range.has_value()) << range.error().message;
    for (const auto& [texts, expected] :
         {std::pair(std::string(row.inside), true), {std::string(row.outside), false}}) {
      for (std::size_t begin = 0; begin < texts.size();) {
        const std::size_t end = std::min(texts.find(' ', begin), texts.size());
        const std::string text = texts.substr(begin, end - begin);
        EXPECT_EQ(range->Contains(*Version3::Parse(text)), expected) << text;
        begin = end + 1;
      }
    }
  }
}

TEST(VersionRange, NamesThePartThatIsWrong) {
  struct Row {
    const char* range;
    const char* message;
  };
  const Row rows[] = {{"", "version range \"\": a version is missing"},
                      {"latest", "version range \"latest\": \"latest\" is not a version"},
                      {"1 ||", "version range \"1 ||\": a version is missing"},
                      {">=", "version range \">=\": a version is missing"},
                      {"1.2,", "version range \"1.2,\": a version is missing"},
                      {"1.2 -", "version range \"1.2 -\": a version is missing"},
                      {"1.x.3", "version range \"1.x.3\": \"1.x.3\" is not a version"},
                      {"1.2.3.4", "version range \"1.2.3.4\": \"1.2.3.4\" is not a version"},
                      {"1.", "version range \"1.\": \"1.\" is not a version"},
                      {"1.x-rc1", "version range \"1.x-rc1\": \"1.x-rc1\" is not a version"},
                      {">>1", "version range \">>1\": \">1\" is not a version"},
                      {"*-rc", "version range \"*-rc\": \"*-rc\" is not a version"}};
  for (const Row& row : rows) {
    SCOPED_TRACE(row.range);
    const auto range = VersionRange::Parse(row.range);
    ASSERT_FALSE(range.has_value());
    EXPECT_EQ(range.error().code, ErrorCode::kUsage);
    EXPECT_EQ(range.error().message, row.message);
  }
}

}  // namespace
}  // namespace portolan::cli
