#include "portolan/wire/list.h"

#include <optional>

#include <gtest/gtest.h>

namespace portolan::wire {
namespace {

using Items = std::vector<std::string>;

struct Outcome {
  Items items;
  std::string name;
  std::size_t skipped = 0;
  bool was_null = false;
  std::optional<ErrorCode> error;

  friend bool operator==(const Outcome&, const Outcome&) = default;
};

Outcome Read(std::string_view member, const std::vector<std::string_view>& pieces,
             const Limits& limits = {}) {
  Outcome out;
  ListParser parser(member, limits, [&](std::string_view item) { out.items.emplace_back(item); });
  Status status;
  for (const std::string_view piece : pieces) {
    status = parser.Feed(piece);
    if (!status) break;
  }
  if (status) status = parser.Finish();
  if (!status) out.error = status.error().code;
  out.name = parser.name();
  out.skipped = parser.skipped();
  out.was_null = parser.was_null();
  return out;
}

std::vector<std::string_view> Bytes(std::string_view text) {
  std::vector<std::string_view> pieces;
  for (std::size_t i = 0; i < text.size(); ++i) pieces.push_back(text.substr(i, 1));
  return pieces;
}

struct Row {
  const char* name;
  std::string_view page;
  Outcome want;
};

const Row kPages[] = {
    {"distribution",
     "{\"name\":\"library/ubuntu\",\"tags\":[\"10.04\",\"12.04\"]}\n",
     {{"10.04", "12.04"}, "library/ubuntu", 0, false, {}}},
    {"empty list", R"({"name":"a","tags":[]})", {{}, "a", 0, false, {}}},
    {"null list", R"({"name":"a","tags":null})", {{}, "a", 0, true, {}}},
    {"Name in upper case", R"({"Name":"a","tags":["x"]})", {{"x"}, "a", 0, false, {}}},
    {"tags first", R"({"tags":["x"],"name":"a"})", {{"x"}, "a", 0, false, {}}},
    {"no name", R"({"tags":["x"]})", {{"x"}, "", 0, false, {}}},
    {"name that is no text", R"({"name":{"name":"x"},"tags":["y"]})", {{"y"}, "", 0, false, {}}},
    {"GCR",
     R"({"child":[],"manifest":{"sha256:1":{"tag":["no"],"tags":["no"],"name":"no","n":[1,2.5e3]}},)"
     R"("name":"p/r","tags":["latest"]})",
     {{"latest"}, "p/r", 0, false, {}}},
    {"Nexus, null entries", R"({"tags":["a",null,"b",null]})", {{"a", "b"}, "", 2, false, {}}},
    {"other entries",
     R"({"tags":["a",1,-2,3.5,true,["x",["y"],null],{"k":"v","l":[1]},"b"]})",
     {{"a", "b"}, "", 6, false, {}}},
    {"white space and byte order mark",
     "\xef\xbb\xbf \r\n{ \"tags\" : [ \"a\" , \"b\" ] } \t\r\n",
     {{"a", "b"}, "", 0, false, {}}},
    {"escapes",
     R"({"tags":["a\u0062\n\"\ud83d\ude00","\\",""]})",
     {{"ab\n\"\U0001F600", "\\", ""}, "", 0, false, {}}},
    {"escaped key", R"({"t\u0061gs":["a"]})", {{"a"}, "", 0, false, {}}},
    {"not UTF-8", "{\"tags\":[\"a\xff\",\"b\"]}", {{"a\xff", "b"}, "", 0, false, {}}},
    {"member twice", R"({"tags":["a"],"tags":["b"]})", {{"a", "b"}, "", 0, false, {}}},
    {"member twice, once null", R"({"tags":null,"tags":["b"]})", {{"b"}, "", 0, false, {}}},
    {"first name counts", R"({"name":"a","Name":"b","tags":[]})", {{}, "a", 0, false, {}}},
    {"inner objects do not count",
     R"({"x":{"tags":["no"]},"tags":["a"]})",
     {{"a"}, "", 0, false, {}}},
};

