#include "portolan/wire/range.h"

#include <string>

#include <gtest/gtest.h>

namespace portolan::wire {
namespace {

constexpr ByteRange kWhole{.offset = 0, .size = 0};  // stands for "to be ignored"

TEST(ResolveRangeTest, GivesThePartToSend) {
  struct Row {
    const char* name;
    const char* field;
    std::uint64_t total;
    ByteRange want;
  };
  const Row rows[] = {
      {"first bytes", "bytes=0-499", 1000, {0, 500}},
      {"one byte", "bytes=0-0", 1000, {0, 1}},
      {"middle", "bytes=500-1499", 2000, {500, 1000}},
      {"last byte", "bytes=999-999", 1000, {999, 1}},
      {"to the end", "bytes=500-", 1000, {500, 500}},
      {"everything", "bytes=0-", 1000, {0, 1000}},
      {"beyond the end", "bytes=500-5000", 1000, {500, 500}},
      {"far beyond the end", "bytes=500-99999999999999999999999", 1000, {500, 500}},
      {"suffix", "bytes=-500", 2000, {1500, 500}},
      {"suffix of more than all", "bytes=-5000", 1000, {0, 1000}},
      {"huge suffix", "bytes=-99999999999999999999999", 1000, {0, 1000}},
      {"leading zeros", "bytes=0000-0009", 1000, {0, 10}},
      {"upper-case unit", "Bytes=0-9", 1000, {0, 10}},
      {"space around", " bytes=0-9\t", 1000, {0, 10}},
      {"beyond four gigabytes", "bytes=4294967296-4294967297", 1ULL << 40U, {1ULL << 32U, 2}},
      {"largest total", "bytes=0-", UINT64_MAX, {0, UINT64_MAX}},
      {"empty", "", 1000, kWhole},
      {"unit alone", "bytes=", 1000, kWhole},
      {"other unit", "items=0-9", 1000, kWhole},
      {"no unit", "0-9", 1000, kWhole},
      {"dash alone", "bytes=-", 1000, kWhole},
      {"several", "bytes=0-1,5-6", 1000, kWhole},
      {"empty second", "bytes=0-1,", 1000, kWhole},
      {"negative", "bytes=-1-5", 1000, kWhole},
      {"sign", "bytes=+1-5", 1000, kWhole},
      {"space inside", "bytes=0 - 9", 1000, kWhole},
      {"space after the unit", "bytes= 0-9", 1000, kWhole},
      {"hexadecimal", "bytes=0x0-0x9", 1000, kWhole},
      {"letters", "bytes=a-b", 1000, kWhole},
      {"no dash", "bytes=5", 1000, kWhole},
      {"nothing before the end", "bytes=5-x", 1000, kWhole},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.name);
    const Result<std::optional<ByteRange>> range = ResolveRange(row.field, row.total);
    ASSERT_TRUE(range) << range.error().message;
    EXPECT_EQ(range->has_value(), row.want != kWhole);
    EXPECT_EQ(range->value_or(kWhole), row.want);
  }
}

TEST(ResolveRangeTest, RefusesWhatCannotBeSatisfied) {
  struct Row {
    const char* name;
    const char* field;
    std::uint64_t total;
  };
  const Row rows[] = {
      {"after the end", "bytes=1000-", 1000},
      {"far after the end", "bytes=99999999999999999999999-", 1000},
      {"both after the end", "bytes=5000-10000", 1000},
      {"ends before it begins", "bytes=500-0", 1000},
      {"no bytes at the end", "bytes=-0", 1000},
      {"nothing to send", "bytes=0-", 0},
      {"nothing to send, suffix", "bytes=-5", 0},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.name);
    const Result<std::optional<ByteRange>> range = ResolveRange(row.field, row.total);
    ASSERT_FALSE(range);
    EXPECT_EQ(range.error().code, ErrorCode::kSizeInvalid);
  }
  EXPECT_EQ(ResolveRange("bytes=5-", 5).error().message,
            "the range \"bytes=5-\" is not one of 5 bytes");
}

TEST(ContentRangeTest, IsWritten) {
  EXPECT_EQ(ContentRangeOf({.offset = 0, .size = 500}, 1234), "bytes 0-499/1234");
  EXPECT_EQ(ContentRangeOf({.offset = 1233, .size = 1}, 1234), "bytes 1233-1233/1234");
}

TEST(ParseChunkRangeTest, ReadsWhatClientsSend) {
  struct Row {
    const char* name;
    const char* field;
    ByteRange want;
  };
  const Row rows[] = {
      {"as the specification has it", "0-499", {0, 500}},
      {"one byte", "7-7", {7, 1}},
      {"with unit", "bytes 500-999", {500, 500}},
      {"upper-case unit", "Bytes 0-1", {0, 2}},
      {"with total", "bytes 0-499/1234", {0, 500}},
      {"with its last total", "0-499/500", {0, 500}},
      {"unknown total", "0-499/*", {0, 500}},
      {"space around", " 0-499 ", {0, 500}},
      {"largest", "0-9223372036854775806", {0, 9223372036854775807U}},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.name);
    const Result<ByteRange> range = ParseChunkRange(row.field);
    ASSERT_TRUE(range) << range.error().message;
    EXPECT_EQ(*range, row.want);
  }
}

TEST(ParseChunkRangeTest, RefusesEverythingElse) {
  struct Row {
    const char* name;
    const char* field;
    const char* reason;
  };
  const Row rows[] = {
      {"empty", "", "is not a range"},
      {"unit alone", "bytes ", "is not a range"},
      {"equals", "bytes=0-499", "is not a range"},
      {"no dash", "5", "is not a range"},
      {"open", "5-", "is not a range"},
      {"suffix", "-5", "is not a range"},
      {"empty chunk of a Go program", "0--1", "is not a range"},
      {"several", "0-1,2-3", "is not a range"},
      {"letters", "a-b", "is not a range"},
      {"total is a letter", "0-1/x", "is not a range"},
      {"empty total", "0-1/", "is not a range"},
      {"ends before it begins", "5-4", "ends before it begins"},
      {"ends after its total", "0-499/499", "ends after its total"},
      {"2^63", "0-9223372036854775807", "is too large"},
      {"beyond 64 bits", "0-99999999999999999999999", "is too large"},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.name);
    const Result<ByteRange> range = ParseChunkRange(row.field);
    ASSERT_FALSE(range);
    EXPECT_EQ(range.error().code, ErrorCode::kSizeInvalid);
    EXPECT_NE(range.error().message.find(row.reason), std::string::npos) << range.error().message;
  }
}

TEST(UploadRangeTest, IsWritten) {
  EXPECT_EQ(UploadRangeOf(0), "0-0");
  EXPECT_EQ(UploadRangeOf(1), "0-0");
  EXPECT_EQ(UploadRangeOf(500), "0-499");
}

}  // namespace
}  // namespace portolan::wire
