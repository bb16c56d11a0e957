#include "portolan/cli/list_writer.h"

#include <vector>

#include <gtest/gtest.h>

namespace portolan::cli {
namespace {

std::string Write(ListFormat format, const std::vector<std::string>& invalid,
                  const std::vector<repo::Names>& pages, const ListNames& names = kTagNames) {
  std::string out;
  ListWriter writer(format, names);
  for (const repo::Names& page : pages) writer.Add(out, "docker.io/library/ubuntu", page);
  writer.End(out, "docker.io/library/ubuntu", invalid);
  return out;
}

TEST(ListWriter, JsonIsGosMarshalIndent) {
  EXPECT_EQ(Write(ListFormat::kJson, {}, {{"10.04", "12.04"}, {"14.04"}}),
            "{\n"
            "    \"Repository\": \"docker.io/library/ubuntu\",\n"
            "    \"Tags\": [\n"
            "        \"10.04\",\n"
            "        \"12.04\",\n"
            "        \"14.04\"\n"
            "    ]\n"
            "}\n");
  const char* const empty =
      "{\n    \"Repository\": \"docker.io/library/ubuntu\",\n    \"Tags\": []\n}\n";
  EXPECT_EQ(Write(ListFormat::kJson, {}, {{}}), empty);
  EXPECT_EQ(Write(ListFormat::kJson, {}, {}), empty);
}

TEST(ListWriter, JsonShowsInvalidNamesApart) {
  EXPECT_EQ(Write(ListFormat::kJson, {"-ot<beta", "b c"}, {{"a"}}),
            "{\n"
            "    \"Repository\": \"docker.io/library/ubuntu\",\n"
            "    \"Tags\": [\n"
            "        \"a\"\n"
            "    ],\n"
            "    \"InvalidTags\": [\n"
            "        \"-ot\\u003cbeta\",\n"
            "        \"b c\"\n"
            "    ]\n"
            "}\n");
}

TEST(ListWriter, NdjsonIsALineAnItem) {
  EXPECT_EQ(Write(ListFormat::kNdjson, {"-x"}, {{"a"}, {}, {"b"}}),
            "{\"repository\":\"docker.io/library/ubuntu\",\"tag\":\"a\"}\n"
            "{\"repository\":\"docker.io/library/ubuntu\",\"tag\":\"b\"}\n"
            "{\"repository\":\"docker.io/library/ubuntu\",\"invalid_tag\":\"-x\"}\n");
  EXPECT_EQ(Write(ListFormat::kNdjson, {}, {{"a"}}, kRepositoryNames),
            "{\"registry\":\"docker.io/library/ubuntu\",\"repository\":\"a\"}\n");
}

TEST(ListWriter, TextIsALineAnItem) {
  EXPECT_EQ(Write(ListFormat::kText, {"-x"}, {{"a", "b"}, {"c"}}), "a\nb\nc\n");
}

TEST(AppendTable, AlignsNames) {
  const std::vector<std::string_view> a = {"1", "2"};
  const std::vector<std::string_view> b = {"3"};
  const TableList lists[] = {{.name = "quay.io/a/long", .items = a}, {.name = "x/y", .items = b}};
  std::string out;
  AppendTable(out, kTagNames, lists, true);
  EXPECT_EQ(out, "REPOSITORY      TAG\nquay.io/a/long  1\nquay.io/a/long  2\nx/y             3\n");
  out.clear();
  AppendTable(out, kTagNames, std::span(lists, 1), false);
  EXPECT_EQ(out, "TAG\n1\n2\n");
}

TEST(ParseListFormat, KnowsFour) {
  EXPECT_EQ(*ParseListFormat("json"), ListFormat::kJson);
  EXPECT_EQ(*ParseListFormat("text"), ListFormat::kText);
  EXPECT_EQ(*ParseListFormat("ndjson"), ListFormat::kNdjson);
  EXPECT_EQ(*ParseListFormat("table"), ListFormat::kTable);
  EXPECT_EQ(ParseListFormat("yaml").error().code, ErrorCode::kUsage);
}

TEST(WithThousands, GroupsDigits) {
  EXPECT_EQ(WithThousands(0), "0");
  EXPECT_EQ(WithThousands(999), "999");
  EXPECT_EQ(WithThousands(1000), "1,000");
  EXPECT_EQ(WithThousands(1234567), "1,234,567");
}

}  // namespace
}  // namespace portolan::cli