const Row kBadPages[] = {
    {"nothing", "", {{}, "", 0, false, ErrorCode::kProtocol}},
    {"white space", " \n", {{}, "", 0, false, ErrorCode::kProtocol}},
    {"half a byte order mark", "\xef\xbb", {{}, "", 0, false, ErrorCode::kProtocol}},
    {"half a mark and a page", "\xef\xbb{\"tags\":[]}", {{}, "", 0, false, ErrorCode::kProtocol}},
    {"two marks",
     "\xef\xbb\xbf\xef\xbb\xbf{\"tags\":[]}",
     {{}, "", 0, false, ErrorCode::kProtocol}},
    {"HTML", "<html></html>", {{}, "", 0, false, ErrorCode::kProtocol}},
    {"list", R"(["a"])", {{}, "", 0, false, ErrorCode::kProtocol}},
    {"text", R"("tags")", {{}, "", 0, false, ErrorCode::kProtocol}},
    {"true", "true", {{}, "", 0, false, ErrorCode::kProtocol}},
    {"null", "null", {{}, "", 0, false, ErrorCode::kProtocol}},
    {"number", "5 ", {{}, "", 0, false, ErrorCode::kProtocol}},
    {"empty object", "{}", {{}, "", 0, false, ErrorCode::kProtocol}},
    {"no member", R"({"name":"a","repositories":[]})", {{}, "a", 0, false, ErrorCode::kProtocol}},
    {"member is a text", R"({"tags":"a"})", {{}, "", 0, false, ErrorCode::kProtocol}},
    {"member is a number", R"({"tags":5})", {{}, "", 0, false, ErrorCode::kProtocol}},
    {"member is an object", R"({"tags":{"a":"b"}})", {{}, "", 0, false, ErrorCode::kProtocol}},
    {"truncated", R"({"tags":["a","b)", {{"a"}, "", 0, false, ErrorCode::kProtocol}},
    {"truncated after the list", R"({"tags":["a"])", {{"a"}, "", 0, false, ErrorCode::kProtocol}},
    {"garbage after", R"({"tags":["a"]} x)", {{"a"}, "", 0, false, ErrorCode::kProtocol}},
    {"two pages", R"({"tags":["a"]}{"tags":["b"]})", {{"a"}, "", 0, false, ErrorCode::kProtocol}},
    {"trailing comma", R"({"tags":["a",]})", {{"a"}, "", 0, false, ErrorCode::kProtocol}},
    {"comment", R"({"tags":["a"/**/]})", {{"a"}, "", 0, false, ErrorCode::kProtocol}},
    {"control character", "{\"tags\":[\"a\",\"\n\"]}", {{"a"}, "", 0, false, ErrorCode::kProtocol}},
    {"bad escape", R"({"tags":["a","\x"]})", {{"a"}, "", 0, false, ErrorCode::kProtocol}},
};

void CheckHoweverSplit(const Row& row) {
  SCOPED_TRACE(row.name);
  EXPECT_EQ(Read("tags", {row.page}), row.want);
  EXPECT_EQ(Read("tags", Bytes(row.page)), row.want);
  for (std::size_t i = 0; i <= row.page.size(); ++i) {
    SCOPED_TRACE(i);
    EXPECT_EQ(Read("tags", {row.page.substr(0, i), row.page.substr(i)}), row.want);
  }
}

TEST(ListParser, ReadsPagesHoweverSplit) {
  for (const Row& row : kPages) CheckHoweverSplit(row);
}

TEST(ListParser, RefusesWhatIsNoPageHoweverSplit) {
  for (const Row& row : kBadPages) CheckHoweverSplit(row);
}

TEST(ListParser, ReadsTheCatalog) {
  const Outcome want{{"a/b", "c"}, "", 0, false, {}};
  EXPECT_EQ(Read("repositories", {R"({"repositories":["a/b","c"],"tags":["x"]})"}), want);
}

