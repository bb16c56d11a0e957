// The rows "n > max" of the matrix: how many tags to ask for, and what registries make of it.
#include <gtest/gtest.h>

#include "portolan/client/testing/client_fixture.h"

namespace portolan::client {
namespace {

using Names = std::vector<std::string>;

constexpr const char* kPlain = "https://r.test/v2/a/b/tags/list";
constexpr const char* kTooMany = "https://r.test/v2/a/b/tags/list?n=9999";

Listed ListMany(ClientFixture& world) {
  return world.List("r.test/a/b", {.page_size = 9999, .limit = {}});
}

// A refused answer must give its place at the host's gate back before the second request.
void ExpectAskedWithoutN(int status, const std::string& body) {
  ClientFixture world;
  world.options.max_parallel_per_host = 1;
  world.limits.error_body = 5;  // the rest of the refusal is never read
  world.loop.CancelAfter(std::chrono::seconds(2));
  world.registry.On("GET", kTooMany).Reply(status, body);
  world.registry.On("GET", kPlain)
      .Reply(200, NextLink("/v2/a/b/tags/list?last=2&n=2"), TagsJson("a/b", {"1", "2"}));
  world.registry.On("GET", "https://r.test/v2/a/b/tags/list?last=2&n=2")
      .Reply(200, TagsJson("a/b", {"3"}));
  const Listed listed = ListMany(world);
  EXPECT_TRUE(listed.ok()) << listed.message();
  EXPECT_EQ(listed.tags(), (Names{"1", "2", "3"}));
}

TEST(PageSizeTest, TooLargeN405) {
  ExpectAskedWithoutN(405, R"({"errors":[{"code":"UNSUPPORTED","message":"Invalid parameter at )"
                           R"('maxResults' failed to satisfy constraint"}]})");
}
TEST(PageSizeTest, TooLargeN413) {
  ExpectAskedWithoutN(413, R"({"errors":[{"code":"TOO_MANY_TAGS_REQUESTED"}]})");
}
TEST(PageSizeTest, TooLargeN400) {
  ExpectAskedWithoutN(400, R"({"errors":[{"code":"PAGINATION_NUMBER_INVALID"}]})");
}

TEST(PageSizeTest, ARefusalThatIsNotAboutNStands) {
  ClientFixture world;
  world.registry.On("GET", kTooMany).Reply(400, "bad");
  world.registry.On("GET", kPlain).Reply(400, "bad as well");
  const Listed listed = ListMany(world);
  EXPECT_FALSE(listed.ok());
  EXPECT_EQ(world.registry.requests().size(), 2U) << "once without n, and no more";
}

TEST(PageSizeTest, NIsNotDroppedForOtherRefusals) {
  for (const int status : {404, 403, 500}) {
    SCOPED_TRACE(status);
    ClientFixture world;
    world.registry.On("GET", kTooMany).Reply(status, "no");
    EXPECT_FALSE(ListMany(world).ok());
    EXPECT_EQ(world.registry.requests().size(), 1U);
  }
}

TEST(PageSizeTest, TooLargeNClamped) {
  ClientFixture world;
  world.registry.On("GET", kTooMany)
      .Reply(200, NextLink("/v2/a/b/tags/list?n=2&last=2"), TagsJson("a/b", {"1", "2"}));
  world.registry.On("GET", "https://r.test/v2/a/b/tags/list?n=2&last=2")
      .Reply(200, TagsJson("a/b", {"3"}));
  EXPECT_EQ(ListMany(world).tags(), (Names{"1", "2", "3"}));
}

TEST(PageSizeTest, NIgnored) {
  ClientFixture world;
  world.registry.On("GET", "https://r.test/v2/a/b/tags/list?n=2")
      .Reply(200, TagsJson("a/b", {"1", "2", "3", "4"}));
  EXPECT_EQ(world.List("r.test/a/b", {.page_size = 2, .limit = {}}).tags(),
            (Names{"1", "2", "3", "4"}));
}

// What is asked for where the user names no size, or one that the registry would refuse.
TEST(PageSizeTest, EachRegistryIsAskedAsSuitsIt) {
  struct Row {
    const char* name;
    const char* reference;
    std::optional<int> page_size;
    const char* url;
  };
  const Row rows[] = {
      {"unknown", "r.test/a/b", {}, "https://r.test/v2/a/b/tags/list?n=1000"},
      {"unknown, never n=0", "r.test/a/b", 0, "https://r.test/v2/a/b/tags/list"},
      {"unknown, never negative", "r.test/a/b", -5, "https://r.test/v2/a/b/tags/list"},
      {"Docker Hub",
       "ubuntu",
       {},
       "https://registry-1.docker.io/v2/library/ubuntu/tags/list?n=1000"},
      {"Docker Hub, lowered", "ubuntu", 50000,
       "https://registry-1.docker.io/v2/library/ubuntu/tags/list?n=10000"},
      {"Quay", "quay.io/a/b", {}, "https://quay.io/v2/a/b/tags/list"},
      {"Quay, lowered", "quay.io/a/b", 1000, "https://quay.io/v2/a/b/tags/list?n=100"},
      {"ECR, lowered", "1.dkr.ecr.eu-west-1.amazonaws.com/b", 5000,
       "https://1.dkr.ecr.eu-west-1.amazonaws.com/v2/b/tags/list?n=1000"},
      {"GCR", "gcr.io/a/b", {}, "https://gcr.io/v2/a/b/tags/list"},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.name);
    ClientFixture world;
    world.registry.On("GET", row.url).Reply(200, TagsJson("a/b", {"1"}));
    const Listed listed = world.List(row.reference, {.page_size = row.page_size, .limit = {}});
    EXPECT_TRUE(listed.ok()) << listed.message();
  }
}

}  // namespace
}  // namespace portolan::client
