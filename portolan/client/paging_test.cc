// The Link rows of the fake-registry matrix: from page to page, whatever the Link looks like.
#include <gtest/gtest.h>

#include "portolan/client/testing/client_fixture.h"

namespace portolan::client {
namespace {

using Names = std::vector<std::string>;

constexpr const char* kList = "https://r.test/v2/a/b/tags/list";
constexpr const char* kFirst = "https://r.test/v2/a/b/tags/list?n=2";
constexpr const char* kSecond = "https://r.test/v2/a/b/tags/list?last=2&n=2";

/// Pages of two tags of r.test/a/b.
class PagingTest : public testing::Test {
 protected:
  Listed List() { return world_.List("r.test/a/b", {.page_size = 2, .limit = {}}); }
  FakeRegistry::Rule& Page(const std::string& url, const Names& tags, http::Headers headers = {}) {
    return world_.registry.On("GET", url).Reply(200, std::move(headers), TagsJson("a/b", tags));
  }
  /// Two pages, the first with this Link; the second must be asked for at kSecond.
  void ExpectFollowed(const std::string& link_header) {
    Page(kFirst, {"1", "2"}, {{"Link", link_header}});
    Page(kSecond, {"3"});
    const Listed listed = List();
    EXPECT_TRUE(listed.ok()) << listed.message();
    EXPECT_EQ(listed.tags(), (Names{"1", "2", "3"}));
    EXPECT_EQ(world_.registry.Story(),
              (Names{std::string("GET ") + kFirst, std::string("GET ") + kSecond}));
  }

