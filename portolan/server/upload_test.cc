// Uploads: the conformance cases of blobs, for both algorithms, and the traps around them (Spec:
// "Pushing blobs").
#include <string>

#include <gtest/gtest.h>

#include "portolan/server/testing/test_registry.h"

namespace portolan::server {
namespace {

const std::string kUploads = "/v2/conformance/repo1/blobs/uploads/";
const std::string kBlobs = "/v2/conformance/repo1/blobs/";

std::string DigestBy(const std::string& algorithm, const std::string& content) {
  return algorithm == "sha512" ? Sha512Of(content) : Sha256Of(content);
}
std::string WithDigest(const std::string& location, const std::string& digest) {
  return location + (location.contains('?') ? "&" : "?") + "digest=" + digest;
}
std::string Text(std::size_t size) {
  std::string text(size, ' ');
  for (std::size_t i = 0; i < size; ++i) text[i] = static_cast<char>('a' + i * 7 % 26);
  return text;
}

// Small content is a row, large content a file; both go the same ways.
struct Way {
  std::string algorithm;
  std::size_t size;
  std::uint64_t memory = 64U << 20U;
};
class UploadTest : public testing::TestWithParam<Way> {
 protected:
  UploadTest() : content(Text(GetParam().size)), digest(DigestBy(GetParam().algorithm, content)) {}

  std::string Start() {
    const Answered started = registry.Post(kUploads);
    EXPECT_EQ(started.status, 202) << started.body;
    EXPECT_EQ(started.Header("Range"), "0-0");
    EXPECT_FALSE(started.Header("Docker-Upload-UUID").empty());
    return started.Header("Location");
  }
  void ExpectPulled(const Answered& created) {
    EXPECT_EQ(created.status, 201) << created.body;
    EXPECT_EQ(created.Header("Docker-Content-Digest"), digest);
    const Answered pulled = registry.Get(created.Header("Location"));
    EXPECT_EQ(pulled.status, 200) << pulled.body;
    EXPECT_EQ(pulled.body, content);
    EXPECT_EQ(pulled.Header("Docker-Content-Digest"), digest);
    EXPECT_EQ(registry.Get(kBlobs + digest).body, content);
  }
  std::string Part(std::size_t begin, std::size_t end) const {
    return content.substr(begin, end - begin);
  }

