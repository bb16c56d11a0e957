#include "portolan/client/backoff.h"

#include <gtest/gtest.h>

namespace portolan::client {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::seconds;

TEST(BackoffTest, Table) {
  struct Row {
    const char* name;
    BackoffRule rule;
    int attempt;
    std::optional<milliseconds> retry_after;
    double fraction;
    std::optional<milliseconds> expected;
  };
  const BackoffRule rule{.max_retries = 5, .base = seconds(2), .ceiling = seconds(60)};
  const Row rows[] = {
      {"first, no jitter", rule, 0, std::nullopt, 0.0, seconds(1)},
      {"first, most jitter", rule, 0, std::nullopt, 0.9999, milliseconds(1999)},
      {"doubles", rule, 1, std::nullopt, 0.0, seconds(2)},
      {"doubles again", rule, 2, std::nullopt, 0.0, seconds(4)},
      {"reaches the ceiling",
       {.max_retries = 50, .base = seconds(2), .ceiling = seconds(60)},
       10,
       std::nullopt,
       0.0,
       seconds(30)},
      {"never overflows",
       {.max_retries = 1'000'000, .base = hours(1000), .ceiling = hours(2000)},
       999'999,
       std::nullopt,
       0.0,
       hours(1000)},
      {"used up", rule, 5, std::nullopt, 0.0, std::nullopt},
      {"no retries at all", {.max_retries = 0}, 0, std::nullopt, 0.0, std::nullopt},
      {"negative attempt", rule, -1, std::nullopt, 0.0, std::nullopt},
      {"peer's wish is kept exactly", rule, 0, seconds(7), 0.5, seconds(7)},
      {"peer's wish of nothing", rule, 3, seconds(0), 0.5, seconds(0)},
      {"peer's wish at the ceiling", rule, 0, seconds(60), 0.5, seconds(60)},
      {"peer's wish above the ceiling", rule, 0, seconds(61), 0.5, std::nullopt},
      {"peer's wish does not make more tries", rule, 5, seconds(1), 0.5, std::nullopt},
      {"negative wish", rule, 0, seconds(-5), 0.5, seconds(0)},
      {"negative base", {.max_retries = 1, .base = seconds(-1)}, 0, std::nullopt, 0.5, seconds(0)},
      {"zero ceiling",
       {.max_retries = 1, .base = seconds(1), .ceiling = seconds(0)},
       0,
       std::nullopt,
       0.5,
       seconds(0)},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.name);
    EXPECT_EQ(NextDelay(row.rule, row.attempt, row.retry_after, row.fraction), row.expected);
  }
}

}  // namespace
}  // namespace portolan::client
