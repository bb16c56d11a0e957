#include "portolan/cli/selection.h"

#include <gtest/gtest.h>

namespace portolan::cli {
namespace {

using Names = std::vector<std::string_view>;

Names Select(const SelectionFlags& flags, const Names& names) {
  const auto selection = Selection::Make(flags);
  EXPECT_TRUE(selection.has_value());
  Names out;
  for (const std::string_view name : names) {
    if (selection->Keeps(name)) out.push_back(name);
  }
  selection->Order(out);
  return out;
}

const Names kTags = {"latest", "1.10", "v1.9", "1.10-rc.1", "edge", "2.0", "1.10-alpine"};

TEST(Selection, KeepsWhatMatches) {
  struct Row {
    const char* name;
    SelectionFlags flags;
    Names expected;
  };
  const Row rows[] = {
      {"nothing asked", {}, kTags},
      {"one of several globs", {.match = {"e*", "2.*"}}, {"edge", "2.0"}},
      {"one of several expressions", {.regex = {"^l", "rc"}}, {"latest", "1.10-rc.1"}},
      {"kinds are joined with and",
       {.match = {"1.*"}, .regex = {"-"}},
       {"1.10-rc.1", "1.10-alpine"}},
      {"versions only", {.semver = "1"}, {"1.10", "v1.9"}},
      {"pre-releases when named",
       {.semver = ">=1.10-a"},
       {"1.10", "1.10-rc.1", "2.0", "1.10-alpine"}},
      {"exclusion wins", {.match = {"1.10*"}, .exclude = {"*-rc*", "*-alpine"}}, {"1.10"}},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.name);
    EXPECT_EQ(Select(row.flags, kTags), row.expected);
  }
}

TEST(Selection, Orders) {
  struct Row {
    const char* sort;
    bool reverse;
    Names expected;
  };
  const Row rows[] = {
      {"registry", false, kTags},
      {"registry", true, {"1.10-alpine", "2.0", "edge", "1.10-rc.1", "v1.9", "1.10", "latest"}},
      {"lexical", false, {"1.10", "1.10-alpine", "1.10-rc.1", "2.0", "edge", "latest", "v1.9"}},
      {"lexical", true, {"v1.9", "latest", "edge", "2.0", "1.10-rc.1", "1.10-alpine", "1.10"}},
      {"natural", false, {"1.10", "1.10-alpine", "1.10-rc.1", "2.0", "edge", "latest", "v1.9"}},
      {"semver", false, {"v1.9", "1.10-alpine", "1.10-rc.1", "1.10", "2.0", "edge", "latest"}},
      {"semver", true, {"2.0", "1.10", "1.10-rc.1", "1.10-alpine", "v1.9", "latest", "edge"}},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(std::string(row.sort) + (row.reverse ? " reversed" : ""));
    EXPECT_EQ(Select({.sort = row.sort, .reverse = row.reverse}, kTags), row.expected);
  }
}

TEST(Selection, EqualVersionsAreInNaturalOrder) {
  EXPECT_EQ(Select({.sort = "semver"}, {"v1.0.0", "1.0.0", "1.0", "1"}),
            (Names{"1", "1.0", "1.0.0", "v1.0.0"}));
}

TEST(Selection, KnowsWhetherItNeedsTheWholeList) {
  EXPECT_FALSE(Selection::Make({})->orders());
  EXPECT_FALSE(Selection::Make({})->filters());
  EXPECT_TRUE(Selection::Make({.sort = "lexical"})->orders());
  EXPECT_TRUE(Selection::Make({.reverse = true})->orders());
  EXPECT_TRUE(Selection::Make({.exclude = {"x"}})->filters());
  EXPECT_EQ(Selection::Make({.limit = 3})->limit(), 3U);
}

TEST(Selection, NamesTheFlagThatIsWrong) {
  struct Row {
    SelectionFlags flags;
    const char* message_start;
  };
  const Row rows[] = {{{.match = {"["}}, "--match: glob \"[\""},
                      {{.regex = {"("}}, "--regex: regular expression \"(\""},
                      {{.semver = "x.y"}, "--semver: version range \"x.y\""},
                      {{.exclude = {"{"}}, "--exclude: glob \"{\""},
                      {{.sort = "date"}, "--sort: no order \"date\""},
                      {{.limit = 0}, "--limit must be at least 1"},
                      {{.limit = -1}, "--limit must be at least 1"}};
  for (const Row& row : rows) {
    SCOPED_TRACE(row.message_start);
    const auto selection = Selection::Make(row.flags);
    ASSERT_FALSE(selection.has_value());
    EXPECT_EQ(selection.error().code, ErrorCode::kUsage);
    EXPECT_TRUE(selection.error().message.starts_with(row.message_start))
        << selection.error().message;
  }
}

}  // namespace
}  // namespace portolan::cli
