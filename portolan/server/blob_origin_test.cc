#include "portolan/server/blob_origin.h"

#include <string>

#include <gtest/gtest.h>

#include "portolan/async/loop.h"
#include "portolan/dialect/served.h"
#include "portolan/server/testing/test_registry.h"

namespace portolan::server {
namespace {

// A registry that sends clients elsewhere for blobs, and what is there.
class BlobOriginTest : public testing::Test {
 protected:
  BlobOriginTest() {
    digest_ = registry_.PushBlob("a/b", "content");
    registry_.SetDialect(dialect::ServedQuay2024());
  }

  // Where the registry sends a client.
  Answered Sent() { return registry_.Get("/v2/a/b/blobs/" + digest_); }
  std::string Target() {
    const std::string location = Sent().Header("Location");
    EXPECT_TRUE(location.starts_with("http://blobs.test/quayio-production-s3/sha256/")) << location;
    return location.substr(std::string("http://blobs.test").size());
  }
  Answered There(const Asked& asked) { return Ask(loop_, *origin_, asked); }

  async::Loop loop_;  // ends after the registry's pool, which tells it what has been done
  TestRegistry registry_{{.blob_origin = "http://blobs.test"}};
  std::string digest_;
  std::unique_ptr<http::Service> origin_ =
      NewBlobOrigin(registry_.storage(), registry_.pool(), registry_.seals(), registry_.log);
};

TEST_F(BlobOriginTest, GivesWhatItsSealIsFor) {
  EXPECT_EQ(Sent().status, 302);
  const std::string target = Target();
  const Answered whole = There({.target = target, .headers = {}, .body = {}});
  EXPECT_EQ(whole.status, 200);
  EXPECT_EQ(whole.body, "content");
  const Answered part = There({.target = target, .headers = {{"Range", "bytes=3-"}}, .body = {}});
  EXPECT_EQ(part.status, 206);
  EXPECT_EQ(part.body, "tent");
  EXPECT_EQ(There({.method = "HEAD", .target = target, .headers = {}, .body = {}}).status, 200);
}

TEST_F(BlobOriginTest, TakesNoOtherAuthorization) {
  const Answered answered =
      There({.target = Target(), .headers = {{"Authorization", "Bearer x"}}, .body = {}});
  EXPECT_EQ(answered.status, 400);
}

TEST_F(BlobOriginTest, ASealCountsForAWhileAndCannotBeMade) {
  const std::string target = Target();
  const Asked asked{.target = target, .headers = {}, .body = {}};
  EXPECT_EQ(There({.target = target.substr(0, target.find('?')), .headers = {}, .body = {}}).status,
            403);
  std::string other = target;
  char& letter = other[other.find("Signature=") + 40];
  letter = letter == 'A' ? 'B' : 'A';
  EXPECT_EQ(There({.target = other, .headers = {}, .body = {}}).status, 403);
  EXPECT_EQ(There({.method = "DELETE", .target = target, .headers = {}, .body = {}}).status, 405);
  registry_.clock.Advance(BlobSeals::kLifetime + std::chrono::seconds(1));
  EXPECT_EQ(There(asked).status, 403);
}

// A HEAD is answered where it was asked, and what is not there is not elsewhere either.
TEST_F(BlobOriginTest, OnlyContentIsElsewhere) {
  EXPECT_EQ(registry_.Head("/v2/a/b/blobs/" + digest_).status, 200);
  EXPECT_EQ(registry_.Get("/v2/a/b/blobs/" + Sha256Of("nothing")).status, 404);
}

}  // namespace
}  // namespace portolan::server
