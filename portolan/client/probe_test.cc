// The Link row "missing": registries that forget the Link of a full page (Nexus, Artifactory).
#include <gtest/gtest.h>

#include "portolan/client/testing/client_fixture.h"

namespace portolan::client {
namespace {

using Names = std::vector<std::string>;

constexpr const char* kFirst = "https://r.test/v2/a/b/tags/list?n=2";
constexpr const char* kProbe = "https://r.test/v2/a/b/tags/list?n=2&last=2";

class ProbeTest : public testing::Test {
 protected:
  Listed List() { return world_.List("r.test/a/b", {.page_size = 2, .limit = {}}); }
  void FirstPage(const Names& tags, http::Headers headers = {{"Server", "Nexus/3.58.1-02 (OSS)"}}) {
    world_.registry.On("GET", kFirst).Reply(200, std::move(headers), TagsJson("a/b", tags));
  }
  void ExpectEnd() {
    const Listed listed = List();
    EXPECT_TRUE(listed.ok()) << listed.message();
    EXPECT_EQ(listed.tags(), (Names{"1", "2"}));
    EXPECT_EQ(world_.registry.requests().size(), 2U);
    EXPECT_TRUE(world_.log.warnings().empty()) << world_.LogText();
  }

  ClientFixture world_;
};

TEST_F(ProbeTest, MissingLinkOnNexusIsProbed) {
  FirstPage({"1", "2"});
  world_.registry.On("GET", kProbe).Reply(200, TagsJson("a/b", {"3"}));
  const Listed listed = List();
  EXPECT_EQ(listed.tags(), (Names{"1", "2", "3"}));
  EXPECT_EQ(world_.registry.requests().size(), 2U) << "a page that is not full is the last";
}

TEST_F(ProbeTest, MissingLinkOnArtifactoryIsProbedPageByPage) {
  FirstPage({"1", "2"}, {{"X-JFrog-Version", "Artifactory/7.55"}});
  world_.registry.On("GET", kProbe).Reply(200, TagsJson("a/b", {"3", "4"}));
  world_.registry.On("GET", "https://r.test/v2/a/b/tags/list?n=2&last=4")
      .Reply(200, TagsJson("a/b", {}));
  EXPECT_EQ(List().tags(), (Names{"1", "2", "3", "4"}));
}

TEST_F(ProbeTest, AnUnknownLastIsTheEnd) {
  FirstPage({"1", "2"});
  world_.registry.On("GET", kProbe).Reply(404, "unknown tag");
  ExpectEnd();
}

TEST_F(ProbeTest, ARefusedLastIsTheEnd) {
  FirstPage({"1", "2"});
  world_.registry.On("GET", kProbe).Reply(405, "Invalid NextToken");
  ExpectEnd();
}

TEST_F(ProbeTest, AnIgnoredLastIsTheEnd) {
  FirstPage({"1", "2"});
  world_.registry.On("GET", kProbe).Reply(200, TagsJson("a/b", {"1", "2"}));
  ExpectEnd();
}

TEST_F(ProbeTest, APageThatIsNotFullIsTheLast) {
  FirstPage({"1"});
  EXPECT_EQ(List().tags(), (Names{"1"}));
  EXPECT_EQ(world_.registry.requests().size(), 1U);
}

TEST_F(ProbeTest, RegistriesThatKeepTheirLinksAreNotProbed) {
  FirstPage({"1", "2"}, {{"Server", "nginx"}});
  EXPECT_EQ(List().tags(), (Names{"1", "2"}));
  EXPECT_EQ(world_.registry.requests().size(), 1U);
}

TEST_F(ProbeTest, DroppedEntriesCountForAFullPage) {
  world_.registry.On("GET", kFirst)
      .Reply(200, {{"Server", "Nexus/3"}}, R"({"name":"a/b","tags":[null,"2"]})");
  world_.registry.On("GET", kProbe).Reply(200, TagsJson("a/b", {"3"}));
  EXPECT_EQ(List().tags(), (Names{"2", "3"}));
}

}  // namespace
}  // namespace portolan::client
