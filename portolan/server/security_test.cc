// Mistakes that other registries made, one test each where no other test is about it.
// docs/security.md lists all of them with their tests, and a test holds the list to be true.
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "portolan/auth/authenticator.h"
#include "portolan/base/url.h"
#include "portolan/oci/manifest.h"
#include "portolan/server/testing/test_registry.h"
#include "portolan/store/collector.h"
#include "portolan/store/fsck.h"

namespace portolan::server {
namespace {

// Everybody is kim.
class KimAuthenticator final : public auth::Authenticator {
 public:
  std::optional<auth::Identity> Known(std::string_view) override {
    return auth::Identity{.name = "kim"};
  }
  Result<auth::Identity> Authenticate(std::string_view) override {
    return auth::Identity{.name = "kim"};
  }
  std::string Challenge() const override { return "Basic realm=\"test\""; }
};

class SecurityTest : public testing::Test {
 protected:
  void Allow(std::vector<auth::Action> actions) {
    auth::ActionSet allow;
    for (const auth::Action action : actions) allow.Add(action);
    auto rules = auth::AccessRules::Make({{.users = {"kim"}, .repositories = {}, .allow = allow}});
    ASSERT_TRUE(rules) << rules.error().message;
    registry.SetAuth(std::make_unique<KimAuthenticator>(), *std::move(rules));
  }
  std::string PushIndex(const std::string& reference, const std::string& children) {
    return registry.PushManifest("a/b", reference,
                                 R"({"schemaVersion":2,"manifests":[)" + children + "]}",
                                 std::string(oci::kImageIndexType));
  }
  TestRegistry registry;
};

// distribution's switch for deletion did not cover tags.
TEST_F(SecurityTest, DeletingATagNeedsWhatDeletingNeeds) {  // CVE-2026-41888
  const std::string digest = registry.PushImage("a/b", "t", "layer");
  registry.PushImage("a/b", "other", "layer");
  Allow({auth::Action::kPull, auth::Action::kCreate, auth::Action::kOverwrite});
  EXPECT_EQ(registry.Delete("/v2/a/b/manifests/t").status, 403);
  EXPECT_EQ(registry.Delete("/v2/a/b/manifests/" + digest).status, 403);
  EXPECT_EQ(registry.Get("/v2/a/b/manifests/t").status, 200);
  Allow({auth::Action::kDelete});
  EXPECT_EQ(registry.Delete("/v2/a/b/manifests/t").status, 202);
  registry.SetOptions({.read_only = true});
  EXPECT_EQ(registry.Delete("/v2/a/b/manifests/other").status, 405);
}

// zot took DELETE for a kind of push.
TEST_F(SecurityTest, PushingIsNotDeleting) {  // CVE-2026-61833
  const std::string digest = registry.PushImage("a/b", "t", "layer");
  const std::string blob = registry.PushBlob("a/b", "loose");
  Allow({auth::Action::kPull, auth::Action::kCreate, auth::Action::kOverwrite,
         auth::Action::kCatalog});
  for (const std::string& target : {std::string("/v2/a/b/manifests/t"),
                                    "/v2/a/b/manifests/" + digest, "/v2/a/b/blobs/" + blob}) {
    SCOPED_TRACE(target);
    EXPECT_EQ(registry.Delete(target).status, 403);
    EXPECT_EQ(registry.Get(target).status, 200);
  }
  EXPECT_EQ(registry.Post("/v2/a/b/blobs/uploads/").status, 202) << "it may push";
}

// Quay unpickled what it had saved of a hash.
TEST_F(SecurityTest, ADamagedHashStateIsRefused) {  // CVE-2026-32590
  const std::string location = registry.Post("/v2/a/b/blobs/uploads/").Header("Location");
  ASSERT_EQ(registry.Patch(location, "01234").status, 202);
  const std::string id = location.substr(location.rfind('/') + 1);
  store::MetadataStore& metadata = registry.storage().metadata();
  store::UploadRow row = metadata.FindUpload(id).value();
  const std::string good = row.hash_state;
  const std::string target = location + "?digest=" + Sha256Of("0123456789");
  std::string flipped = good;
  flipped[good.size() / 2] = static_cast<char>(flipped[good.size() / 2] ^ 1);
  for (const std::string& bad : {std::string(), std::string("cos\nsystem\n(S'id'\ntR."),
                                 good.substr(1), good + '\0', flipped}) {
    row.hash_state = bad;
    ASSERT_TRUE(metadata.AdvanceUpload(row, row.offset));
    const int status = registry.Put(target, "56789").status;
    EXPECT_TRUE(status == 400 || status == 404 || status == 500) << status;
    EXPECT_EQ(registry.Head("/v2/a/b/blobs/" + Sha256Of("0123456789")).status, 404);
  }
  row.hash_state = good;
  ASSERT_TRUE(metadata.AdvanceUpload(row, row.offset));
  EXPECT_EQ(registry.Put(target, "56789").status, 201) << "it was the state";
}

// zot followed every path through nested indexes: here there are 2^60.
TEST_F(SecurityTest, NestedIndexesAreNotWalkedPathByPath) {  // zot #4318
  using namespace std::chrono_literals;
  const std::string platform = R"(,"platform":{"architecture":"amd64","os":"linux"})";
  const std::string type(oci::kImageIndexType);
  std::string children;
  std::string top;
  for (int level = 0; level < 60; ++level) {
    std::string above;
    for (const char* name : {"left", "right"}) {
      const std::string content = R"({"schemaVersion":2,"manifests":[)" + children +
                                  R"(],"annotations":{"name":")" + name + std::to_string(level) +
                                  "\"}}";
      top = registry.PushManifest("a/b", "", content, type);
      above += (above.empty() ? "" : ",") + DescriptorOf(type, content, platform);
    }
    children = above;
  }
  top = PushIndex("top", children);
  const http::Headers old_client{{"Accept", std::string(oci::kImageManifestType)}};
  EXPECT_EQ(registry.Get("/v2/a/b/manifests/top", old_client).status, 200);
  EXPECT_EQ(registry.Get("/v2/a/b/referrers/" + top).status, 200);
  const auto fsck = store::Fsck(registry.storage(), {}, {});
  ASSERT_TRUE(fsck) << fsck.error().message;
  EXPECT_EQ(fsck->manifests, 121U);
  EXPECT_EQ(registry.Delete("/v2/a/b/manifests/" + top).status, 202);
  EXPECT_EQ(registry.Post("/v2/a/b/_portolan/tags/restore?tag=top").status, 200);
  EXPECT_EQ(registry.Delete("/v2/a/b/manifests/" + top).status, 202);
  registry.clock.Advance(24h * 100);
  store::Collector collector(registry.storage(), registry.clock, registry.log);
  EXPECT_TRUE(collector.Run(false, {}));
}

// Harbor and others let what a client sent become a query's text.
TEST_F(SecurityTest, WhatAClientSendsIsNoQuery) {  // CVE-2024-22261, CVE-2025-30086
  const std::string digest = registry.PushImage("a/b", "t", "layer");
  const std::string text = PercentEncode("' OR 1=1; DROP TABLE tag; --");
  EXPECT_EQ(registry.Get("/v2/a/b/tags/list?last=" + PercentEncode("zz' OR '1'='1")).body,
            R"({"name":"a/b","tags":[]})");
  for (const std::string& target :
       {"/v2/a/b/tags/list?n=1&last=" + text, "/v2/_catalog?last=" + text,
        "/v2/a/b/referrers/" + digest + "?artifactType=" + text}) {
    SCOPED_TRACE(target);
    EXPECT_EQ(registry.Get(target).status, 200);
  }
  EXPECT_EQ(registry.Get("/v2/a/b/tags/list").body, R"({"name":"a/b","tags":["t"]})");
  EXPECT_TRUE(registry.log.warnings().empty());
}

// Other projects knew an object by its digest and forgot whose it was.
TEST_F(SecurityTest, AManifestIsOfItsRepository) {  // CVE-2022-31666 and the five after it
  const std::string digest = registry.PushImage("a/secret", "t", "layer");
  registry.PushImage("a/open", "t", "other");
  const std::string target = "/v2/a/open/manifests/" + digest;
  EXPECT_EQ(registry.Get(target).status, 404);
  EXPECT_EQ(registry.Head(target).status, 404);
  EXPECT_EQ(registry.Delete(target).status, 404);
  EXPECT_EQ(registry.Post("/v2/a/open/_portolan/tags/restore?tag=t&digest=" + digest).status, 404);
  EXPECT_EQ(registry.Get("/v2/a/secret/manifests/t").status, 200);
}

}  // namespace
}  // namespace portolan::server
