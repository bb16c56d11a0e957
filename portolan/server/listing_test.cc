// Lists of tags and repositories, page by page (Spec: "Listing Tags").
#include <set>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "portolan/oci/manifest.h"
#include "portolan/server/testing/test_registry.h"

namespace portolan::server {
namespace {

// Follows Links to the end; gives each page's body.
std::vector<std::string> Pages(TestRegistry& registry, std::string target) {
  std::vector<std::string> pages;
  while (!target.empty() && pages.size() < 100) {
    const Answered answered = registry.Get(target);
    EXPECT_EQ(answered.status, 200) << answered.body;
    pages.push_back(answered.body);
    const std::string link = answered.Header("Link");
    if (link.empty()) break;
    EXPECT_TRUE(link.starts_with('<') && link.ends_with(">; rel=\"next\"")) << link;
    target = link.substr(1, link.find('>') - 1);
  }
  return pages;
}

class TagListTest : public testing::Test {
 protected:
  TagListTest() {
    for (const char* tag : {"latest", "1.10", "1.9", "Edge", "_x", "1.9-rc.1"}) {
      registry.PushImage("a/b", tag, "layer");
    }
  }
  TestRegistry registry;
  const std::string list = "/v2/a/b/tags/list";
};

TEST_F(TagListTest, AllInByteOrder) {
  const Answered answered = registry.Get(list);
  EXPECT_EQ(answered.Header("Content-Type"), "application/json");
  EXPECT_EQ(answered.body,
            R"({"name":"a/b","tags":["1.10","1.9","1.9-rc.1","Edge","_x","latest"]})");
  EXPECT_EQ(answered.Header("Link"), "");
}

TEST_F(TagListTest, PageByPage) {
  EXPECT_EQ(Pages(registry, list + "?n=4"),
            (std::vector<std::string>{R"({"name":"a/b","tags":["1.10","1.9","1.9-rc.1","Edge"]})",
                                      R"({"name":"a/b","tags":["_x","latest"]})"}));
  EXPECT_EQ(registry.Get(list + "?n=4").Header("Link"),
            "</v2/a/b/tags/list?n=4&last=Edge>; rel=\"next\"");
  // A page that ends with the list has no Link.
  EXPECT_EQ(registry.Get(list + "?n=6").Header("Link"), "");
  EXPECT_EQ(registry.Get(list + "?n=1000000000").Header("Link"), "");
  EXPECT_EQ(Pages(registry, list + "?n=1").size(), 6U);
}

TEST_F(TagListTest, AfterATagThatIsThereOrNot) {
  EXPECT_EQ(registry.Get(list + "?last=Edge").body, R"({"name":"a/b","tags":["_x","latest"]})");
  EXPECT_EQ(registry.Get(list + "?last=K").body, R"({"name":"a/b","tags":["_x","latest"]})");
  EXPECT_EQ(registry.Get(list + "?last=zzz").body, R"({"name":"a/b","tags":[]})");
  EXPECT_EQ(registry.Get(list + "?n=1&last=%5Fx").body, R"({"name":"a/b","tags":["latest"]})");
}

TEST_F(TagListTest, NoneAtAll) {
  const Answered answered = registry.Get(list + "?n=0");
  EXPECT_EQ(answered.status, 200);
  EXPECT_EQ(answered.body, R"({"name":"a/b","tags":[]})");
  EXPECT_EQ(answered.Header("Link"), "");
}

TEST_F(TagListTest, NumbersThatAreNone) {
  for (const char* n : {"-1", "x", "1x", "", "%201", "1.5"}) {
    SCOPED_TRACE(n);
    const Answered answered = registry.Get(list + "?n=" + n);
    EXPECT_EQ(answered.status, 400);
    EXPECT_NE(answered.body.find("PAGINATION_NUMBER_INVALID"), std::string::npos);
  }
  // CVE-2023-2253: no memory is sized by it.
  EXPECT_EQ(registry.Get(list + "?n=99999999999999999999999").status, 200);
}

TEST_F(TagListTest, APageIsNeverLargerThanAllowed) {
  registry.SetOptions({.page_size = 2});
  EXPECT_EQ(Pages(registry, list + "?n=5").size(), 3U);
}

TEST_F(TagListTest, UnknownRepository) {
  const Answered answered = registry.Get("/v2/no/such/tags/list");
  EXPECT_EQ(answered.status, 404);
  EXPECT_NE(answered.body.find("NAME_UNKNOWN"), std::string::npos);
}

TEST(LongTagListTest, IsStreamedWhole) {
  TestRegistry registry;
  const std::string digest = registry.PushImage("a/b", "first", "layer");
  const std::string content = ImageManifest("{}", {"layer"});
  std::set<std::string> expected{"first"};
  for (int push = 0; push < 400; ++push) {
    std::string target = "/v2/a/b/manifests/" + digest + "?";
    for (int i = 0; i < 60; ++i) {
      const std::string tag = fmt::format("t{:05}", push * 60 + i);
      expected.insert(tag);
      target += "&tag=" + tag;
    }
    ASSERT_EQ(
        registry.Put(target, content, {{"Content-Type", std::string(oci::kImageManifestType)}})
            .status,
        201);
  }
  std::string text = "{\"name\":\"a/b\",\"tags\":[";
  for (const std::string& tag : expected) text += (text.ends_with('[') ? "\"" : ",\"") + tag + "\"";
  const Answered answered = registry.Get("/v2/a/b/tags/list");
  EXPECT_EQ(answered.body, text + "]}");
  EXPECT_FALSE(answered.broken);
}

TEST(CatalogTest, PageByPage) {
  TestRegistry registry;
  EXPECT_EQ(registry.Get("/v2/_catalog").body, R"({"repositories":[]})");
  for (const char* name : {"b", "a/x", "a", "c/d/e"}) registry.PushImage(name, "t", "layer");
  registry.PushBlob("only/blobs", "x");
  EXPECT_EQ(registry.Get("/v2/_catalog").body, R"({"repositories":["a","a/x","b","c/d/e"]})");
  EXPECT_EQ(Pages(registry, "/v2/_catalog?n=3"),
            (std::vector<std::string>{R"({"repositories":["a","a/x","b"]})",
                                      R"({"repositories":["c/d/e"]})"}));
  EXPECT_EQ(registry.Get("/v2/_catalog?n=0").body, R"({"repositories":[]})");
  EXPECT_EQ(registry.Get("/v2/_catalog?n=-1").status, 400);
  EXPECT_EQ(registry.Get("/v2/_catalog?last=b").body, R"({"repositories":["c/d/e"]})");
}

TEST(CatalogTest, ARepositoryWithoutManifestsIsNotListed) {
  TestRegistry registry;
  const std::string digest = registry.PushImage("a", "t", "layer");
  ASSERT_EQ(registry.Delete("/v2/a/manifests/" + digest).status, 202);
  EXPECT_EQ(registry.Get("/v2/_catalog").body, R"({"repositories":[]})");
}

}  // namespace
}  // namespace portolan::server