  ClientFixture world_;
};

TEST_F(PagingTest, LinkRelative) {
  ExpectFollowed(R"(</v2/a/b/tags/list?last=2&n=2>; rel="next")");
  EXPECT_TRUE(world_.log.warnings().empty());
}

TEST_F(PagingTest, LinkAbsolute) {
  ExpectFollowed(R"(<https://r.test/v2/a/b/tags/list?last=2&n=2>; rel="next")");
  EXPECT_TRUE(world_.log.warnings().empty());
}

TEST_F(PagingTest, LinkAbsoluteWithTheDefaultPort) {
  ExpectFollowed(R"(<https://r.test:443/v2/a/b/tags/list?last=2&n=2>; rel="next")");
  EXPECT_TRUE(world_.log.warnings().empty());
}

TEST_F(PagingTest, LinkToTheWrongHostIsAskedOfTheRightOne) {
  ExpectFollowed(R"(<https://evil.test/v2/a/b/tags/list?last=2&n=2>; rel="next")");
  EXPECT_TRUE(world_.Warned("points to https://evil.test: asked https://r.test instead"));
}

TEST_F(PagingTest, LinkToTheWrongPortIsAskedOfTheRightOne) {
  ExpectFollowed(R"(<https://r.test:8443/v2/a/b/tags/list?last=2&n=2>; rel="next")");
  EXPECT_TRUE(world_.Warned("https://r.test:8443"));
}

TEST_F(PagingTest, LinkWithHttpDowngradeStaysOnHttps) {
  ExpectFollowed(R"(<http://r.test/v2/a/b/tags/list?last=2&n=2>; rel="next")");
  EXPECT_TRUE(world_.Warned("points to http://r.test"));
}

TEST_F(PagingTest, LinkWithoutSchemeToAnotherHost) {
  ExpectFollowed(R"(<//evil.test/v2/a/b/tags/list?last=2&n=2>; rel="next")");
  EXPECT_TRUE(world_.Warned("points to https://evil.test"));
}

TEST_F(PagingTest, LinkWithoutRel) { ExpectFollowed("</v2/a/b/tags/list?last=2&n=2>"); }

TEST_F(PagingTest, LinkNoSlash) {
  ExpectFollowed(R"(<list?last=2&n=2>; rel="next")");
  EXPECT_TRUE(world_.log.warnings().empty());
}

TEST_F(PagingTest, LinkOfAQueryAlone) { ExpectFollowed(R"(<?last=2&n=2>; rel="next")"); }

TEST_F(PagingTest, SeveralLinkHeaders) {
  Page(kFirst, {"1", "2"},
       {{"Link", R"(</v2/a/b/tags/list?n=2&before=1>; rel="prev")"},
        {"Link",
         R"(</v2/a/b/tags/list>; rel="first", </v2/a/b/tags/list?last=2&n=2>; rel="next")"}});
  Page(kSecond, {"3"});
  EXPECT_EQ(List().tags(), (Names{"1", "2", "3"}));
}

TEST_F(PagingTest, LinkNoSlashFromTheRootIsRepaired) {
  Page(kFirst, {"1", "2"}, NextLink("v2/a/b/tags/list?last=2&n=2"));
  world_.registry.On("GET", "https://r.test/v2/a/b/tags/v2/a/b/tags/list?last=2&n=2")
      .Reply(404, "404 page not found");
  Page(kSecond, {"3"});
  EXPECT_EQ(List().tags(), (Names{"1", "2", "3"}));
}

TEST_F(PagingTest, LinkWithAWrongPrefixIsRepaired) {
  for (const int status : {400, 404}) {
    SCOPED_TRACE(status);
    ClientFixture world;
    world.options.max_parallel_per_host = 1;  // the refused answer must not keep its place
    world.limits.error_body = 5;              // although it is not read to its end
    world.registry.On("GET", kFirst)
        .Reply(200, NextLink("/repository/docker/v2/a/b/tags/list?last=2&n=2"),
               TagsJson("a/b", {"1", "2"}));
    world.registry.On("GET", "https://r.test/repository/docker/v2/a/b/tags/list?last=2&n=2")
        .Reply(status, "no such thing");
    world.registry.On("GET", kSecond).Reply(200, TagsJson("a/b", {"3"}));
    world.loop.CancelAfter(std::chrono::seconds(2));
    const Listed listed = world.List("r.test/a/b", {.page_size = 2, .limit = {}});
    EXPECT_TRUE(listed.ok()) << listed.message();
    EXPECT_EQ(listed.tags(), (Names{"1", "2", "3"}));
    EXPECT_TRUE(world.Warned("wrong path"));
  }
}

TEST_F(PagingTest, LinkWithNZeroIsFollowedAsItIs) {
  const std::string second = std::string(kList) + "?last=amd64-1.8.1&n=0";
  world_.registry.On("GET", kList)
      .Reply(200, NextLink("/v2/a/b/tags/list?last=amd64-1.8.1&n=0"),
             TagsJson("a/b", {"amd64-1.8.1"}));
  Page(second, {"x"});
  const Listed listed = world_.List("r.test/a/b", {.page_size = 0, .limit = {}});
  EXPECT_EQ(listed.tags(), (Names{"amd64-1.8.1", "x"}));
}

TEST_F(PagingTest, LinkWithOpaqueLastIsKeptByteForByte) {
  const std::string cursor = "next_page=gAAA_-x%3D&last=%2b/%2F+%7e%7E..%2e&&n=2;x=%20";
  Page(kFirst, {"1", "2"}, NextLink("/v2/a/b/tags/list?" + cursor));
  Page(std::string(kList) + "?" + cursor, {"3"});
  EXPECT_EQ(List().tags(), (Names{"1", "2", "3"}));
}

TEST_F(PagingTest, LinkOnEveryPageEndsWhereItLeadsBack) {
  Page(kFirst, {"1", "2"}, NextLink("/v2/a/b/tags/list?last=2&n=2"));
  Page(kSecond, {"3"}, NextLink("/v2/a/b/tags/list?last=3&n=2"));
  Page(std::string(kList) + "?last=3&n=2", {}, NextLink("/v2/a/b/tags/list?last=3&n=2"));
  const Listed listed = List();
  EXPECT_TRUE(listed.ok()) << listed.message();
  EXPECT_EQ(listed.tags(), (Names{"1", "2", "3"}));
  EXPECT_EQ(world_.registry.requests().size(), 3U);
}

TEST_F(PagingTest, LinkLoopEndsWithAWarning) {
  Page(kFirst, {"1", "2"}, NextLink("/v2/a/b/tags/list?last=2&n=2"));
  Page(kSecond, {"3"}, NextLink("/v2/a/b/tags/list?n=2"));
  const Listed listed = List();
  EXPECT_TRUE(listed.ok()) << listed.message();
  EXPECT_EQ(listed.tags(), (Names{"1", "2", "3"}));
  EXPECT_TRUE(listed.summary->incomplete);
  EXPECT_EQ(world_.registry.requests().size(), 2U);
  EXPECT_TRUE(world_.Warned("already read"));
}

// Quay of 2023 asked with `last`: page 1 again and again, each time with a new cursor.
TEST_F(PagingTest, LinkLoopWithNewCursorsEndsWithAWarning) {
  Page(kFirst, {"1", "2"}, NextLink("/v2/a/b/tags/list?n=2&next_page=A"));
  Page(std::string(kList) + "?n=2&next_page=A", {"1", "2"},
       NextLink("/v2/a/b/tags/list?n=2&next_page=B"));
  const Listed listed = List();
  EXPECT_TRUE(listed.ok()) << listed.message();
  EXPECT_EQ(listed.tags(), (Names{"1", "2"}));
  EXPECT_TRUE(listed.summary->incomplete);
  EXPECT_EQ(world_.registry.requests().size(), 2U);
  EXPECT_TRUE(world_.Warned("nothing new"));
}

TEST_F(PagingTest, EmptyPagesWithEverNewLinksEnd) {
  Page(kFirst, {"1", "2"}, NextLink("/v2/a/b/tags/list?c=0"));
  for (int i = 0; i < 10; ++i) {
    Page(std::string(kList) + "?c=" + std::to_string(i), {},
         NextLink("/v2/a/b/tags/list?c=" + std::to_string(i + 1)));
  }
  const Listed listed = List();
  EXPECT_TRUE(listed.ok()) << listed.message();
  EXPECT_LT(world_.registry.requests().size(), 8U);
  EXPECT_TRUE(world_.Warned("empty pages in a row"));
  EXPECT_TRUE(listed.summary->incomplete);
}

TEST_F(PagingTest, AnEmptyPageBetweenFullOnesIsNoEnd) {
  Page(kFirst, {"1", "2"}, NextLink("/v2/a/b/tags/list?last=2&n=2"));
  Page(kSecond, {}, NextLink("/v2/a/b/tags/list?c=3"));
  Page(std::string(kList) + "?c=3", {"3"});
  EXPECT_EQ(List().tags(), (Names{"1", "2", "3"}));
}

TEST_F(PagingTest, EmptyLastPage) {
  Page(kFirst, {"1", "2"}, NextLink("/v2/a/b/tags/list?last=2&n=2"));
  Page(kSecond, {});
  const Listed listed = List();
  EXPECT_EQ(listed.tags(), (Names{"1", "2"}));
  EXPECT_EQ(listed.summary->pages, 2);
  EXPECT_FALSE(listed.summary->incomplete);
  EXPECT_TRUE(world_.log.warnings().empty());
}

TEST_F(PagingTest, LinkThatIsNoUrlEndsWithAWarning) {
  Page(kFirst, {"1", "2"}, {{"Link", R"(<ftp://r.test/x>; rel="next")"}});
  const Listed listed = List();
  EXPECT_TRUE(listed.ok());
  EXPECT_EQ(listed.tags(), (Names{"1", "2"}));
  EXPECT_TRUE(world_.Warned("the list may be incomplete"));
  EXPECT_TRUE(listed.summary->incomplete);
}

TEST_F(PagingTest, APageThatFailsLeavesThePagesBeforeIt) {
  Page(kFirst, {"1", "2"}, NextLink("/v2/a/b/tags/list?last=2&n=2"));
  world_.registry.On("GET", kSecond).Reply(500, "oops");
  const Listed listed = List();
  EXPECT_EQ(listed.code(), ErrorCode::kServerError);
  EXPECT_EQ(listed.tags(), (Names{"1", "2"}));
}

TEST_F(PagingTest, PagesHaveACap) {
  world_.limits.max_pages = 2;
  Page(kFirst, {"1", "2"}, NextLink("/v2/a/b/tags/list?last=2&n=2"));
  Page(kSecond, {"3", "4"}, NextLink("/v2/a/b/tags/list?last=4&n=2"));
  const Listed listed = List();
  EXPECT_EQ(listed.code(), ErrorCode::kTooLarge);
  EXPECT_EQ(listed.tags(), (Names{"1", "2", "3", "4"}));
}

TEST_F(PagingTest, ItemsHaveACap) {
  world_.limits.max_items = 3;
  Page(kFirst, {"1", "2"}, NextLink("/v2/a/b/tags/list?last=2&n=2"));
  Page(kSecond, {"3", "4"});
  EXPECT_EQ(List().code(), ErrorCode::kTooLarge);
}

TEST_F(PagingTest, ALimitAsksForNoMoreThanItNeeds) {
  Page(kFirst, {"1", "2"}, NextLink("/v2/a/b/tags/list?last=2&n=2"));
  Page(kSecond, {"3", "4"}, NextLink("/v2/a/b/tags/list?last=4&n=2"));
  const Listed listed = world_.List("r.test/a/b", {.page_size = 2, .limit = 3});
  EXPECT_EQ(listed.tags(), (Names{"1", "2", "3"}));
  EXPECT_EQ(listed.summary->items, 3U);
  EXPECT_EQ(world_.registry.requests().size(), 2U);
}

TEST_F(PagingTest, TheSinksErrorEndsTheListing) {
  Page(kFirst, {"1", "2"}, NextLink("/v2/a/b/tags/list?last=2&n=2"));
  const auto reference = world_.registries().Resolve("r.test/a/b");
  const auto repository = world_.registries().Open(reference->front());
  const auto result = world_.loop.Run(repository->ListTags(
      {.page_size = 2, .limit = {}},
      [](const repo::ListPage&) -> Status { return Fail(ErrorCode::kIo, "the pipe is closed"); }));
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, ErrorCode::kIo);
  EXPECT_EQ(world_.registry.requests().size(), 1U);
}

TEST_F(PagingTest, ACatalogPagesToo) {
  world_.registry.On("GET", "https://r.test/v2/_catalog?n=1000")
      .Reply(200, NextLink("/v2/_catalog?last=a%2Fb&n=1000"), "{\"repositories\":[\"a/b\"]}");
  world_.registry.On("GET", "https://r.test/v2/_catalog?last=a%2Fb&n=1000")
      .Reply(200, R"({"repositories":["a/c","Bad","a/b"]})");
  const Listed listed = world_.ListRepositories("r.test");
  ASSERT_TRUE(listed.ok()) << listed.message();
  EXPECT_EQ(listed.tags(), (Names{"a/b", "a/c"}));
  EXPECT_EQ(listed.summary->invalid, (Names{"Bad"}));
}

}  // namespace
}  // namespace portolan::client
