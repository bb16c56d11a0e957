#include "portolan/base/result.h"

#include <memory>
#include <string>

#include <gtest/gtest.h>

namespace portolan {
namespace {

Result<int> Half(int number) {
  if (number % 2 != 0) return Fail(ErrorCode::kUsage, "odd", "give an even number");
  return number / 2;
}

Status Even(int number) {
  PORTOLAN_CHECK(Half(number));
  return {};
}

Result<std::string> Quarter(int number, int* reached) {
  PORTOLAN_TRY(const int half, Half(number));
  ++*reached;
  PORTOLAN_TRY(const int quarter, Half(half));
  ++*reached;
  PORTOLAN_CHECK(Even(quarter));
  ++*reached;
  return std::to_string(quarter);
}

Result<std::unique_ptr<int>> Box(int number) {
  PORTOLAN_TRY(auto box, Result<std::unique_ptr<int>>(std::make_unique<int>(number)));
  return box;
}

TEST(ResultTest, MacrosGoOnOrReturnTheError) {
  struct Row {
    const char* name;
    int number;
    int reached;
    const char* value;  // nullptr: the error
  };
  const Row rows[] = {
      {"first try fails", 1, 0, nullptr},
      {"second try fails", 2, 1, nullptr},
      {"check fails", 4, 2, nullptr},
      {"all good", 8, 3, "2"},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.name);
    int reached = 0;
    const Result<std::string> result = Quarter(row.number, &reached);
    EXPECT_EQ(reached, row.reached);
    ASSERT_EQ(result.has_value(), row.value != nullptr);
    if (row.value != nullptr) {
      EXPECT_EQ(*result, row.value);
    } else {
      EXPECT_EQ(result.error(), Fail(ErrorCode::kUsage, "odd", "give an even number"));
    }
  }
}

TEST(ResultTest, CarriesWhatOnlyMoves) { EXPECT_EQ(**Box(7), 7); }

TEST(ResultTest, FailFillsEveryField) {
  const Error error = Fail(ErrorCode::kIo, "broken");
  EXPECT_EQ(error.code, ErrorCode::kIo);
  EXPECT_EQ(error.message, "broken");
  EXPECT_EQ(error.hint, "");
  EXPECT_EQ(error.http_status, 0);
  EXPECT_EQ(error.registry_errors, "");
}

TEST(ResultTest, ConvertsFromConstError) {
  const Error error = Fail(ErrorCode::kIo, "broken");
  const Result<int> result = error;
  const Status status = error;
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error(), error);
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error(), error);
}

}  // namespace
}  // namespace portolan
