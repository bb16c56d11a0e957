#include "portolan/cli/duration.h"

#include <gtest/gtest.h>

namespace portolan::cli {
namespace {

using std::chrono::nanoseconds;
using namespace std::chrono_literals;

TEST(ParseDuration, ReadsWhatGoReads) {
  struct Row {
    const char* text;
    nanoseconds expected;
  };
  const Row rows[] = {{"30s", 30s},     {"5m", 5min},      {"1h2m3.5s", 3'723'500ms},
                      {"300ms", 300ms}, {"1.5h", 90min},   {"7us", 7us},
                      {"7µs", 7us},     {"7\u03bcs", 7us}, {"12ns", 12ns},
                      {"0", 0s},        {"0s", 0s},        {".5s", 500ms},
                      {"20", 20s},      {"0.25", 250ms},   {"876000h", 876000h}};
  for (const Row& row : rows) {
    SCOPED_TRACE(row.text);
    const auto parsed = ParseDuration(row.text);
    ASSERT_TRUE(parsed.has_value());
    EXPECT_EQ(*parsed, row.expected);
  }
}

TEST(ParseDuration, RefusesEverythingElse) {
  for (const char* text : {"", "s", "-1s", "+1s", "1x", "1s2", "1 s", "1e9s", "inf", "nan", "1d",
                           ".", "99999999999h", "1h ", "1s1", "0x10s"}) {
    SCOPED_TRACE(text);
    const auto parsed = ParseDuration(text);
    ASSERT_FALSE(parsed.has_value());
    EXPECT_EQ(parsed.error().code, ErrorCode::kUsage);
  }
}

}  // namespace
}  // namespace portolan::cli
