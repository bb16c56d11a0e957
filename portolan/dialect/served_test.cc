#include "portolan/dialect/served.h"

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

namespace portolan::dialect {
namespace {

using From = FieldLine::From;
using When = FieldLine::When;

std::string Arranged(const std::vector<FieldLine>& lines, const std::vector<FieldView>& given,
                     int status = 200) {
  std::string out;
  Arrange(
      lines, given, status, [] { return Moment{.seconds = 7}; },
      [&](const FieldView& field) {
        out += std::string(field.name) + "=" + std::string(field.value) + ";";
      });
  return out;
}

TEST(ArrangeTest, LinesSayOrderSpellingAndWhatIsThere) {
  const std::vector<FieldLine> lines = {
      {.name = "x-made",
       .from = From::kMade,
       .make = [](const Moment& moment) { return std::to_string(moment.seconds); }},
      {.name = "LINK"},
      {.name = "vary", .from = From::kNowhere},
      {.name = "", .from = From::kOthers},
      {.name = "date", .from = From::kServer},
      {.name = "x-fixed", .from = From::kFixed, .value = "v"}};
  EXPECT_EQ(Arranged(lines, {{"ETag", "e"},
                             {"Link", "l"},
                             {"Vary", "Accept"},
                             {"X-Content-Type-Options", "nosniff"}}),
            "x-made=7;LINK=l;etag=e;date=;x-fixed=v;");
  EXPECT_EQ(Arranged(lines, {}), "x-made=7;date=;x-fixed=v;");
  EXPECT_EQ(Arranged({{.name = "", .from = From::kRest}}, {{"ETag", "e"}}), "ETag=e;");
}

TEST(ArrangeTest, SomeAreThereForSomeAnswersOnly) {
  const std::vector<FieldLine> lines = {
      {.name = "good", .from = From::kFixed, .when = When::kGood, .value = "1"},
      {.name = "challenged", .from = From::kFixed, .when = When::kChallenge, .value = "2"}};
  EXPECT_EQ(Arranged(lines, {}, 200), "good=1;");
  EXPECT_EQ(Arranged(lines, {}, 404), "");
  EXPECT_EQ(Arranged(lines, {{"WWW-Authenticate", "Basic"}}, 401), "challenged=2;");
}

TEST(ArrangeTest, TheLengthOfAHeadIsKept) {
  EXPECT_EQ(
      Arranged({{.name = "content-length", .from = From::kServer}}, {{"Content-Length", "9"}}),
      "content-length=;Content-Length=9;");
}

TEST(ServedTest, EachHasANameOfItsOwnAndAllThatItNeeds) {
  std::set<std::string_view> names;
  for (const Served* served : AllServed()) {
    SCOPED_TRACE(served->name);
    EXPECT_TRUE(names.insert(served->name).second);
    EXPECT_EQ(FindServed(served->name), served);
    EXPECT_NE(served->error, nullptr);
    EXPECT_NE(served->tags.size, nullptr);
    EXPECT_NE(served->tags.next, nullptr);
    EXPECT_EQ(served->tags.read_cursor == nullptr, served->tags.write_cursor == nullptr);
    if (served->pulls) EXPECT_NE(served->pulls->refuse, nullptr);
    if (!served->basic_challenge.empty()) continue;
    EXPECT_TRUE(served->tokens.path.starts_with('/'));
    EXPECT_NE(served->tokens.jwt == nullptr, served->tokens.opaque == nullptr);
    EXPECT_NE(served->tokens.reply, nullptr);
    EXPECT_NE(served->tokens.error, nullptr);
  }
  EXPECT_EQ(FindServed("hub")->name, "hub@2023-03");
  EXPECT_EQ(FindServed("quay")->name, "quay@2023-03");
  EXPECT_EQ(FindServed("hub@"), nullptr);
  EXPECT_EQ(FindServed(""), nullptr);
}

// What a page comes to, by what was asked for: `limit/shown`.
TEST(ServedTest, PageSizes) {
  struct Row {
    const char* dialect;
    std::optional<std::string_view> n;
    const char* size;
  };
  const Row rows[] = {
      {"hub", std::nullopt, "all/0"},
      {"hub", "0", "0/0"},
      {"hub", "10000", "10000/10000"},
      {"hub", "-1", "refused"},
      {"hub", "abc", "refused"},
      {"ghcr", std::nullopt, "100/0"},
      {"ghcr", "0", "100/0"},
      {"ghcr", "-1", "100/0"},
      {"ghcr", "10000", "10000/10000"},
      {"quay@2023-03", std::nullopt, "50/50"},
      {"quay@2023-03", "0", "1/1"},
      {"quay@2023-03", "abc", "1/1"},
      {"quay@2023-03", "100", "50/50"},
      {"quay@2024-06", "0", "0/0"},
      {"quay@2024-06", "abc", "100/100"},
      {"quay@2024-06", "-1", "0/0"},
      {"ecr", "1001", "refused"},
      {"ecr", "1000", "1000/1000"},
      {"acr", "5000", "1000/1000"},
      {"harbor", "-1", "refused"},
  };
  for (const Row& row : rows) {
    const auto size = FindServed(row.dialect)->tags.size(row.n);
    std::string text = "refused";
    if (size) {
      text =
          (size->limit ? std::to_string(*size->limit) : "all") + "/" + std::to_string(size->shown);
    }
    EXPECT_EQ(text, row.size) << row.dialect << " " << row.n.value_or("-");
  }
}

}  // namespace
}  // namespace portolan::dialect
