// Blobs pulled whole and in part, and taken away (Spec: "Pulling blobs"; RFC 9110 §13, §14).
#include <string>

#include <gtest/gtest.h>

#include "portolan/server/testing/test_registry.h"

namespace portolan::server {
namespace {

class BlobTest : public testing::TestWithParam<std::size_t> {
 protected:
  BlobTest() {
    for (std::size_t i = 0; i < GetParam(); ++i) content += static_cast<char>('a' + i % 23);
    digest = registry.PushBlob("a/b", content);
    target = "/v2/a/b/blobs/" + digest;
  }
  TestRegistry registry;
  std::string content;
  std::string digest;
  std::string target;
};

TEST_P(BlobTest, Whole) {
  const Answered answered = registry.Get(target);
  EXPECT_EQ(answered.status, 200);
  EXPECT_EQ(answered.body, content);
  EXPECT_EQ(answered.Header("Content-Type"), "application/octet-stream");
  EXPECT_EQ(answered.Header("Docker-Content-Digest"), digest);
  EXPECT_EQ(answered.Header("ETag"), '"' + digest + '"');
  EXPECT_EQ(answered.Header("Accept-Ranges"), "bytes");
  EXPECT_EQ(answered.Header("Cache-Control"), "public, max-age=31536000, immutable");
  EXPECT_EQ(answered.Header("X-Content-Type-Options"), "nosniff");
  EXPECT_EQ(answered.Header("Content-Security-Policy"), "sandbox; default-src 'none'");
}

TEST_P(BlobTest, HeadHasTheSameFields) {
  const Answered get = registry.Get(target);
  Answered head = registry.Head(target);
  EXPECT_EQ(head.status, 200);
  EXPECT_EQ(head.Header("Content-Length"), std::to_string(content.size()));
  head.headers.Remove("Content-Length");  // of a body the server knows it
  EXPECT_EQ(head.headers, get.headers);
}

TEST_P(BlobTest, Ranges) {
  const std::string size = std::to_string(content.size());
  struct Row {
    const char* range;
    int status;
    std::size_t begin;
    std::size_t end;  // exclusive
  };
  // The conformance suite's own, over 2,000 bytes and more, and RFC 9110's.
  const Row rows[] = {
      {"bytes=500-1499", 206, 500, 1500},
      {"bytes=500-", 206, 500, content.size()},
      {"bytes=-500", 206, content.size() - 500, content.size()},
      {"bytes=1000-99999999", 206, 1000, content.size()},
      {"bytes=-99999999", 206, 0, content.size()},
      {"bytes=0-0", 206, 0, 1},
      {"lines=0-1", 200, 0, content.size()},
      {"bytes=0-1,5-6", 200, 0, content.size()},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.range);
    const Answered answered = registry.Get(target, {{"Range", row.range}});
    EXPECT_EQ(answered.status, row.status);
    EXPECT_EQ(answered.body, content.substr(row.begin, row.end - row.begin));
    const std::string expected =
        "bytes " + std::to_string(row.begin) + "-" + std::to_string(row.end - 1) + "/" + size;
    EXPECT_EQ(answered.Header("Content-Range"), row.status == 206 ? expected : "");
  }
}

TEST_P(BlobTest, RangesThatCannotBeSatisfied) {
  for (const char* range : {"bytes=99999999-", "bytes=99999999-999999999", "bytes=-0"}) {
    SCOPED_TRACE(range);
    const Answered answered = registry.Get(target, {{"Range", range}});
    EXPECT_EQ(answered.status, 416);
    EXPECT_EQ(answered.Header("Content-Range"), "bytes */" + std::to_string(content.size()));
  }
}

TEST_P(BlobTest, IfRangeNamesThisContentOrTheWholeIsSent) {
  EXPECT_EQ(registry.Get(target, {{"Range", "bytes=0-0"}, {"If-Range", '"' + digest + '"'}}).status,
            206);
  EXPECT_EQ(registry.Get(target, {{"Range", "bytes=0-0"}, {"If-Range", "\"other\""}}).status, 200);
}

TEST_P(BlobTest, IfNoneMatch) {
  for (const std::string& value : {'"' + digest + '"', "W/\"" + digest + '"', std::string("*"),
                                   digest, "\"x\", \"" + digest + '"'}) {
    SCOPED_TRACE(value);
    const Answered answered = registry.Get(target, {{"If-None-Match", value}});
    EXPECT_EQ(answered.status, 304);
    EXPECT_EQ(answered.body, "");
    EXPECT_EQ(answered.Header("ETag"), '"' + digest + '"');
  }
  EXPECT_EQ(registry.Get(target, {{"If-None-Match", "\"x\""}}).status, 200);
}

TEST_P(BlobTest, DeletedIsUnknownAtOnce) {
  EXPECT_EQ(registry.Delete(target).status, 202);
  EXPECT_EQ(registry.Get(target).status, 404);
  EXPECT_EQ(registry.Head(target).status, 404);
  EXPECT_EQ(registry.Delete(target).status, 404);
  registry.PushBlob("a/b", content);
  EXPECT_EQ(registry.Get(target).body, content);
}

INSTANTIATE_TEST_SUITE_P(Sizes, BlobTest, testing::Values(3000, 70'000),
                         [](const testing::TestParamInfo<std::size_t>& info) {
                           return info.param > 50'000 ? "AsFile" : "AsRow";
                         });

TEST(BlobRuleTest, OtherRepositoriesBlobsAreUnknown) {  // CVE-2024-39897, CVE-2026-35172
  TestRegistry registry;
  const std::string digest = registry.PushBlob("a/secret", "s3cret");
  EXPECT_EQ(registry.Get("/v2/a/open/blobs/" + digest).status, 404);
  registry.PushBlob("a/open", "x");
  EXPECT_EQ(registry.Get("/v2/a/open/blobs/" + digest).status, 404);
  EXPECT_EQ(registry.Head("/v2/a/open/blobs/" + digest).status, 404);
}

TEST(BlobRuleTest, WhatAManifestNeedsIsNotDeleted) {
  TestRegistry registry;
  registry.PushImage("a/b", "latest", "layer");
  const Answered answered = registry.Delete("/v2/a/b/blobs/" + Sha256Of("layer"));
  EXPECT_EQ(answered.status, 405);
  EXPECT_NE(answered.body.find("UNSUPPORTED"), std::string::npos) << answered.body;
  EXPECT_EQ(registry.Get("/v2/a/b/blobs/" + Sha256Of("layer")).body, "layer");
}

TEST(BlobRuleTest, BadDigestsAre400) {  // CVE-2024-3727: never a path
  TestRegistry registry;
  for (const char* digest :
       {"sha256:abc", "sha256:../../../../etc/passwd", "sha256:", "x",
        "sha256:E3B0C44298FC1C149AFBF4C8996FB92427AE41E4649B934CA495991B7852B855"}) {
    SCOPED_TRACE(digest);
    const Answered answered = registry.Get(std::string("/v2/a/b/blobs/") + digest);
    EXPECT_TRUE(answered.status == 400 || answered.status == 404) << answered.status;
  }
}

}  // namespace
}  // namespace portolan::server