TEST(ListParser, LimitsThePage) {
  constexpr std::string_view kPage = R"({"tags":["a"]})";
  Limits limits;
  limits.list_page = kPage.size();
  EXPECT_EQ(Read("tags", {kPage}, limits).error, std::nullopt);
  EXPECT_EQ(Read("tags", {kPage, " "}, limits).error, ErrorCode::kTooLarge);
  limits.list_page -= 1;
  EXPECT_EQ(Read("tags", {kPage}, limits).error, ErrorCode::kTooLarge);
  EXPECT_EQ(Read("tags", Bytes(kPage), limits).error, ErrorCode::kTooLarge);
}

TEST(ListParser, LimitsOneText) {
  struct TextRow {
    const char* name;
    std::string_view page;
    std::optional<ErrorCode> want;
  };
  const TextRow rows[] = {
      {"longest", R"({"tags":["12345678"]})", std::nullopt},
      {"too long", R"({"tags":["123456789"]})", ErrorCode::kTooLarge},
      {"too long, never closed", R"({"tags":["123456789)", ErrorCode::kTooLarge},
      {"name too long", R"({"name":"123456789","tags":[]})", ErrorCode::kTooLarge},
      {"others may be long", R"({"other":"123456789","tags":[["123456789"]]})", std::nullopt},
  };
  Limits limits;
  limits.tag_size = 8;
  for (const TextRow& row : rows) {
    SCOPED_TRACE(row.name);
    EXPECT_EQ(Read("tags", {row.page}, limits).error, row.want);
    EXPECT_EQ(Read("tags", Bytes(row.page), limits).error, row.want);
  }
}

TEST(ListParser, LimitsDepth) {
  const auto page = [](int depth) {
    const auto size = static_cast<std::size_t>(depth);
    return "{\"x\":" + std::string(size, '[') + std::string(size, ']') + ",\"tags\":[]}";
  };
  EXPECT_EQ(Read("tags", {page(63)}).error, std::nullopt);
  EXPECT_EQ(Read("tags", {page(64)}).error, ErrorCode::kProtocol);
  EXPECT_EQ(Read("tags", {page(1'000'000)}).error, ErrorCode::kProtocol);
}

TEST(ListParser, IgnoresLongKeys) {
  const std::string key = "tags" + std::string(100'000, 'x');
  const std::string page = "{\"" + key + "\":[\"no\"],\"tags\":[\"a\"]}";
  EXPECT_EQ(Read("tags", {page}).items, Items{"a"});
  EXPECT_EQ(Read("tags", Bytes(page)).items, Items{"a"});
}

TEST(ListParser, TakesNoMoreAfterAnError) {
  Items items;
  ListParser parser("tags", {}, [&](std::string_view item) { items.emplace_back(item); });
  const Status first = parser.Feed("x");
  ASSERT_FALSE(first);
  const Status second = parser.Feed(R"({"tags":["a"]})");
  ASSERT_FALSE(second);
  EXPECT_EQ(first.error(), second.error());
  const Status end = parser.Finish();
  ASSERT_FALSE(end);
  EXPECT_EQ(first.error(), end.error());
  EXPECT_TRUE(items.empty());
}

TEST(ListParser, SaysWhereATruncatedPageEnded) {
  ListParser parser("tags", {}, [](std::string_view) {});
  ASSERT_TRUE(parser.Feed(R"({"tags":["a")"));
  const Status end = parser.Finish();
  ASSERT_FALSE(end);
  EXPECT_EQ(end.error().message, "the registry's list ends too early, after 12 bytes");
}

TEST(ListParser, ReadsAHundredThousandTags) {
  std::string page = "{\"tags\":[";
  for (int i = 0; i < 100'000; ++i) page += (i == 0 ? "\"v" : ",\"v") + std::to_string(i) + '"';
  page += "]}";
  std::vector<std::string_view> pieces;
  for (std::size_t i = 0; i < page.size(); i += 16'384) {
    pieces.push_back(std::string_view(page).substr(i, 16'384));
  }
  const Outcome got = Read("tags", pieces);
  EXPECT_EQ(got.error, std::nullopt);
  ASSERT_EQ(got.items.size(), 100'000U);
  for (std::size_t i = 0; i < got.items.size(); ++i) {
    ASSERT_EQ(got.items[i], "v" + std::to_string(i));
  }
}

}  // namespace
}  // namespace portolan::wire