  TestRegistry registry{{.upload_memory = GetParam().memory}};
  std::string content;
  std::string digest;
};

TEST_P(UploadTest, MissingIsUnknown) {
  const Answered answered = registry.Get(kBlobs + digest);
  EXPECT_EQ(answered.status, 404);
  EXPECT_NE(answered.body.find("BLOB_UNKNOWN"), std::string::npos) << answered.body;
}

TEST_P(UploadTest, OnePost) { ExpectPulled(registry.Post(WithDigest(kUploads, digest), content)); }

TEST_P(UploadTest, PostThenPut) {
  ExpectPulled(registry.Put(WithDigest(Start(), digest), content));
}

TEST_P(UploadTest, Streamed) {
  const Answered patched = registry.Send(
      {.method = "PATCH", .target = Start(), .headers = {}, .body = content, .chunked = true});
  ASSERT_EQ(patched.status, 202) << patched.body;
  EXPECT_EQ(patched.Header("Range"), "0-" + std::to_string(content.size() - 1));
  ExpectPulled(registry.Put(WithDigest(patched.Header("Location"), digest), ""));
}

TEST_P(UploadTest, InChunks) {
  std::string location = Start();
  const std::size_t third = content.size() / 3;
  const std::size_t ends[] = {third, 2 * third, content.size()};
  std::size_t begin = 0;
  for (const std::size_t end : ends) {
    const Answered patched =
        registry.Patch(location, Part(begin, end),
                       {{"Content-Range", std::to_string(begin) + "-" + std::to_string(end - 1)}});
    ASSERT_EQ(patched.status, 202) << patched.body;
    EXPECT_EQ(patched.Header("Range"), "0-" + std::to_string(end - 1));
    location = patched.Header("Location");
    begin = end;
  }
  ExpectPulled(registry.Put(WithDigest(location, digest), ""));
}

TEST_P(UploadTest, LastChunkInThePut) {
  const std::size_t half = content.size() / 2;
  const Answered patched =
      registry.Patch(Start(), Part(0, half), {{"Content-Range", "0-" + std::to_string(half - 1)}});
  ASSERT_EQ(patched.status, 202) << patched.body;
  ExpectPulled(registry.Put(
      WithDigest(patched.Header("Location"), digest), Part(half, content.size()),
      {{"Content-Range", std::to_string(half) + "-" + std::to_string(content.size() - 1)}}));
}

TEST_P(UploadTest, ChunksOutOfOrderAreRefusedAndTheSessionGoesOn) {
  const std::string location = Start();
  const std::size_t half = content.size() / 2;
  const Answered early = registry.Patch(
      location, Part(half, content.size()),
      {{"Content-Range", std::to_string(half) + "-" + std::to_string(content.size() - 1)}});
  EXPECT_EQ(early.status, 416);
  EXPECT_EQ(early.Header("Location"), location);
  EXPECT_EQ(early.Header("Range"), "0-0");
  const Answered empty = registry.Get(location);
  EXPECT_EQ(empty.status, 204);
  EXPECT_EQ(empty.Header("Range"), "0-0");

  ASSERT_EQ(
      registry.Patch(location, Part(0, half), {{"Content-Range", "0-" + std::to_string(half - 1)}})
          .status,
      202);
  // The first chunk again, and a PUT that leaves a gap.
  const Answered again =
      registry.Patch(location, Part(0, half), {{"Content-Range", "0-" + std::to_string(half - 1)}});
  EXPECT_EQ(again.status, 416);
  EXPECT_EQ(again.Header("Range"), "0-" + std::to_string(half - 1));
  const Answered gap = registry.Put(
      WithDigest(location, digest), Part(half + 1, content.size()),
      {{"Content-Range", std::to_string(half + 1) + "-" + std::to_string(content.size() - 1)}});
  EXPECT_EQ(gap.status, 416);
  const Answered status = registry.Get(location);
  EXPECT_EQ(status.status, 204);
  EXPECT_EQ(status.Header("Location"), location);
  EXPECT_EQ(status.Header("Range"), "0-" + std::to_string(half - 1));
  ExpectPulled(registry.Put(
      WithDigest(location, digest), Part(half, content.size()),
      {{"Content-Range", std::to_string(half) + "-" + std::to_string(content.size() - 1)}}));
}

TEST_P(UploadTest, WrongContentIsRefusedByEveryWay) {
  const std::string other = content + "!";
  EXPECT_EQ(registry.Post(WithDigest(kUploads, digest), other).status, 400);
  EXPECT_EQ(registry.Put(WithDigest(Start(), digest), other).status, 400);
  const std::string location = Start();
  ASSERT_EQ(registry.Patch(location, other).status, 202);
  const Answered refused = registry.Put(WithDigest(location, digest), "");
  EXPECT_EQ(refused.status, 400);
  EXPECT_NE(refused.body.find("DIGEST_INVALID"), std::string::npos) << refused.body;
  EXPECT_EQ(registry.Get(kBlobs + digest).status, 404);
  // What was acknowledged is still there.
  EXPECT_EQ(registry.Get(location).Header("Range"), "0-" + std::to_string(other.size() - 1));
}

TEST_P(UploadTest, Cancelled) {
  const std::string location = Start();
  ASSERT_EQ(registry.Patch(location, content).status, 202);
  EXPECT_EQ(registry.Delete(location).status, 204);
  const Answered gone = registry.Get(location);
  EXPECT_EQ(gone.status, 404);
  EXPECT_NE(gone.body.find("BLOB_UPLOAD_UNKNOWN"), std::string::npos) << gone.body;
  EXPECT_EQ(registry.Put(WithDigest(location, digest), content).status, 404);
}

TEST_P(UploadTest, GoesOnAfterARestart) {
  const std::string location = Start();
  const std::size_t half = content.size() / 2;
  ASSERT_EQ(registry.Patch(location, Part(0, half)).status, 202);
  registry.Restart();
  EXPECT_EQ(registry.Get(location).Header("Range"), "0-" + std::to_string(half - 1));
  ExpectPulled(registry.Put(WithDigest(location, digest), Part(half, content.size())));
}

TEST_P(UploadTest, KeepsWhatCameBeforeTheClientWent) {
  const std::string location = Start();
  const std::size_t half = content.size() / 2;
  (void)registry.Send(
      {.method = "PATCH", .target = location, .headers = {}, .body = content, .break_after = half});
  EXPECT_EQ(registry.Get(location).Header("Range"), "0-" + std::to_string(half - 1));
  ExpectPulled(registry.Put(WithDigest(location, digest), Part(half, content.size())));
}

TEST_P(UploadTest, MountedFromAnotherRepository) {
  ASSERT_EQ(registry.Post(WithDigest(kUploads, digest), content).status, 201);
  const std::string other = "/v2/conformance/repo2/blobs/";
  EXPECT_EQ(registry.Get(other + digest).status, 404);
  const Answered mounted =
      registry.Post(other + "uploads/?mount=" + digest + "&from=conformance/repo1");
  EXPECT_EQ(mounted.status, 201) << mounted.body;
  EXPECT_EQ(mounted.Header("Location"), other + digest);
  EXPECT_EQ(mounted.Header("Docker-Content-Digest"), digest);
  EXPECT_EQ(registry.Get(other + digest).body, content);
}

TEST_P(UploadTest, MountedWithoutASource) {
  ASSERT_EQ(registry.Post(WithDigest(kUploads, digest), content).status, 201);
  EXPECT_EQ(registry.Post("/v2/conformance/repo2/blobs/uploads/?mount=" + digest).status, 201);
}

TEST_P(UploadTest, AMountOfWhatIsMissingOpensASession) {
  const Answered started = registry.Post(kUploads + "?mount=" + digest + "&from=conformance/repo2");
  ASSERT_EQ(started.status, 202) << started.body;
  ExpectPulled(registry.Put(WithDigest(started.Header("Location"), digest), content));
}

TEST_P(UploadTest, AnnouncedAlgorithm) {
  const Answered started = registry.Post(kUploads + "?digest-algorithm=" + GetParam().algorithm);
  ASSERT_EQ(started.status, 202);
  ExpectPulled(registry.Put(WithDigest(started.Header("Location"), digest), content));
}

INSTANTIATE_TEST_SUITE_P(Ways, UploadTest,
                         testing::Values(Way{"sha256", 300}, Way{"sha512", 300},
                                         Way{"sha256", 3'000'000}, Way{"sha512", 3'000'000},
                                         Way{"sha256", 3'000'000, 0}),
                         [](const testing::TestParamInfo<Way>& info) {
                           return info.param.algorithm +
                                  (info.param.size > 100'000 ? "AsFile" : "AsRow") +
                                  (info.param.memory == 0 ? "InSmallBuffers" : "");
                         });

TEST(UploadTrapTest, TheEmptyBlob) {
  TestRegistry registry;
  for (const std::string& digest : {Sha256Of(""), Sha512Of("")}) {
    const Answered created = registry.Post(WithDigest(kUploads, digest), "");
    EXPECT_EQ(created.status, 201) << created.body;
    const Answered pulled = registry.Get(created.Header("Location"));
    EXPECT_EQ(pulled.status, 200);
    EXPECT_EQ(pulled.body, "");
  }
}

TEST(UploadTrapTest, ParametersThatAreNone) {
  TestRegistry registry;
  struct Row {
    const char* name;
    std::string target;
    int status;
    const char* code;
  };
  const Row rows[] = {
      {"digest without algorithm", kUploads + "?digest=abc", 400, "DIGEST_INVALID"},
      {"digest too short", kUploads + "?digest=sha256:abc", 400, "DIGEST_INVALID"},
      {"digest of an unknown algorithm",
       kUploads + "?digest=blake9:0123456789012345678901234567890123456789", 400, "DIGEST_INVALID"},
      {"mount that is no digest", kUploads + "?mount=abc&from=a/b", 400, "DIGEST_INVALID"},
      {"mount from what is no name", kUploads + "?mount=" + Sha256Of("x") + "&from=A..B", 400,
       "NAME_INVALID"},
      {"unknown algorithm", kUploads + "?digest-algorithm=md5", 400, "DIGEST_INVALID"},
      {"name with capitals", "/v2/Foo/blobs/uploads/", 400, "NAME_INVALID"},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.name);
    const Answered answered = registry.Post(row.target);
    EXPECT_EQ(answered.status, row.status);
    EXPECT_NE(answered.body.find(row.code), std::string::npos) << answered.body;
  }
}

TEST(UploadTrapTest, PutNeedsADigestAndASession) {
  TestRegistry registry;
  const std::string location = registry.Post(kUploads).Header("Location");
  EXPECT_EQ(registry.Put(location, "x").status, 400);
  const std::string sha384 = "sha384:" + std::string(96, 'a');
  EXPECT_EQ(registry.Put(WithDigest(location, sha384), "x").status, 400);
  const Answered other =
      registry.Put(WithDigest(kUploads + "00000000000000000000000000000000", Sha256Of("x")), "x");
  EXPECT_EQ(other.status, 404);
  EXPECT_NE(other.body.find("BLOB_UPLOAD_UNKNOWN"), std::string::npos) << other.body;
}

// CVE-2026-32589: a session belongs to its repository.
TEST(UploadTrapTest, ASessionOfAnotherRepositoryIsUnknown) {
  TestRegistry registry;
  const std::string location = registry.Post(kUploads).Header("Location");
  const std::string id = location.substr(location.rfind('/') + 1);
  const std::string elsewhere = "/v2/conformance/repo2/blobs/uploads/" + id;
  EXPECT_EQ(registry.Get(elsewhere).status, 404);
  EXPECT_EQ(registry.Patch(elsewhere, "x").status, 404);
  EXPECT_EQ(registry.Delete(elsewhere).status, 404);
  EXPECT_EQ(registry.Get(location).status, 204);
}

TEST(UploadTrapTest, ContentRangeMustBeTrue) {
  TestRegistry registry;
  const std::string location = registry.Post(kUploads).Header("Location");
  EXPECT_EQ(registry.Patch(location, "12345", {{"Content-Range", "0-9"}}).status, 416);
  EXPECT_EQ(registry.Patch(location, "12345", {{"Content-Range", "oops"}}).status, 416);
  const Answered chunked = registry.Send({.method = "PATCH",
                                          .target = location,
                                          .headers = {{"Content-Range", "0-9"}},
                                          .body = "12345",
                                          .chunked = true});
  EXPECT_EQ(chunked.status, 416);
  EXPECT_EQ(registry.Get(location).Header("Range"), "0-0");
  EXPECT_EQ(registry.Patch(location, "12345", {{"Content-Range", "bytes 0-4/*"}}).status, 202);
}

TEST(UploadTrapTest, AReadOnlyRegistryTakesNothing) {
  TestRegistry registry({.read_only = true});
  const Answered answered = registry.Post(kUploads);
  EXPECT_EQ(answered.status, 405);
  EXPECT_EQ(answered.Header("Allow"), "GET, HEAD");
}

}  // namespace
}  // namespace portolan::server
