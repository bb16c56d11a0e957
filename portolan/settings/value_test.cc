#include "portolan/settings/value.h"

#include <cstdint>
#include <string>

#include <gtest/gtest.h>

namespace portolan::settings {
namespace {

using std::chrono::seconds;

TEST(DurationTest, IsRead) {
  struct Row {
    const char* text;
    std::int64_t want;  // seconds; -1: refused
  };
  const Row rows[] = {
      {"0", 0},
      {"0s", 0},
      {"90s", 90},
      {"10m", 600},
      {"12h", 43200},
      {"30d", 2592000},
      {"1h30m", 5400},
      {"1d1h1m1s", 90061},
      {"36500d", 36500LL * 86400},
      {"36501d", -1},
      {"", -1},
      {"90", -1},
      {"s", -1},
      {"-1s", -1},
      {"+1s", -1},
      {"1.5h", -1},
      {"1 h", -1},
      {"1w", -1},
      {"1ms", -1},
      {"1H", -1},
      {"1hx", -1},
      {"36500d1s", -1},
      {"99999999999999999999s", -1},
      {"18446744073709551615d", -1},
      {" 1s", -1},
      {"never", -1},
  };
  for (const Row& row : rows) {
    seconds value(-1);
    const Expected expected = SetDuration(value, row.text);
    EXPECT_EQ(value.count(), row.want) << row.text;
    EXPECT_EQ(expected, row.want < 0 ? "a duration like 90s, 10m, 12h or 30d" : "") << row.text;
  }
}

TEST(DurationTest, HasALeast) {
  seconds value(5);
  EXPECT_EQ(SetDuration(value, "59s", seconds(60)), "a duration of at least 60s");
  EXPECT_EQ(value, seconds(5));
  EXPECT_EQ(SetDuration(value, "60s", seconds(60)), "");
  EXPECT_EQ(value, seconds(60));
}

TEST(DurationTest, MayBeNever) {
  std::optional<seconds> value;
  EXPECT_EQ(SetDurationOrNever(value, "1h"), "");
  EXPECT_EQ(value, seconds(3600));
  EXPECT_EQ(SetDurationOrNever(value, "never"), "");
  EXPECT_EQ(value, std::nullopt);
  EXPECT_EQ(SetDurationOrNever(value, "soon"), "a duration like 90s, 10m, 12h or 30d, or never");
}

TEST(SizeTest, IsRead) {
  struct Row {
    const char* text;
    std::uint64_t want;
    const char* expected;
  };
  constexpr std::uint64_t kBefore = 7;
  constexpr const char* kSize = "a size like 64KiB, 4MiB or 1GiB";
  const Row rows[] = {
      {"0", 0, ""},
      {"4096", 4096, ""},
      {"4096B", 4096, ""},
      {"64KiB", 65536, ""},
      {"4MiB", 4U << 20U, ""},
      {"1GiB", 1U << 30U, ""},
      {"1TiB", 1ULL << 40U, ""},
      {"2TiB", kBefore, "a size from 0 to 1TiB"},
      {"", kBefore, kSize},
      {"KiB", kBefore, kSize},
      {"64kb", kBefore, kSize},
      {"64KB", kBefore, kSize},
      {"64 KiB", kBefore, kSize},
      {"-1", kBefore, kSize},
      {"1.5MiB", kBefore, kSize},
      {"99999999999999999999", kBefore, kSize},
      {"18446744073709551615TiB", kBefore, kSize},
  };
  for (const Row& row : rows) {
    std::uint64_t value = kBefore;
    EXPECT_EQ(SetSize(value, row.text, 0, 1ULL << 40U), row.expected) << row.text;
    EXPECT_EQ(value, row.want) << row.text;
  }
  std::uint64_t value = 0;
  EXPECT_EQ(SetSize(value, "1MiB", 4U << 20U, 1500), "a size from 4MiB to 1500");
}

TEST(CountTest, IsRead) {
  struct Row {
    const char* text;
    int want;
  };
  const Row rows[] = {{"1", 1},
                      {"1000", 1000},
                      {"007", 7},
                      {"0", -1},
                      {"1001", -1},
                      {"", -1},
                      {"-1", -1},
                      {"1.0", -1},
                      {"1k", -1},
                      {"one", -1},
                      {"99999999999999999999", -1}};
  for (const Row& row : rows) {
    int value = -1;
    EXPECT_EQ(SetCount(value, row.text, 1, 1000),
              row.want < 0 ? "a whole number from 1 to 1000" : "")
        << row.text;
    EXPECT_EQ(value, row.want) << row.text;
  }
}

TEST(BoolTest, IsRead) {
  bool value = false;
  EXPECT_EQ(SetBool(value, "true"), "");
  EXPECT_TRUE(value);
  EXPECT_EQ(SetBool(value, "yes"), "true or false");
  EXPECT_TRUE(value);
  EXPECT_EQ(SetBool(value, "false"), "");
  EXPECT_FALSE(value);
}

TEST(TextTest, IsJudged) {
  std::string value;
  EXPECT_EQ(SetPath(value, "/a b/é"), "");
  EXPECT_EQ(value, "/a b/é");
  EXPECT_EQ(SetPath(value, ""), "a path");
  EXPECT_EQ(SetPath(value, std::string_view("a\0b", 3)), "a path");
  EXPECT_EQ(SetLine(value, "A registry"), "");
  EXPECT_EQ(value, "A registry");
  EXPECT_EQ(SetLine(value, "a\nb"), "one line of printable ASCII");
  EXPECT_EQ(SetLine(value, ""), "one line of printable ASCII");
  EXPECT_EQ(SetLine(value, "é"), "one line of printable ASCII");
  std::optional<Url> url;
  EXPECT_EQ(SetUrl(url, "https://registry.example.com:8443"), "");
  EXPECT_EQ(url->ToString(), "https://registry.example.com:8443/");
  EXPECT_EQ(SetUrl(url, "registry.example.com"), "an address like https://registry.example.com");
  EXPECT_EQ(SetUrl(url, "https://x/?a"), "an address like https://registry.example.com");
}

TEST(AddressTest, IsJudged) {
  struct Row {
    const char* text;
    bool known;
    bool loopback;
  };
  const Row rows[] = {
      {"127.0.0.1:5000", true, true},
      {"127.9.9.9:0", true, true},
      {"[::1]:5000", true, true},
      {"localhost:5000", true, true},
      {"unix:/run/portolan.sock", true, true},
      {":5000", true, false},
      {"0.0.0.0:5000", true, false},
      {"[::]:5000", true, false},
      {"10.0.0.1:65535", true, false},
      {"[::ffff:127.0.0.1]:5000", true, true},
      {"[2001:db8::1]:5000", true, false},
      {"", false, false},
      {"5000", false, false},
      {"127.0.0.1", false, false},
      {"127.0.0.1:", false, false},
      {"127.0.0.1:65536", false, false},
      {"127.0.0.1:-1", false, false},
      {"127.0.0.1:http", false, false},
      {"127.0.0:5000", false, false},
      {"127.evil.example:5000", false, false},
      {"::1:5000", false, false},
      {"[127.0.0.1]:5000", false, false},
      {"[::1]", false, false},
      {"registry.example.com:5000", false, false},
      {"unix:", false, false},
  };
  for (const Row& row : rows) {
    std::string value = "before";
    EXPECT_EQ(SetAddress(value, row.text).empty(), row.known) << row.text;
    EXPECT_EQ(value, row.known ? row.text : "before");
    if (row.known) EXPECT_EQ(IsLoopback(row.text), row.loopback) << row.text;
  }
}

}  // namespace
}  // namespace portolan::settings
