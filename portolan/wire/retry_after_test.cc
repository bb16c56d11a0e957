#include "portolan/wire/retry_after.h"

#include <gtest/gtest.h>

namespace portolan::wire {
namespace {

using std::chrono::milliseconds;
using std::chrono::system_clock;
using Wait = std::optional<milliseconds>;

constexpr Wait kNone = std::nullopt;
constexpr milliseconds kYear = std::chrono::days(366);

// Sun, 06 Nov 1994 08:49:37 GMT, the date of RFC 9110's examples.
constexpr std::chrono::sys_seconds kRfcDate{std::chrono::seconds(784'111'777)};

struct Row {
  const char* value;
  Wait want;
};

TEST(ParseRetryAfter, ReadsSeconds) {
  const Row rows[] = {
      {"0", milliseconds(0)},
      {"120", milliseconds(120'000)},
      {" \t7 ", milliseconds(7'000)},
      {"0005", milliseconds(5'000)},
      {"31622400", kYear},
      {"31622401", kYear},
      {"9223372036854775807", kYear},
      {"99999999999999999999999999", kYear},
      {"", kNone},
      {"-1", kNone},
      {"+1", kNone},
      {"1.5", kNone},
      {"1s", kNone},
      {"1 2", kNone},
      {"soon", kNone},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.value);
    EXPECT_EQ(ParseRetryAfter(row.value, kRfcDate), row.want);
  }
}

TEST(ParseRetryAfter, ReadsDates) {
  const system_clock::time_point now = kRfcDate - milliseconds(30'250);
  const milliseconds wait(30'250);
  const Row rows[] = {
      {"Sun, 06 Nov 1994 08:49:37 GMT", wait},
      {"Sunday, 06-Nov-94 08:49:37 GMT", wait},
      {"Sun Nov  6 08:49:37 1994", wait},
      {"sun, 06 nov 1994 08:49:37 gmt", wait},
      {"Sun, 06 Nov 1994 08:49:37 UTC", wait},
      {"Sun, 06 Nov 1994 08:48:37 GMT", milliseconds(0)},
      {"Thu, 01 Jan 1970 00:00:00 GMT", milliseconds(0)},
      {"Mon, 01 Jan 0001 00:00:00 GMT", milliseconds(0)},
      {"Fri, 31 Dec 9999 23:59:60 GMT", kYear},
      {"Sunday, 06-Nov-44 08:49:37 GMT", kYear},            // 2044, fifty years on
      {"Sunday, 06-Nov-45 08:49:37 GMT", milliseconds(0)},  // 1945
      {"Sun, 06 Nov 1994 08:49:37 +0100", kNone},
      {"Sun, 06 Nov 1994 08:49:37", kNone},
      {"Sun, 31 Feb 1994 08:49:37 GMT", kNone},
      {"Sun, 00 Nov 1994 08:49:37 GMT", kNone},
      {"Sun, 99999999999 Nov 1994 08:49:37 GMT", kNone},
      {"Sun, 06 Nox 1994 08:49:37 GMT", kNone},
      {"Sun, 06 Nov 199 08:49:37 GMT", kNone},
      {"Sun, 06 Nov 19x4 08:49:37 GMT", kNone},
      {"Sun, 06 Nov 1994 24:00:00 GMT", kNone},
      {"Sun, 06 Nov 1994 23:60:00 GMT", kNone},
      {"Sun, 06 Nov 1994 23:00:61 GMT", kNone},
      {"Sun, 06 Nov 1994 2:00:00 GMT", kNone},
      {"Sun, 06 Nov 1994 02-00-00 GMT", kNone},
      {"Sun, 06 Nov 1994 08:49:37 GMT GMT", kNone},
      {"Sun, 06 Nov", kNone},
      {", , ,", kNone},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.value);
    EXPECT_EQ(ParseRetryAfter(row.value, now), row.want);
  }
}

TEST(ParseUnixRetryAfter, IsRelativeToNow) {
  const system_clock::time_point now{std::chrono::milliseconds(1'679'981'934'400)};
  const Row rows[] = {
      {"1679981935", milliseconds(600)},
      {" 1679981994 ", milliseconds(59'600)},
      {"1679981934", milliseconds(0)},
      {"0", milliseconds(0)},
      {"99999999999", kYear},
      {"99999999999999999999", kYear},
      {"-1", kNone},
      {"", kNone},
      {"1679981935.5", kNone},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.value);
    EXPECT_EQ(ParseUnixRetryAfter(row.value, now), row.want);
  }
}

TEST(ParseRetryAfterText, ReadsGoDurations) {
  const Row rows[] = {
      {"retry-after: 880\u00b5s, allowed: 44000/minute", milliseconds(1)},
      {"retry-after: 880\u03bcs, allowed: 44000/minute", milliseconds(1)},
      {R"({"message":"retry-after: 1880\u00b5s, allowed: 44000/minute"})", milliseconds(2)},
      {"retry-after: 880us", milliseconds(1)},
      {"Too many. Retry-After:1m30s", milliseconds(90'000)},
      {"retry-after: 1.5s, x", milliseconds(1'500)},
      {"retry-after: .25s", milliseconds(250)},
      {"retry-after: 2ms", milliseconds(2)},
      {"retry-after: 2.000000001s", milliseconds(2'001)},
      {"retry-after: 1.1s", milliseconds(1'100)},
      {"retry-after: 1.0000000009s", milliseconds(1'000)},
      {"retry-after: 1h0m0.5s", milliseconds(3'600'500)},
      {"retry-after: 0.25h", milliseconds(900'000)},
      {"retry-after: 999ns", milliseconds(1)},
      {"retry-after: 0s", milliseconds(0)},
      {"retry-after: 999999h999999h", kYear},
      {"retry-after: 99999999999999999999999s", kYear},
      {"retry-after: 9999999999999999999ns", kYear},
      {"retry-after: 5", kNone},
      {"retry-after: -1s", kNone},
      {"retry-after: .s", kNone},
      {"retry-after: soon", kNone},
      {"retry-after:", kNone},
      {"retry after 5s", kNone},
      {"", kNone},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.value);
    EXPECT_EQ(ParseRetryAfterText(row.value), row.want);
  }
}

}  // namespace
}  // namespace portolan::wire
