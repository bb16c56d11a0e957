// The referrers API (Spec: "Listing Referrers").
#include <string>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "portolan/oci/manifest.h"
#include "portolan/server/testing/test_registry.h"

namespace portolan::server {
namespace {

const std::string kImage(oci::kImageManifestType);
const std::string kIndex(oci::kImageIndexType);

class ReferrersTest : public testing::Test {
 protected:
  ReferrersTest() {
    subject_content = ImageManifest("{}", {"layer"});
    subject = registry.PushImage("a/b", "t", "layer");
  }
  std::string Subject() const { return ",\"subject\":" + DescriptorOf(kImage, subject_content); }
  // Pushes an artifact that refers to the subject.
  std::string PushReferrer(const std::string& type, const std::string& annotations = {}) {
    const std::string content = fmt::format(
        R"({{"schemaVersion":2,"mediaType":"{}","artifactType":"{}","config":{},"layers":[]{}{}}})",
        kImage, type, DescriptorOf("application/vnd.oci.empty.v1+json", "{}"), Subject(),
        annotations.empty() ? "" : ",\"annotations\":" + annotations);
    const Answered pushed =
        registry.Put("/v2/a/b/manifests/" + Sha256Of(content), content, {{"Content-Type", kImage}});
    EXPECT_EQ(pushed.status, 201) << pushed.body;
    EXPECT_EQ(pushed.Header("OCI-Subject"), subject);
    return Sha256Of(content);
  }
  Answered List(const std::string& query = {}) {
    return registry.Get("/v2/a/b/referrers/" + subject + query);
  }
  TestRegistry registry;
  std::string subject_content;
  std::string subject;
};

TEST_F(ReferrersTest, NeverNotFound) {
  for (const std::string& target :
       {"/v2/a/b/referrers/" + Sha256Of("x"), "/v2/no/such/referrers/" + Sha256Of("x")}) {
    const Answered answered = registry.Get(target);
    EXPECT_EQ(answered.status, 200);
    EXPECT_EQ(answered.Header("Content-Type"), kIndex);
    EXPECT_EQ(answered.body,
              "{\"schemaVersion\":2,\"mediaType\":\"" + kIndex + "\",\"manifests\":[]}");
  }
  EXPECT_EQ(registry.Get("/v2/a/b/referrers/sha256:abc").status, 400);
}

TEST_F(ReferrersTest, ListsWithTypeAndAnnotations) {
  const std::string signature = PushReferrer("application/vnd.example.sig", R"({"k":"v \u00e9"})");
  const Answered answered = List();
  EXPECT_NE(answered.body.find(signature), std::string::npos);
  EXPECT_NE(answered.body.find(R"("artifactType":"application/vnd.example.sig")"),
            std::string::npos);
  EXPECT_NE(answered.body.find("\"k\":\"v \xc3\xa9\""), std::string::npos) << answered.body;
  EXPECT_EQ(answered.Header("OCI-Filters-Applied"), "");
}

TEST_F(ReferrersTest, Filter) {
  const std::string signature = PushReferrer("application/vnd.example.sig");
  const std::string sbom = PushReferrer("application/vnd.example.sbom");
  const Answered answered = List("?artifactType=application/vnd.example.sbom");
  EXPECT_EQ(answered.body.find(signature), std::string::npos);
  EXPECT_NE(answered.body.find(sbom), std::string::npos);
  EXPECT_EQ(answered.Header("OCI-Filters-Applied"), "artifactType");
}

TEST_F(ReferrersTest, TypeFallsBackToTheConfigsAndAnIndexHasNone) {
  const std::string image =
      fmt::format(R"({{"schemaVersion":2,"mediaType":"{}","config":{},"layers":[]{}}})", kImage,
                  DescriptorOf("application/vnd.example.config+json", "{}"), Subject());
  registry.PushManifest("a/b", "", image, kImage);
  EXPECT_NE(List().body.find(R"("artifactType":"application/vnd.example.config+json")"),
            std::string::npos);
  const std::string index =
      fmt::format(R"({{"schemaVersion":2,"mediaType":"{}","manifests":[]{}}})", kIndex, Subject());
  registry.PushManifest("a/b", "", index, kIndex);
  const std::string body = List().body;
  const std::size_t at = body.find(Sha256Of(index));
  ASSERT_NE(at, std::string::npos);
  EXPECT_EQ(body.find("artifactType", at), std::string::npos) << body.substr(at);
}

TEST_F(ReferrersTest, TheSubjectMayBeMissingAndComeLater) {
  const std::string later = ImageManifest("{}", {"layer"}, R"(,"annotations":{"n":"2"})");
  const std::string content = fmt::format(
      R"({{"schemaVersion":2,"mediaType":"{}","artifactType":"x/y","config":{},"layers":[],"subject":{}}})",
      kImage, DescriptorOf("application/vnd.oci.empty.v1+json", "{}"), DescriptorOf(kImage, later));
  registry.PushManifest("a/b", "", content, kImage);
  const std::string list = "/v2/a/b/referrers/" + Sha256Of(later);
  EXPECT_NE(registry.Get(list).body.find(Sha256Of(content)), std::string::npos);
  registry.PushManifest("a/b", "later", later, kImage);
  EXPECT_NE(registry.Get(list).body.find(Sha256Of(content)), std::string::npos);
}

TEST_F(ReferrersTest, DeletedAtOnce) {
  const std::string signature = PushReferrer("application/vnd.example.sig");
  ASSERT_EQ(registry.Delete("/v2/a/b/manifests/" + signature).status, 202);
  EXPECT_EQ(List().body.find(signature), std::string::npos);
}

TEST_F(ReferrersTest, ManyCameInPages) {
  for (int i = 0; i < 1005; ++i) PushReferrer("application/vnd.example.n" + std::to_string(i));
  const Answered first = List();
  const std::string link = first.Header("Link");
  ASSERT_FALSE(link.empty());
  const Answered second = registry.Get(link.substr(1, link.find('>') - 1));
  EXPECT_EQ(second.status, 200);
  EXPECT_NE(first.body.find("example.n0\""), std::string::npos);
  EXPECT_EQ(first.body.find("example.n1004\""), std::string::npos);
  EXPECT_NE(second.body.find("example.n1004\""), std::string::npos);
  EXPECT_EQ(second.Header("Link"), "");
  EXPECT_EQ(List("?after=-1").status, 400);
  EXPECT_EQ(List("?after=x").status, 400);
}

TEST_F(ReferrersTest, OtherRepositoriesDoNotShow) {
  const std::string signature = PushReferrer("application/vnd.example.sig");
  registry.PushImage("a/c", "t", "layer");
  EXPECT_EQ(registry.Get("/v2/a/c/referrers/" + subject).body.find(signature), std::string::npos);
}

}  // namespace
}  // namespace portolan::server
