#include <functional>
#include <string>

#include <gtest/gtest.h>

#include "portolan/cli/testing/command_fixture.h"
#include "portolan/cli/testing/image_registry.h"

namespace portolan::cli {
namespace {

class UntagTest : public testing::Test {
 protected:
  UntagTest() {
    old_ = registry_.Push("1.9", "2023-03-01T10:00:00Z", 1000);
    new_ = registry_.Push("1.10", "2023-03-20T10:00:00Z", 50'000);
    registry_.tags["latest"] = new_;
  }

  Status Run(const std::string& tag, std::vector<std::string> arguments = {}) {
    fixture_.terminal.out.clear();
    arguments.insert(arguments.begin(), "reg.example/a/b:" + tag);
    return fixture_.Run(NewUntagCommand(), std::move(arguments));
  }
  bool Changed() const {
    for (const auto& seen : fixture_.service.seen()) {
      if (seen.method != "GET" && seen.method != "HEAD") return true;
    }
    return false;
  }

  ImageRegistry registry_;
  CommandFixture fixture_{std::ref(registry_)};
  std::string old_;
  std::string new_;
};

TEST_F(UntagTest, DeletesOneTagAndNamesThoseThatStay) {
  const Status status = Run("latest");
  ASSERT_TRUE(status) << status.error().message;
  EXPECT_EQ(fixture_.terminal.out, "deleted reg.example/a/b:latest (" + new_ +
                                       ")\nthe tag with this digest stays: 1.10\n");
  EXPECT_FALSE(registry_.tags.contains("latest"));
  EXPECT_EQ(registry_.tags.at("1.10"), new_);
}

TEST_F(UntagTest, ADryRunChangesNothing) {
  ASSERT_TRUE(Run("latest", {"--dry-run"}));
  EXPECT_TRUE(fixture_.terminal.out.starts_with("would delete reg.example/a/b:latest"));
  EXPECT_TRUE(fixture_.terminal.out.contains("would stay: 1.10"));
  ASSERT_TRUE(Run("latest", {"--dry-run", "-o", "json"}));
  EXPECT_EQ(fixture_.terminal.out,
            "{\"repository\":\"reg.example/a/b\",\"tag\":\"latest\",\"digest\":\"" + new_ +
                "\",\"deleted\":false,\"by\":null,\"siblings\":[\"1.10\"]}\n");
  EXPECT_FALSE(Changed());
}

TEST_F(UntagTest, NeverByDigestWhereAnotherTagSharesIt) {
  for (const int refusal : {405, 400, 501}) {
    SCOPED_TRACE(refusal);
    registry_.delete_by_tag_status = refusal;
    const Status status = Run("latest", {"--by-digest"});
    ASSERT_FALSE(status);
    EXPECT_EQ(status.error().code, ErrorCode::kUnsupported);
    EXPECT_TRUE(status.error().message.contains("1.10")) << status.error().message;
    EXPECT_EQ(registry_.tags.size(), 3U);
  }
}

TEST_F(UntagTest, NorWhereAnIndexNeedsTheImage) {
  registry_.delete_by_tag_status = 405;
  registry_.PushIndex("multi", {old_ + " amd64"});
  const Status status = Run("1.9", {"--by-digest"});
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().code, ErrorCode::kUnsupported);
  EXPECT_TRUE(status.error().message.contains("multi")) << status.error().message;
  EXPECT_TRUE(registry_.manifests.contains(old_));
}

TEST_F(UntagTest, NorWhereAnIndexNeedsAnotherOne) {
  registry_.delete_by_tag_status = 405;
  const std::string inner = registry_.PushIndex("inner", {old_ + " amd64"});
  registry_.PushIndex("outer", {inner + " amd64"});
  const Status status = Run("inner", {"--by-digest"});
  ASSERT_FALSE(status);
  EXPECT_TRUE(status.error().message.contains("outer")) << status.error().message;
  EXPECT_TRUE(registry_.tags.contains("inner"));
}

TEST_F(UntagTest, ByDigestOnlyWhereItWasSaid) {
  registry_.delete_by_tag_status = 405;
  const Status refused = Run("1.9");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kUnsupported);
  EXPECT_TRUE(refused.error().hint.contains("--by-digest"));
  EXPECT_TRUE(registry_.tags.contains("1.9"));
  const Status done = Run("1.9", {"--by-digest", "-o", "json"});
  ASSERT_TRUE(done) << done.error().message;
  EXPECT_TRUE(fixture_.terminal.out.contains(R"("deleted":true,"by":"digest","siblings":[])"));
  EXPECT_EQ(registry_.tags.size(), 2U);
}

TEST_F(UntagTest, SiblingsThatARegistryTakesAlongArePutBack) {
  registry_.deletes_siblings = true;
  const Status status = Run("latest");
  ASSERT_TRUE(status) << status.error().message;
  EXPECT_EQ(registry_.tags.at("1.10"), new_);
  EXPECT_FALSE(registry_.tags.contains("latest"));
  EXPECT_TRUE(fixture_.terminal.error.contains("put back")) << fixture_.terminal.error;
}

TEST_F(UntagTest, NothingIsDeletedWhileASiblingMayBeHidden) {
  registry_.extra_tags = {"dead"};  // a name without a manifest hides nothing
  ASSERT_TRUE(Run("1.9"));
  registry_.PushManifest("odd", "{", "application/vnd.oci.image.manifest.v1+json");
  registry_.delete_by_tag_status = 405;
  registry_.failing_manifests = 500;
  registry_.tags["multi"] = registry_.PushIndex("", {new_ + " amd64"});
  const std::string lone = registry_.Push("lone", "", 7);
  EXPECT_FALSE(Run("lone", {"--by-digest"}));
  EXPECT_TRUE(registry_.tags.contains("lone"));
}

TEST_F(UntagTest, WhatIsNoTag) {
  EXPECT_EQ(Run("none").error().code, ErrorCode::kManifestUnknown);
  EXPECT_EQ(fixture_.Run(NewUntagCommand(), {"reg.example/a/b"}).error().code, ErrorCode::kUsage);
  EXPECT_EQ(fixture_.Run(NewUntagCommand(), {"reg.example/a/b@" + new_}).error().code,
            ErrorCode::kUsage);
  EXPECT_EQ(fixture_.Run(NewUntagCommand(), {"reg.example/a/b:1.9@" + old_}).error().code,
            ErrorCode::kUsage);
  EXPECT_FALSE(Changed());
}

}  // namespace
}  // namespace portolan::cli
