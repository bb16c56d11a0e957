// The extension `_portolan`: history of tags, and their restoration.
#include <chrono>
#include <string>

#include <gtest/gtest.h>

#include "portolan/server/testing/test_registry.h"

namespace portolan::server {
namespace {

using namespace std::chrono_literals;

const std::string kHistory = "/v2/a/b/_portolan/tags/history";
const std::string kRestore = "/v2/a/b/_portolan/tags/restore";

class TagHistoryTest : public testing::Test {
 protected:
  TestRegistry registry;
};

TEST_F(TagHistoryTest, TellsWhatHappened) {
  const std::string first = registry.PushImage("a/b", "t", "one");
  registry.clock.Advance(1min);
  const std::string second = registry.PushImage("a/b", "t", "two");
  registry.clock.Advance(1min);
  ASSERT_EQ(registry.Delete("/v2/a/b/manifests/t").status, 202);
  const Answered answered = registry.Get(kHistory + "?tag=t");
  EXPECT_EQ(answered.status, 200);
  const std::string& body = answered.body;
  // Newest first.
  EXPECT_TRUE(body.starts_with(R"({"name":"a/b","events":[{"id":3,"tag":"t","at":"2023-03-28T)"))
      << body;
  EXPECT_NE(body.find("\"before\":\"" + second + "\",\"after\":null,\"restorable\":true"),
            std::string::npos)
      << body;
  EXPECT_NE(body.find("\"before\":\"" + first + "\",\"after\":\"" + second + "\""),
            std::string::npos);
  EXPECT_NE(body.find("\"before\":null,\"after\":\"" + first + "\""), std::string::npos);
}

TEST_F(TagHistoryTest, PagesAndFilters) {
  for (const char* tag : {"a", "b", "c"}) registry.PushImage("a/b", tag, "x");
  const Answered page = registry.Get(kHistory + "?n=2");
  EXPECT_NE(page.body.find("\"tag\":\"c\""), std::string::npos);
  EXPECT_EQ(page.body.find("\"tag\":\"a\""), std::string::npos);
  const std::string link = page.Header("Link");
  ASSERT_FALSE(link.empty());
  const Answered next = registry.Get(link.substr(1, link.find('>') - 1));
  EXPECT_NE(next.body.find("\"tag\":\"a\""), std::string::npos);
  EXPECT_EQ(next.Header("Link"), "");
  EXPECT_EQ(registry.Get(kHistory + "?tag=b").body.find("\"tag\":\"c\""), std::string::npos);
  EXPECT_EQ(registry.Get(kHistory + "?tag=..").status, 400);
  EXPECT_EQ(registry.Get(kHistory + "?before=x").status, 400);
  EXPECT_EQ(registry.Get("/v2/no/such/_portolan/tags/history").status, 404);
}

TEST_F(TagHistoryTest, RestoresADeletedTag) {
  const std::string digest = registry.PushImage("a/b", "t", "one");
  ASSERT_EQ(registry.Delete("/v2/a/b/manifests/t").status, 202);
  const Answered restored = registry.Post(kRestore + "?tag=t");
  EXPECT_EQ(restored.status, 200) << restored.body;
  EXPECT_EQ(restored.body, "{\"name\":\"a/b\",\"tag\":\"t\",\"digest\":\"" + digest + "\"}");
  EXPECT_EQ(registry.Get("/v2/a/b/manifests/t").Header("Docker-Content-Digest"), digest);
}

TEST_F(TagHistoryTest, RestoresAnOverwrittenTagAndADeletedManifest) {
  const std::string first = registry.PushImage("a/b", "t", "one");
  registry.PushImage("a/b", "t", "two");
  ASSERT_EQ(registry.Delete("/v2/a/b/manifests/" + first).status, 202);
  const Answered restored = registry.Post(kRestore + "?tag=t&digest=" + first);
  EXPECT_EQ(restored.status, 200) << restored.body;
  EXPECT_EQ(registry.Get("/v2/a/b/manifests/t").Header("Docker-Content-Digest"), first);
  EXPECT_EQ(registry.Get("/v2/a/b/manifests/" + first).status, 200);
}

TEST_F(TagHistoryTest, OnlyWhatHistoryKnows) {
  registry.PushImage("a/b", "t", "one");
  EXPECT_EQ(registry.Post(kRestore).status, 400);
  EXPECT_EQ(registry.Post(kRestore + "?tag=t&digest=x").status, 400);
  EXPECT_EQ(registry.Post(kRestore + "?tag=other").status, 404);
  EXPECT_EQ(registry.Post(kRestore + "?tag=t&digest=" + Sha256Of("x")).status, 404);
}

}  // namespace
}  // namespace portolan::server
