#include "portolan/base/date.h"

#include <gtest/gtest.h>

namespace portolan {
namespace {

TEST(Date, WhatIsUnderstood) {
  struct Row {
    const char* text;
    const char* formatted;  // empty: refused
  };
  const Row rows[] = {
      {"2023-06-14T01:02:03Z", "2023-06-14T01:02:03Z"},
      {"2023-06-14T01:02:03.456789Z", "2023-06-14T01:02:03Z"},
      {"2023-06-14T01:02:03.1234567890123z", "2023-06-14T01:02:03Z"},
      {"2023-06-14t01:02:03+05:30", "2023-06-13T19:32:03Z"},
      {"2023-12-31T23:59:60-01:00", "2024-01-01T01:00:00Z"},
      {"2024-02-29", "2024-02-29T00:00:00Z"},
      {"1970-01-01T00:00:00Z", "1970-01-01T00:00:00Z"},
      {"1970-01-01T00:00:00+00:01", ""},
      {"2261-12-31T23:59:59-00:01", ""},
      {"0001-01-01T00:00:00Z", ""},
      {"9999-01-01T00:00:00Z", ""},
      {"2023-02-29", ""},
      {"2023-13-01", ""},
      {"2023-6-14", ""},
      {"2023-06-14T24:00:00Z", ""},
      {"2023-06-14T01:02:03", ""},
      {"2023-06-14T01:02:03.Z", ""},
      {"2023-06-14T01:02:03Zx", ""},
      {"2023-06-14T01:02:03+25:00", ""},
      {"7d", ""},
      {"", ""},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.text);
    const auto time = ParseDate(row.text);
    EXPECT_EQ(time ? FormatDate(*time) : "", row.formatted);
  }
}

TEST(Date, KeepsTheFraction) {
  EXPECT_EQ(*ParseDate("2023-06-14T01:02:03.5Z") - *ParseDate("2023-06-14T01:02:03Z"),
            std::chrono::milliseconds(500));
}

}  // namespace
}  // namespace portolan
