#include "portolan/server/schema1.h"

#include <cstddef>
#include <string>

#include <gtest/gtest.h>

#include "portolan/base/base64.h"
#include "portolan/dialect/served.h"
#include "portolan/oci/manifest.h"
#include "portolan/server/testing/test_registry.h"

namespace portolan::server {
namespace {

std::string Between(const std::string& text, const std::string& before, const std::string& after) {
  const std::size_t begin = text.find(before) + before.size();
  return text.substr(begin, text.find(after, begin) - begin);
}

std::string IndexOf(const std::string& digest, const std::string& architecture) {
  return R"({"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","manifests":[)"
         R"({"mediaType":"application/vnd.oci.image.manifest.v1+json","digest":")" +
         digest + R"(","size":)" + std::to_string(ImageManifest("{}", {"layer"}).size()) +
         R"(,"platform":{"os":"linux","architecture":")" + architecture + R"("}}]})";
}

// Everybody may pull without a token here.
class Schema1Test : public testing::Test {
 protected:
  Schema1Test() {
    digest_ = registry_.PushImage("a/b", "v1", "layer");
    for (const char* architecture : {"amd64", "arm64"}) {
      registry_.PushManifest("a/b", architecture, IndexOf(digest_, architecture),
                             std::string(oci::kImageIndexType));
    }
    registry_.SetDialect(dialect::ServedQuay2023());
  }
  TestRegistry registry_;
  std::string digest_;
};

// Q15: what is given has a digest that is not to be found.
TEST_F(Schema1Test, WhoNamesNoTypeIsGivenIt) {
  for (const char* accept : {"", "*/*", "application/vnd.docker.distribution.manifest.v2+json"}) {
    http::Headers headers;
    if (*accept != '\0') headers.Add("Accept", accept);
    const Answered given = registry_.Get("/v2/a/b/manifests/v1", headers);
    EXPECT_EQ(given.status, 200);
    EXPECT_EQ(given.Header("Content-Type"), oci::kDockerSignedSchema1Type);
    const std::string digest = given.Header("Docker-Content-Digest");
    EXPECT_NE(digest, digest_);
    EXPECT_EQ(registry_.Get("/v2/a/b/manifests/" + digest, headers).status, 404);
  }
  const Answered stored =
      registry_.Get("/v2/a/b/manifests/v1", {{"Accept", std::string(oci::kImageManifestType)}});
  EXPECT_EQ(stored.Header("Docker-Content-Digest"), digest_);
  EXPECT_EQ(registry_.Get("/v2/a/b/manifests/" + digest_).Header("Docker-Content-Digest"), digest_)
      << "by digest nothing is converted";
}

// The signature covers the text without it, of which the digest is.
TEST_F(Schema1Test, IsSignedInside) {
  const Answered given = registry_.Get("/v2/a/b/manifests/v1");
  const std::string guarded = Between(given.body, "\"protected\": \"", "\"");
  const std::string signature = Between(given.body, "\"signature\": \"", "\"");
  const std::string header = *Base64Decode(guarded);
  const auto length = std::stoul(Between(header, "\"formatLength\":", ","));
  const std::string payload =
      given.body.substr(0, length) + *Base64Decode(Between(header, "\"formatTail\":\"", "\""));
  EXPECT_EQ(Sha256Of(payload), given.Header("Docker-Content-Digest"));
  const std::string jwk = Between(given.body, "\"jwk\":", ",\"alg\"");
  const auto key = auth::PublicKey::FromJwk(jwk);
  ASSERT_TRUE(key) << key.error().message << jwk;
  EXPECT_TRUE(key->Verifies(auth::Algorithm::kEs256, guarded + "." + Base64UrlEncode(payload),
                            *Base64Decode(signature)));
}

TEST_F(Schema1Test, AnIndexIsItsImageForLinux) {
  EXPECT_EQ(registry_.Get("/v2/a/b/manifests/amd64").Header("Content-Type"),
            oci::kDockerSignedSchema1Type);
  EXPECT_EQ(registry_.Get("/v2/a/b/manifests/arm64").status, 404);
  EXPECT_EQ(
      registry_.Get("/v2/a/b/manifests/amd64", {{"Accept", std::string(oci::kImageManifestType)}})
          .Header("Docker-Content-Digest"),
      digest_);
}

}  // namespace
}  // namespace portolan::server
