#include "portolan/cli/human.h"

#include <gtest/gtest.h>

namespace portolan::cli {
namespace {

TEST(Human, Sizes) {
  struct Row {
    std::uint64_t bytes;
    const char* text;
  };
  const Row rows[] = {{0, "0 B"},
                      {999, "999 B"},
                      {1000, "1.0 kB"},
                      {28'124'691, "28.1 MB"},
                      {999'949, "999.9 kB"},
                      {999'950, "1.0 MB"},
                      {3'000'000'000, "3.0 GB"},
                      {UINT64_MAX, "18.4 EB"}};
  for (const Row& row : rows) EXPECT_EQ(HumanSize(row.bytes), row.text);
}

TEST(Human, Ages) {
  using namespace std::chrono_literals;
  struct Row {
    std::chrono::nanoseconds age;
    const char* text;
  };
  const Row rows[] = {{-5s, "just now"},          {-2h, "in the future"},
                      {59s, "just now"},          {60s, "1 minute ago"},
                      {119min, "1 hour ago"},     {47h, "1 day ago"},
                      {13 * 24h, "13 days ago"},  {14 * 24h, "2 weeks ago"},
                      {61 * 24h, "2 months ago"}, {729 * 24h, "24 months ago"},
                      {730 * 24h, "2 years ago"}};
  for (const Row& row : rows) EXPECT_EQ(HumanAge(row.age), row.text);
}

}  // namespace
}  // namespace portolan::cli
