// The rows on what a page holds: odd lists are survived, broken ones are errors.
#include <gtest/gtest.h>

#include "portolan/client/testing/client_fixture.h"

namespace portolan::client {
namespace {

using Names = std::vector<std::string>;

constexpr const char* kUrl = "https://r.test/v2/a/b/tags/list?n=1000";

class PageContentTest : public testing::Test {
 protected:
  FakeRegistry::Rule& Serve(std::string body, http::Headers headers = {}) {
    return world_.registry.On("GET", kUrl).Reply(200, std::move(headers), std::move(body));
  }
  Listed List() { return world_.List("r.test/a/b"); }

  ClientFixture world_;
};

TEST_F(PageContentTest, TagsNull) {
  Serve(R"({"name":"a/b","tags":null})");
  const Listed listed = List();
  ASSERT_TRUE(listed.ok()) << listed.message();
  EXPECT_TRUE(listed.tags().empty());
  EXPECT_TRUE(world_.log.warnings().empty());
}

TEST_F(PageContentTest, TagsDuplicateAreGivenOnce) {
  Serve(R"({"name":"a/b","tags":["2","1","2","3","1"]})");
  EXPECT_EQ(List().tags(), (Names{"2", "1", "3"})) << "in the order received";
  EXPECT_TRUE(world_.Warned("came twice"));
}

TEST_F(PageContentTest, TagsDuplicateOverPagesAreGivenOnce) {
  Serve(TagsJson("a/b", {"1", "2"}), NextLink("/v2/a/b/tags/list?last=2"));
  world_.registry.On("GET", "https://r.test/v2/a/b/tags/list?last=2")
      .Reply(200, TagsJson("a/b", {"2", "3"}));
  const Listed listed = List();
  EXPECT_EQ(listed.tags(), (Names{"1", "2", "3"}));
  EXPECT_EQ(listed.summary->items, 3U);
}

TEST_F(PageContentTest, TagsInvalidAreReportedAndDoNotEndTheList) {
  Serve(R"({"name":"a/b","tags":["1","-ot-beta-jmx","2","sp ace"]})");
  const Listed listed = List();
  ASSERT_TRUE(listed.ok()) << listed.message();
  EXPECT_EQ(listed.tags(), (Names{"1", "2"}));
  EXPECT_EQ(listed.summary->invalid, (Names{"-ot-beta-jmx", "sp ace"}));
  EXPECT_TRUE(world_.Warned("-ot-beta-jmx"));
}

TEST_F(PageContentTest, TagsDigestAndEmptyAreLeftOut) {
  Serve(R"({"name":"a/b","tags":["","sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca4)"
        R"(95991b7852b855",null,"1"]})");
  const Listed listed = List();
  ASSERT_TRUE(listed.ok()) << listed.message();
  EXPECT_EQ(listed.tags(), (Names{"1"}));
  EXPECT_TRUE(listed.summary->invalid.empty());
  EXPECT_TRUE(world_.Warned("left out"));
}

TEST_F(PageContentTest, InvalidTagsAreKeptUpToACap) {
  std::vector<std::string> tags = {"ok"};
  for (int i = 0; i < 1500; ++i) tags.push_back("-" + std::to_string(i));
  Serve(TagsJson("a/b", tags));
  const Listed listed = List();
  ASSERT_TRUE(listed.ok()) << listed.message();
  EXPECT_EQ(listed.summary->invalid.size(), 1000U);
}

TEST_F(PageContentTest, HostileTagsReachTheTerminalEscaped) {
  Serve(R"({"name":"a/b","tags":["\u001b]0;owned\u0007","1"]})");
  EXPECT_EQ(List().tags(), (Names{"1"}));
  for (const std::string& line : world_.log.warnings()) {
    EXPECT_EQ(line.find('\x1b'), std::string::npos) << line;
  }
}

TEST_F(PageContentTest, ListAsTextPlain) {
  Serve(TagsJson("a/b", {"1"}), {{"Content-Type", "text/plain; charset=utf-8"}});
  EXPECT_EQ(List().tags(), (Names{"1"}));
}

TEST_F(PageContentTest, ListWithByteOrderMark) {
  Serve("\xef\xbb\xbf" + TagsJson("a/b", {"1"}));
  EXPECT_EQ(List().tags(), (Names{"1"}));
}

TEST_F(PageContentTest, NewNamesAreToldWhileThePageIsRead) {
  Serve(TagsJson("a/b", {"1", "1", "latest", "v2"})).InPieces(10);
  std::size_t told = 0;
  std::size_t times = 0;
  const Listed listed =
      world_.List("r.test/a/b", {.page_size = {}, .limit = {}, .on_names = [&](std::size_t names) {
                                   told += names;
                                   ++times;
                                 }});
  EXPECT_TRUE(listed.ok()) << listed.message();
  EXPECT_EQ(told, 3U);
  EXPECT_GT(times, 1U);
}

TEST_F(PageContentTest, ListInPiecesOfOneByte) {
  Serve(TagsJson("a/b", {"1", "latest"})).InPieces(1);
  EXPECT_EQ(List().tags(), (Names{"1", "latest"}));
}

TEST_F(PageContentTest, WrongNameAndUnknownMembersDoNotMatter) {
  Serve(R"({"child":[],"manifest":{"sha256:x":{"tag":["latest"]}},"name":"else","tags":["1"]})");
  EXPECT_EQ(List().tags(), (Names{"1"}));
}

struct BrokenRow {
  const char* name;
  const char* body;
};

TEST_F(PageContentTest, GarbageIsAnError) {
  const BrokenRow rows[] = {
      {"HTML", "<html>Sign in</html>"},
      {"nothing", ""},
      {"an array", R"(["1"])"},
      {"no tags", R"({"name":"a/b"})"},
      {"tags are a text", R"({"tags":"1"})"},
      {"cut off", R"({"name":"a/b","tags":["1","2)"},
      {"more after the end", R"({"tags":["1"]}{"tags":["2"]})"},
  };
  for (const BrokenRow& row : rows) {
    SCOPED_TRACE(row.name);
    ClientFixture world;
    world.registry.On("GET", kUrl).Reply(200, row.body);
    const Listed listed = world.List("r.test/a/b");
    EXPECT_EQ(listed.code(), ErrorCode::kProtocol);
    EXPECT_NE(listed.message().find("tags of r.test/a/b"), std::string::npos) << listed.message();
  }
}

TEST_F(PageContentTest, TruncatedBodyIsAnError) {
  Serve(R"({"name":"a/b","tags":["1",)").Truncated();
  EXPECT_EQ(List().code(), ErrorCode::kConnectFailed);
}

TEST_F(PageContentTest, HugePageMeetsItsCap) {
  world_.limits.list_page = 1000;
  Serve(TagsJson("a/b", std::vector<std::string>(1000, "1"))).InPieces(100);
  EXPECT_EQ(List().code(), ErrorCode::kTooLarge);
}

TEST_F(PageContentTest, HugeTagMeetsItsCap) {
  world_.limits.tag_size = 100;
  Serve(TagsJson("a/b", {std::string(101, 'x')}));
  EXPECT_EQ(List().code(), ErrorCode::kTooLarge);
}

}  // namespace
}  // namespace portolan::client
