#include "portolan/dialect/fault.h"

#include <gtest/gtest.h>

namespace portolan::dialect {
namespace {

TEST(FaultTest, IsReadWhole) {
  const auto fault =
      Fault::Parse(" GET /v2/**/tags/list every=3 times=2 status=429 retry-after=date:5 delay=20 ");
  ASSERT_TRUE(fault) << fault.error().message;
  EXPECT_EQ(fault->method, "GET");
  EXPECT_EQ(fault->path, "/v2/**/tags/list");
  EXPECT_EQ(fault->every, 3);
  EXPECT_EQ(fault->times, 2);
  EXPECT_EQ(fault->status, 429);
  EXPECT_EQ(fault->retry_after, Fault::RetryAfter::kDate);
  EXPECT_EQ(fault->retry_in.count(), 5);
  EXPECT_EQ(fault->delay.count(), 20);
  EXPECT_EQ(Fault::Parse("cut=0")->cut, 0U);
  EXPECT_EQ(Fault::Parse("stall=7")->stall, 7U);
  EXPECT_EQ(Fault::Parse("drip=9")->bytes_per_second, 9U);
  EXPECT_EQ(Fault::Parse("link=other-host")->link, Fault::Link::kOtherHost);
  EXPECT_EQ(Fault::Parse("tags=null")->tags, Fault::Tags::kNull);
  EXPECT_TRUE(Fault::Parse("/v2/a/tags/list expired-token")->expired_token);
  EXPECT_EQ(Fault::Parse("status=503 retry-after=unix:9")->retry_after,
            Fault::RetryAfter::kUnixTime);
}

TEST(FaultTest, WhatIsWrongIsNamed) {
  const struct {
    const char* text;
    const char* message;
  } rows[] = {
      {"", "says nothing to do"},
      {"GET /v2/", "says nothing to do"},
      {"status=200", "a status from 400 to 599"},
      {"status=", "a status"},
      {"status=503 every=0", "a number from 1 up"},
      {"cut=-1", "a number of bytes"},
      {"cut=99999999999999999999", "a number of bytes"},
      {"link=back", "none, loop, other-host, http or absolute"},
      {"tags=more", "twice, invalid or null"},
      {"status=429 retry-after=soon", "seconds: 5, date:5"},
      {"delay=600001", "milliseconds"},
      {"drip=0", "bytes a second"},
      {"colour=red", "one of every, times, status"},
      {"get status=503", "a method, a path"},
      {"status=503 link=loop", "with a status there is no answer for link"},
      {"status=503 expired-token", "with a status there is no answer for link"},
      {"retry-after=5", "retry-after needs a status"},
      {"delay=5 retry-after=5", "retry-after needs a status"},
  };
  for (const auto& row : rows) {
    const auto fault = Fault::Parse(row.text);
    ASSERT_FALSE(fault) << row.text;
    EXPECT_TRUE(fault.error().message.contains(row.message)) << fault.error().message;
  }
}

}  // namespace
}  // namespace portolan::dialect
