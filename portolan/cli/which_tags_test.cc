#include <functional>
#include <string>

#include <gtest/gtest.h>

#include "portolan/cli/testing/command_fixture.h"
#include "portolan/cli/testing/image_registry.h"

namespace portolan::cli {
namespace {

class WhichTagsTest : public testing::Test {
 protected:
  WhichTagsTest() {
    old_ = registry_.Push("1.9", "2023-03-01T10:00:00Z", 1000);
    arm_ = registry_.Push("", "2023-03-20T10:00:00Z", 5000, "arm64");
    index_ = registry_.PushIndex("1.10", {old_ + " amd64", arm_ + " arm64"});
    registry_.tags["latest"] = index_;
  }

  Status Run(const std::string& reference, std::vector<std::string> arguments = {}) {
    fixture_.terminal.out.clear();
    arguments.insert(arguments.begin(), reference);
    return fixture_.Run(NewWhichTagsCommand(), std::move(arguments));
  }

  ImageRegistry registry_;
  CommandFixture fixture_{std::ref(registry_)};
  std::string old_;
  std::string arm_;
  std::string index_;
};

TEST_F(WhichTagsTest, WhichVersionIsLatest) {
  ASSERT_TRUE(Run("reg.example/a/b:latest", {"-o", "text"}));
  EXPECT_EQ(fixture_.terminal.out, "1.10\nlatest\n");
}

TEST_F(WhichTagsTest, AnImageOfAnIndex) {
  ASSERT_TRUE(Run("reg.example/a/b@" + arm_));
  EXPECT_EQ(fixture_.terminal.out,
            "TAG     MATCH     PLATFORM\n"
            "1.10    contains  linux/arm64\n"
            "latest  contains  linux/arm64\n");
  ASSERT_TRUE(Run("reg.example/a/b:1.9", {"-o", "json"}));
  EXPECT_EQ(fixture_.terminal.out,
            "{\"repository\":\"reg.example/a/b\",\"digest\":\"" + old_ +
                "\",\"tags\":[\n"
                "  {\"tag\":\"1.9\",\"match\":\"same\",\"platform\":null},\n"
                "  {\"tag\":\"1.10\",\"match\":\"contains\",\"platform\":\"linux/amd64\"},\n"
                "  {\"tag\":\"latest\",\"match\":\"contains\",\"platform\":\"linux/amd64\"}\n]}\n");
  ASSERT_TRUE(Run("reg.example/a/b:1.9", {"-o", "ndjson"}));
  EXPECT_TRUE(fixture_.terminal.out.contains("\"tag\":\"1.9\",\"match\":\"same\""));
}

TEST_F(WhichTagsTest, AnIndexIsReadOnce) {
  ASSERT_TRUE(Run("reg.example/a/b@" + arm_));
  std::size_t gets = 0;
  for (const std::string& request : fixture_.Requests()) {
    gets += request.starts_with("GET ") && request.contains("/manifests/") ? 1 : 0;
  }
  EXPECT_EQ(gets, 1U);
}

TEST_F(WhichTagsTest, ForAnIndexNoOtherOneIsRead) {
  registry_.PushIndex("other", {arm_ + " arm64"});
  ASSERT_TRUE(Run("reg.example/a/b:latest"));
  for (const std::string& request : fixture_.Requests()) {
    EXPECT_FALSE(request.starts_with("GET ") && request.contains("/manifests/")) << request;
  }
}

TEST_F(WhichTagsTest, NoSuchTag) {
  const Status none = Run("reg.example/a/b@sha256:" + std::string(64, 'a'));
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().code, ErrorCode::kManifestUnknown);
  EXPECT_EQ(fixture_.terminal.out, "");
  EXPECT_EQ(Run("reg.example/a/b:none").error().code, ErrorCode::kManifestUnknown);
  EXPECT_EQ(Run("reg.example/a/c:none").error().code, ErrorCode::kNameUnknown);
  EXPECT_EQ(Run("reg.example/a/b").error().code, ErrorCode::kUsage);
}

TEST_F(WhichTagsTest, WhatCouldNotBeLookedAtIsTold) {
  registry_.extra_tags = {"dead"};
  const Status status = Run("reg.example/a/b:latest", {"-o", "text"});
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().code, ErrorCode::kPartial);
  EXPECT_EQ(fixture_.terminal.out, "1.10\nlatest\n");
  EXPECT_TRUE(fixture_.terminal.error.contains("dead"));
}

}  // namespace
}  // namespace portolan::cli
