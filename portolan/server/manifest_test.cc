// Manifests: the conformance suite's data sets pushed, pulled, listed and deleted, and the traps
// (Spec: "Pushing Manifests").
#include "portolan/oci/manifest.h"

#include <string>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "portolan/server/testing/test_registry.h"

namespace portolan::server {
namespace {

const std::string kManifests = "/v2/conformance/repo1/manifests/";
const std::string kRepository = "conformance/repo1";
const std::string kImage(oci::kImageManifestType);
const std::string kIndex(oci::kImageIndexType);

std::string IndexOf(const std::vector<std::string>& descriptors, const std::string& more = {},
                    const std::string& type = kIndex) {
  std::string list;
  for (const std::string& descriptor : descriptors) {
    if (!list.empty()) list += ',';
    list += descriptor;
  }
  return fmt::format(R"({{"schemaVersion":2,"mediaType":"{}","manifests":[{}]{}}})", type, list,
                     more);
}

std::string ArtifactManifest(const std::string& artifact_type, const std::string& more = {}) {
  return fmt::format(
      R"({{"schemaVersion":2,"mediaType":"{}","artifactType":"{}","config":{},"layers":[{}]{}}})",
      kImage, artifact_type, DescriptorOf("application/vnd.oci.empty.v1+json", "{}"),
      DescriptorOf("application/vnd.oci.empty.v1+json", "{}"), more);
}

class ManifestTest : public testing::Test {
 protected:
  ManifestTest() {
    registry.PushBlob(kRepository, "{}");
    registry.PushBlob(kRepository, "layer");
  }
  // The way of every data set: push by tag, list, HEAD, GET by both names, delete the tag, delete
  // the manifest.
  void ExpectWholeLife(const std::string& content, const std::string& media_type) {
    const std::string digest = Sha256Of(content);
    const Answered pushed =
        registry.Put(kManifests + "set", content, {{"Content-Type", media_type}});
    ASSERT_EQ(pushed.status, 201) << pushed.body;
    EXPECT_EQ(pushed.Header("Docker-Content-Digest"), digest);
    for (const std::string& target :
         {pushed.Header("Location"), kManifests + "set", kManifests + digest}) {
      SCOPED_TRACE(target);
      const Answered pulled = registry.Get(target, {{"Accept", kIndex}, {"Accept", kImage}});
      EXPECT_EQ(pulled.status, 200);
      EXPECT_EQ(pulled.body, content);
      EXPECT_EQ(pulled.Header("Content-Type"), media_type);
      EXPECT_EQ(pulled.Header("Docker-Content-Digest"), digest);
      EXPECT_EQ(pulled.Header("ETag"), '"' + digest + '"');
      EXPECT_EQ(registry.Head(target).status, 200);
    }
    EXPECT_NE(registry.Get("/v2/" + kRepository + "/tags/list").body.find("\"set\""),
              std::string::npos);
    EXPECT_EQ(registry.Delete(kManifests + "set").status, 202);
    EXPECT_EQ(registry.Get(kManifests + "set").status, 404);
    EXPECT_EQ(registry.Get("/v2/" + kRepository + "/tags/list").body.find("\"set\""),
              std::string::npos);
    EXPECT_EQ(registry.Get(kManifests + digest).status, 200);
    EXPECT_EQ(registry.Delete(kManifests + digest).status, 202);
    EXPECT_EQ(registry.Get(kManifests + digest).status, 404);
    EXPECT_EQ(registry.Head(kManifests + digest).status, 404);
    EXPECT_EQ(registry.Delete(kManifests + digest).status, 404);
  }
  TestRegistry registry;
};

TEST_F(ManifestTest, Image) { ExpectWholeLife(ImageManifest("{}", {"layer"}), kImage); }

TEST_F(ManifestTest, LargeManifest) {
  const std::string large = ImageManifest(
      "{}", {"layer"}, ",\"annotations\":{\"x\":\"" + std::string(3'920'000, 'y') + "\"}");
  ASSERT_LE(large.size(), 4U << 20U);
  ExpectWholeLife(large, kImage);
}

TEST_F(ManifestTest, IndexNestedAndEmpty) {
  const std::string image = ImageManifest("{}", {"layer"});
  registry.PushManifest(kRepository, "", image, kImage);
  const std::string index = IndexOf({DescriptorOf(kImage, image)});
  ExpectWholeLife(index, kIndex);
  registry.PushManifest(kRepository, "", index, kIndex);
  ExpectWholeLife(IndexOf({DescriptorOf(kIndex, index)}), kIndex);
  ExpectWholeLife(IndexOf({}), kIndex);
}

TEST_F(ManifestTest, Artifacts) {
  ExpectWholeLife(ArtifactManifest("application/vnd.example.sbom"), kImage);
  ExpectWholeLife(IndexOf({}, R"(,"artifactType":"application/vnd.example.set")"), kIndex);
  ExpectWholeLife(ImageManifest("{}", {}), kImage);  // without layers
}

TEST_F(ManifestTest, DataFieldNonDistributableAndCustomFields) {
  const std::string config =
      DescriptorOf("application/vnd.oci.image.config.v1+json", "{}", R"(,"data":"e30=")");
  const std::string foreign =
      DescriptorOf("application/vnd.oci.image.layer.nondistributable.v1.tar", "not here",
                   R"(,"urls":["https://example.test/x"])");
  ExpectWholeLife(
      fmt::format(
          R"({{"schemaVersion":2,"mediaType":"{}","config":{},"layers":[{}],"org.example":{{"deep":[1,2.5,null,true]}}}})",
          kImage, config, foreign),
      kImage);
}

TEST_F(ManifestTest, DockersOwnTypes) {
  const std::string docker(oci::kDockerManifestType);
  const std::string image =
      fmt::format(R"({{"schemaVersion":2,"mediaType":"{}","config":{},"layers":[{}]}})", docker,
                  DescriptorOf("application/vnd.docker.container.image.v1+json", "{}"),
                  DescriptorOf("application/vnd.docker.image.rootfs.diff.tar.gzip", "layer"));
  ExpectWholeLife(image, docker);
  registry.PushManifest(kRepository, "", image, docker);
  const std::string list(oci::kDockerManifestListType);
  ExpectWholeLife(
      IndexOf({DescriptorOf(docker, image, R"(,"platform":{"architecture":"amd64","os":"linux"})")},
              "", list),
      list);
}

TEST_F(ManifestTest, AnUnknownMediaTypeIsStoredAsItIs) {
  ExpectWholeLife(R"({"anything":["goes"]})", "application/vnd.example.thing+json");
}

TEST_F(ManifestTest, Sha512AndTagParameters) {
  const std::string content = ImageManifest("{}", {"layer"});
  const std::string digest = Sha512Of(content);
  const Answered pushed =
      registry.Put(kManifests + digest + "?tag=one&tag=two", content, {{"Content-Type", kImage}});
  ASSERT_EQ(pushed.status, 201) << pushed.body;
  EXPECT_EQ(pushed.Header("Docker-Content-Digest"), digest);
  EXPECT_EQ(pushed.Headers("OCI-Tag"), (std::vector<std::string>{"one", "two"}));
  for (const std::string& reference : {digest, std::string("one"), std::string("two")}) {
    const Answered pulled = registry.Get(kManifests + reference);
    EXPECT_EQ(pulled.status, 200);
    EXPECT_EQ(pulled.body, content);
    EXPECT_EQ(pulled.Header("Docker-Content-Digest"), digest);
  }
}

TEST_F(ManifestTest, TagParametersThatAreWrong) {
  const std::string content = ImageManifest("{}", {"layer"});
  const std::string digest = Sha256Of(content);
  const http::Headers type{{"Content-Type", kImage}};
  EXPECT_EQ(registry.Put(kManifests + digest + "?tag=..%2Fetc", content, type).status, 400);
  EXPECT_EQ(registry.Put(kManifests + "a?tag=b", content, type).status, 400);
  std::string many = kManifests + digest + "?tag=t";
  for (int i = 0; i < 63; ++i) many += "&tag=t" + std::to_string(i);
  EXPECT_EQ(registry.Put(many, content, type).status, 201);
  EXPECT_EQ(registry.Put(many + "&tag=one&tag=too&tag=many", content, type).status, 414);
  registry.SetOptions({.tags_per_push = 10});
  EXPECT_EQ(registry.Put(many, content, type).status, 414);
}

TEST_F(ManifestTest, UnknownReferences) {
  for (const std::string& target : {kManifests + Sha256Of("x"), kManifests + "nosuchtag"}) {
    const Answered answered = registry.Get(target);
    EXPECT_EQ(answered.status, 404);
    EXPECT_TRUE(answered.body.contains("MANIFEST_UNKNOWN") ||
                answered.body.contains("NAME_UNKNOWN"))
        << answered.body;
    EXPECT_EQ(registry.Delete(target).status, 404);
  }
  EXPECT_EQ(
      registry.Put(kManifests + "sha256:baddigeststring", "{}", {{"Content-Type", kImage}}).status,
      400);
  const int bad = registry.Get(kManifests + "sha256:baddigeststring").status;
  EXPECT_TRUE(bad == 400 || bad == 404) << bad;
}

TEST_F(ManifestTest, ContentThatIsNotWhatItWasCalled) {
  const std::string image = ImageManifest("{}", {"layer"});
  struct Row {
    const char* name;
    std::string reference;
    std::string content;
    std::string type;
    int status;
    const char* code;
  };
  const std::string both =
      fmt::format(R"({{"schemaVersion":2,"config":{0},"layers":[],"manifests":[]}})",
                  DescriptorOf("application/vnd.oci.image.config.v1+json", "{}"));
  const Row rows[] = {
      {"another digest", Sha256Of("other"), image, kImage, 400, "DIGEST_INVALID"},
      {"not JSON", "t", "<html>", kImage, 400, "MANIFEST_INVALID"},
      {"empty", "t", "", kImage, 400, "MANIFEST_INVALID"},
      {"another mediaType", "t", image, std::string(oci::kDockerManifestType), 400,
       "MANIFEST_INVALID"},
      {"two things at once (CVE-2021-41190)", "t", both, kImage, 400, "MANIFEST_INVALID"},
      {"a member twice", "t", R"({"schemaVersion":2,"schemaVersion":2,"manifests":[]})", kIndex,
       400, "MANIFEST_INVALID"},
      {"schema 1", "t", "{}", std::string(oci::kDockerSignedSchema1Type), 400, "MANIFEST_INVALID"},
      {"a layer that is missing", "t", ImageManifest("{}", {"nowhere"}), kImage, 404,
       "MANIFEST_BLOB_UNKNOWN"},
      {"a child that is missing", "t", IndexOf({DescriptorOf(kImage, "nowhere")}), kIndex, 404,
       "MANIFEST_BLOB_UNKNOWN"},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.name);
    const Answered answered =
        registry.Put(kManifests + row.reference, row.content, {{"Content-Type", row.type}});
    EXPECT_EQ(answered.status, row.status);
    EXPECT_NE(answered.body.find(row.code), std::string::npos) << answered.body;
  }
  EXPECT_EQ(registry.Get(kManifests + "t").status, 404);
}

TEST_F(ManifestTest, TooLargeIs413) {  // CVE-2017-11468
  const std::string large(9U << 20U, ' ');
  EXPECT_EQ(registry.Put(kManifests + "t", large, {{"Content-Type", kImage}}).status, 413);
  const Answered chunked = registry.Send({.method = "PUT",
                                          .target = kManifests + "t",
                                          .headers = {{"Content-Type", kImage}},
                                          .body = large,
                                          .chunked = true});
  EXPECT_EQ(chunked.status, 413);
}

TEST_F(ManifestTest, SparseWhereAllowed) {
  registry.SetOptions({.sparse_indexes = true});
  ExpectWholeLife(IndexOf({DescriptorOf(kImage, "nowhere")}), kIndex);
  ExpectWholeLife(ImageManifest("{}", {"nowhere"}), kImage);
}

TEST_F(ManifestTest, OldClientsGetTheImageOfATag) {
  const std::string image = ImageManifest("{}", {"layer"});
  registry.PushManifest(kRepository, "", image, kImage);
  const std::string index = IndexOf(
      {DescriptorOf(kImage, image, R"(,"platform":{"architecture":"amd64","os":"linux"})")});
  const std::string digest = registry.PushManifest(kRepository, "multi", index, kIndex);
  EXPECT_EQ(registry.Get(kManifests + "multi", {{"Accept", kImage}}).body, image);
  EXPECT_EQ(registry.Get(kManifests + "multi", {{"Accept", kImage + ", " + kIndex}}).body, index);
  EXPECT_EQ(registry.Get(kManifests + "multi", {{"Accept", "*/*"}}).body, index);
  EXPECT_EQ(registry.Get(kManifests + "multi").body, index);
  EXPECT_EQ(registry.Get(kManifests + digest, {{"Accept", kImage}}).body, index);
}

TEST_F(ManifestTest, TheLastContentTypeCounts) {
  const std::string content =
      fmt::format(R"({{"schemaVersion":2,"config":{},"layers":[]}})",
                  DescriptorOf("application/vnd.oci.image.config.v1+json", "{}"));
  registry.PushManifest(kRepository, "t", content, "application/vnd.example.thing+json");
  registry.PushManifest(kRepository, "t", content, kImage);
  EXPECT_EQ(registry.Get(kManifests + "t").Header("Content-Type"), kImage);
}

// CVE-2023-3384: whatever type it was pushed as, a browser must not run it.
TEST_F(ManifestTest, APageThatWasPushedIsSandboxed) {
  registry.PushManifest(kRepository, "t", R"({"a":"<script>"})", "text/html");
  const Answered answered = registry.Get(kManifests + "t");
  EXPECT_EQ(answered.Header("Content-Security-Policy"), "sandbox; default-src 'none'");
  EXPECT_EQ(answered.Header("X-Content-Type-Options"), "nosniff");
}

TEST_F(ManifestTest, UnchangedIs304) {
  const std::string digest =
      registry.PushManifest(kRepository, "t", ImageManifest("{}", {"layer"}), kImage);
  const Answered answered = registry.Get(kManifests + "t", {{"If-None-Match", '"' + digest + '"'}});
  EXPECT_EQ(answered.status, 304);
  EXPECT_EQ(answered.body, "");
  EXPECT_EQ(answered.Header("Docker-Content-Digest"), digest);
}

TEST_F(ManifestTest, DeletingAManifestTakesItsTags) {
  const std::string digest =
      registry.PushManifest(kRepository, "one", ImageManifest("{}", {"layer"}), kImage);
  registry.PushManifest(kRepository, "two", ImageManifest("{}", {"layer"}), kImage);
  ASSERT_EQ(registry.Delete(kManifests + digest).status, 202);
  EXPECT_EQ(registry.Get(kManifests + "one").status, 404);
  EXPECT_EQ(registry.Get("/v2/" + kRepository + "/tags/list").body,
            "{\"name\":\"conformance/repo1\",\"tags\":[]}");
}

TEST_F(ManifestTest, ATagMoves) {
  registry.PushManifest(kRepository, "t", ImageManifest("{}", {"layer"}), kImage);
  registry.PushBlob(kRepository, "newer");
  const std::string newer =
      registry.PushManifest(kRepository, "t", ImageManifest("{}", {"newer"}), kImage);
  EXPECT_EQ(registry.Get(kManifests + "t").Header("Docker-Content-Digest"), newer);
}

TEST_F(ManifestTest, ALocalCopyIsServedAfterARestart) {
  const std::string content = ImageManifest("{}", {"layer"});
  registry.PushManifest(kRepository, "t", content, kImage);
  registry.Restart();
  EXPECT_EQ(registry.Get(kManifests + "t").body, content);
}

}  // namespace
}  // namespace portolan::server
