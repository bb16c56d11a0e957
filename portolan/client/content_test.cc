// Manifests and blobs of a repository, from registries that each answer in their own way.
#include <gtest/gtest.h>

#include "portolan/client/testing/client_fixture.h"
#include "portolan/oci/hasher.h"

namespace portolan::client {
namespace {

constexpr const char* kText = R"({"schemaVersion":2,"config":{},"layers":[]})";
constexpr const char* kType = "application/vnd.oci.image.manifest.v1+json";
constexpr const char* kByTag = "https://r.test/v2/a/b/manifests/t";

class ContentTest : public testing::Test {
 protected:
  repo::Repository& repository() {
    if (!repository_) {
      repository_ = world_.registries().Open(world_.registries().Resolve("r.test/a/b")->front());
    }
    return *repository_;
  }
  template <typename T>
  T Run(async::Task<T> task) {
    return world_.loop.Run(std::move(task));
  }
  static oci::Digest DigestOf(std::string_view text) {
    return oci::DigestOf(oci::HashAlgorithm::kSha256, text);
  }
  static std::string ByDigest(const oci::Digest& digest) {
    return "https://r.test/v2/a/b/manifests/" + digest.text();
  }

  ClientFixture world_;
  repo::ManifestName tag_ = oci::Tag::Parse("t").value();
  oci::Digest digest_ = DigestOf(kText);
  std::unique_ptr<repo::Repository> repository_;
};

TEST_F(ContentTest, HeadSaysWhatATagPointsTo) {
  world_.registry.On("HEAD", kByTag)
      .Reply(200,
             {{"Docker-Content-Digest", digest_.text()},
              {"Content-Type", "application/VND.oci.image.index.v1+json; charset=utf-8"}},
             "");
  const auto info = Run(repository().FindManifest(tag_));
  ASSERT_TRUE(info) << info.error().message;
  EXPECT_EQ(info->digest, digest_);
  EXPECT_EQ(info->media_type, "application/vnd.oci.image.index.v1+json");
  const http::Request& request = world_.registry.requests().front();
  EXPECT_TRUE(request.headers.Get("Accept").contains(kType));
  EXPECT_TRUE(request.headers.Get("Accept").contains("manifest.list.v2+json"));
}

TEST_F(ContentTest, WhereHeadTellsNothingGetDoes) {
  struct Row {
    const char* name;
    int status;
    http::Headers headers;
  };
  const Row rows[] = {{"no digest", 200, {}},
                      {"a digest that is none", 200, {{"Docker-Content-Digest", "latest"}}},
                      {"method not allowed", 405, {}},
                      {"Artifactory's 403", 403, {}},
                      {"bad request", 400, {}}};
  for (const Row& row : rows) {
    SCOPED_TRACE(row.name);
    ContentTest::repository_.reset();
    ClientFixture world;
    world.registry.On("HEAD", kByTag).Reply(row.status, row.headers, "");
    world.registry.On("GET", kByTag).Reply(200, {{"Content-Type", kType}}, kText);
    const auto repository =
        world.registries().Open(world.registries().Resolve("r.test/a/b")->front());
    const auto info = world.loop.Run(repository->FindManifest(tag_));
    ASSERT_TRUE(info) << info.error().message;
    EXPECT_EQ(info->digest, digest_);
    EXPECT_EQ(info->media_type, kType);
  }
}

TEST_F(ContentTest, AMissingTagIsNotAskedForTwice) {
  world_.registry.On("HEAD", kByTag).Reply(404, "");
  const auto info = Run(repository().FindManifest(tag_));
  ASSERT_FALSE(info);
  EXPECT_EQ(info.error().code, ErrorCode::kManifestUnknown);
  EXPECT_TRUE(info.error().message.contains("r.test/a/b:t")) << info.error().message;
  EXPECT_EQ(world_.registry.requests().size(), 1U);
}

TEST_F(ContentTest, ContentIsVerified) {
  const oci::Digest other = DigestOf("other");
  world_.registry.On("GET", ByDigest(digest_)).Reply(200, {{"Content-Type", kType}}, kText);
  world_.registry.On("GET", ByDigest(other)).Reply(200, {{"Content-Type", kType}}, kText);
  world_.registry.On("GET", kByTag).Reply(200, {{"Docker-Content-Digest", other.text()}}, kText);
  world_.registry.On("GET", "https://r.test/v2/a/b/blobs/" + other.text()).Reply(200, "othex");
  const auto good = Run(repository().ReadManifest(digest_));
  ASSERT_TRUE(good) << good.error().message;
  EXPECT_EQ(good->text, kText);
  EXPECT_EQ(Run(repository().ReadManifest(other)).error().code, ErrorCode::kDigestInvalid);
  EXPECT_EQ(Run(repository().ReadManifest(tag_)).error().code, ErrorCode::kDigestInvalid);
  EXPECT_EQ(Run(repository().ReadBlob(other, 100)).error().code, ErrorCode::kDigestInvalid);
}

TEST_F(ContentTest, ADigestThatNobodyCanComputeIsNotBelieved) {
  const auto digest = oci::Digest::Parse("blake3:" + std::string(64, 'a')).value();
  world_.registry.On("GET", ByDigest(digest)).Reply(200, kText);
  EXPECT_EQ(Run(repository().ReadManifest(digest)).error().code, ErrorCode::kUnsupported);
}

TEST_F(ContentTest, SizesHaveACap) {
  const oci::Digest digest = DigestOf("12345");
  world_.registry.On("GET", "https://r.test/v2/a/b/blobs/" + digest.text()).Reply(200, "12345");
  EXPECT_EQ(*Run(repository().ReadBlob(digest, 5)), "12345");
  EXPECT_EQ(Run(repository().ReadBlob(digest, 4)).error().code, ErrorCode::kTooLarge);
}

TEST_F(ContentTest, ABodyThatBreaksOffIsReadAgain) {
  world_.options.retry_times = 1;
  world_.options.retry_delay = std::chrono::milliseconds(1);
  world_.registry.On("GET", ByDigest(digest_)).Reply(200, "{").Truncated().Reply(200, kText);
  const auto content = Run(repository().ReadManifest(digest_));
  ASSERT_TRUE(content) << content.error().message;
  EXPECT_EQ(world_.registry.requests().size(), 2U);
}

TEST_F(ContentTest, DeletingSaysWhetherItIsOffered) {
  struct Row {
    int status;
    const char* body;
    std::optional<ErrorCode> code;
  };
  const Row rows[] = {
      {202, "", {}},
      {204, "", {}},
      {405, "", ErrorCode::kUnsupported},
      {400, R"({"errors":[{"code":"UNSUPPORTED"}]})", ErrorCode::kUnsupported},
      {400, R"({"errors":[{"code":"DIGEST_INVALID"}]})", ErrorCode::kUnsupported},
      {404, R"({"errors":[{"code":"MANIFEST_UNKNOWN"}]})", ErrorCode::kManifestUnknown},
      {404, R"({"errors":[{"code":"NAME_UNKNOWN"}]})", ErrorCode::kNameUnknown},
      {403, R"({"errors":[{"code":"DENIED"}]})", ErrorCode::kDenied}};
  for (const Row& row : rows) {
    SCOPED_TRACE(std::to_string(row.status) + row.body);
    ClientFixture world;
    world.registry.On("DELETE", kByTag).Reply(row.status, row.body);
    const auto repository =
        world.registries().Open(world.registries().Resolve("r.test/a/b")->front());
    const Status deleted = world.loop.Run(repository->DeleteManifest(tag_));
    EXPECT_EQ(deleted.has_value(), !row.code);
    if (row.code && !deleted) {
      EXPECT_EQ(deleted.error().code, *row.code);
    }
  }
}

TEST_F(ContentTest, AManifestIsPutAsItWas) {
  world_.registry.On("PUT", kByTag).Reply(201, "");
  const repo::ManifestContent content{.info = {.digest = digest_, .media_type = kType},
                                      .text = kText};
  ASSERT_TRUE(Run(repository().PutManifest(std::get<oci::Tag>(tag_), content)));
  EXPECT_EQ(world_.registry.bodies().front(), kText);
  EXPECT_EQ(world_.registry.requests().front().headers.Get("Content-Type"), kType);
}

TEST_F(ContentTest, AMirrorIsAskedFirstAndNeverChanged) {
  world_.Configure(
      "[[registry]]\nlocation = \"r.test\"\n[[registry.mirror]]\nlocation = \"m.test\"\n");
  world_.registry.On("HEAD", "https://m.test/v2/a/b/manifests/t")
      .Reply(200, {{"Docker-Content-Digest", digest_.text()}}, "")
      .Reply(404, "");
  world_.registry.On("HEAD", kByTag).Reply(200, {{"Docker-Content-Digest", digest_.text()}}, "");
  world_.registry.On("DELETE", kByTag).Reply(202, "");
  EXPECT_TRUE(Run(repository().FindManifest(tag_)));
  EXPECT_EQ(world_.registry.CountOf("r.test"), 0);
  EXPECT_TRUE(Run(repository().FindManifest(tag_)));  // the mirror has lost it
  EXPECT_EQ(world_.registry.CountOf("r.test"), 1);
  EXPECT_TRUE(Run(repository().DeleteManifest(tag_)));
  EXPECT_EQ(world_.registry.CountOf("m.test"), 2);
}

}  // namespace
}  // namespace portolan::client
