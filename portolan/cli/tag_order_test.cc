#include "portolan/cli/tag_order.h"

#include <string>

#include <gtest/gtest.h>

#include "portolan/base/date.h"

namespace portolan::cli {
namespace {

using client::TagInfo;

std::vector<TagInfo> Rows() {
  struct Row {
    const char* tag;
    const char* created;
    std::optional<std::uint64_t> size;
  };
  const Row rows[] = {{"latest", "2024-03-01", 5},
                      {"1.10", "2024-02-01", {}},
                      {"1.9", "", 5},
                      {"2.0-rc1", "2024-01-01", 9},
                      {"B", "2024-03-01", 1}};
  std::vector<TagInfo> out;
  for (const Row& row : rows) {
    TagInfo& info = out.emplace_back();
    info.tag = row.tag;
    info.created = ParseDate(row.created);
    info.pushed = info.created;
    info.size = row.size;
  }
  return out;
}

TEST(TagOrder, EveryOrderInBothDirections) {
  struct Row {
    const char* order;
    bool reverse;
    const char* tags;
  };
  const Row rows[] = {{"natural", false, "1.9 1.10 2.0-rc1 B latest "},
                      {"natural", true, "latest B 2.0-rc1 1.10 1.9 "},
                      {"name", false, "1.10 1.9 2.0-rc1 B latest "},
                      {"semver", false, "1.9 1.10 2.0-rc1 B latest "},
                      {"semver", true, "2.0-rc1 1.10 1.9 latest B "},
                      {"created", false, "B latest 1.10 2.0-rc1 1.9 "},
                      {"created", true, "2.0-rc1 1.10 B latest 1.9 "},
                      {"pushed", false, "B latest 1.10 2.0-rc1 1.9 "},
                      {"size", false, "2.0-rc1 1.9 latest B 1.10 "},
                      {"size", true, "B 1.9 latest 2.0-rc1 1.10 "}};
  for (const Row& row : rows) {
    SCOPED_TRACE(std::string(row.order) + (row.reverse ? " reverse" : ""));
    std::vector<TagInfo> infos = Rows();
    TagOrder::Parse(row.order, row.reverse)->Sort(infos);
    std::string tags;
    for (const TagInfo& info : infos) tags += info.tag + " ";
    EXPECT_EQ(tags, row.tags);
  }
}

TEST(TagOrder, UnknownOrdersAreNamed) {
  const auto order = TagOrder::Parse("age", false);
  ASSERT_FALSE(order);
  EXPECT_EQ(order.error().code, ErrorCode::kUsage);
  EXPECT_TRUE(order.error().hint.contains("created"));
}

TEST(Since, DatesAndDurations) {
  const Clock::WallTime now = *ParseDate("2024-03-31T12:00:00Z");
  struct Row {
    const char* text;
    const char* time;  // empty: refused
  };
  const Row rows[] = {{"2024-01-01", "2024-01-01T00:00:00Z"},
                      {"2024-01-01T01:00:00+01:00", "2024-01-01T00:00:00Z"},
                      {"36h", "2024-03-30T00:00:00Z"},
                      {"7d", "2024-03-24T12:00:00Z"},
                      {"1w", "2024-03-24T12:00:00Z"},
                      {"1d12h", "" /* days stand alone */},
                      {"9999999w", ""},
                      {"yesterday", ""},
                      {"-3d", ""},
                      {"d", ""}};
  for (const Row& row : rows) {
    SCOPED_TRACE(row.text);
    const auto since = ParseSince(row.text, now);
    EXPECT_EQ(since ? FormatDate(*since) : "", row.time);
  }
}

}  // namespace
}  // namespace portolan::cli
