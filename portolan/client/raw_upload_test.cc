// The rows of the matrix on uploads and mounts that take more than one raw request: where tokens,
// retries and Locations come in.
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "portolan/client/testing/raw_exchange.h"

namespace portolan::client {
namespace {

using Names = std::vector<std::string>;

constexpr const char* kRepository = "https://r.test/v2/a/b/";
constexpr const char* kUpload = "blobs/uploads/5f3a?_state=x%3D%3D";
constexpr const char* kMountPath =
    "blobs/uploads/?mount=sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    "&from=other%2Fsource";

// What a script does with a Location: its path and query, byte for byte, on the registry itself.
// The token that began the upload serves to its end.
TEST(RawUploadTest, GoesOnWhereTheLocationSaysWithOneToken) {
  ClientFixture world;
  const std::string start = std::string(kRepository) + "blobs/uploads/";
  const std::string session = "/v2/a/b/blobs/uploads/5f3a?_state=a%2bb%3D%3D&x=";
  const std::string token =
      "https://auth.test/token?scope=repository%3Aa%2Fb%3Apull%2Cpush&service=s";
  world.registry.On("POST", start)
      .Authorized("")
      .Reply(401, Asks(R"(Bearer realm="https://auth.test/token",service="s")"), "");
  world.registry.On("GET", token).Reply(200, R"({"token":"t"})");
  world.registry.On("POST", start)
      .Authorized("Bearer t")
      .Reply(202, {{"Location", "http://r.test:5000" + session}}, "");
  world.registry.On("PATCH", "https://r.test" + session).Authorized("Bearer t").Reply(202, "");
  const auto started = SendRaw(world, "r.test/a/b", NewRaw("POST", "blobs/uploads/", ""));
  ASSERT_TRUE(started) << started.error().message;
  const auto location = Url::Parse(started->response.headers.Get("Location"));
  ASSERT_TRUE(location);
  RawRequest chunk = NewRaw("PATCH", location->target, "chunk");
  chunk.headers.Set("Content-Range", "0-4");
  const auto patched = SendRaw(world, "r.test/a/b", chunk);
  ASSERT_TRUE(patched) << patched.error().message;
  EXPECT_EQ(patched->response.status, 202);
  EXPECT_EQ(world.registry.requests().back().headers.Get("Content-Range"), "0-4");
  EXPECT_EQ(world.registry.Story(),
            (Names{"POST " + start, "GET " + token, "POST " + start + " [Bearer t]",
                   "PATCH https://r.test" + session + " [Bearer t]"}));
}

TEST(RawUploadTest, AChunkIsSentWholeAgainAfterARateLimit) {
  ClientFixture world;
  world.registry.On("PATCH", std::string(kRepository) + kUpload)
      .Reply(429, {{"Retry-After", "0"}}, "slow down")
      .Reply(202, {{"Range", "0-4"}}, "");
  const auto answer = SendRaw(world, "r.test/a/b", NewRaw("PATCH", kUpload, "chunk"));
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_EQ(answer->response.status, 202);
  EXPECT_EQ(world.registry.bodies(), (Names{"chunk", "chunk"}));
}

// --- mounts ---

constexpr const char* kMountRefused =
    R"({"errors":[{"code":"UNAUTHORIZED","message":"project other not found"}]} )";

// A mount behind a token for the target repository, which alone does not open the source.
class RawMountTest : public testing::Test {
 protected:
  RawMountTest() {
    world_.registry.On("POST", url_).Authorized("").Reply(401, Asks(kBearer), "");
    world_.registry.On("GET", Token(kOwnScope)).Reply(200, R"({"token":"t"})");
  }
  static std::string Token(const std::string& scopes) {
    return "https://auth.test/token?" + scopes + "&service=s";
  }
  Result<Registries::RawResponse> Mount() {
    return SendRaw(world_, "r.test/a/b", NewRaw("POST", kMountPath, ""));
  }

  static constexpr const char* kBearer = R"(Bearer realm="https://auth.test/token",service="s")";
  static constexpr const char* kOwnScope = "scope=repository%3Aa%2Fb%3Apull%2Cpush";
  ClientFixture world_;
  std::string url_ = std::string(kRepository) + kMountPath;
};

// Harbor: the source's project is unknown, or not ours to read.
TEST_F(RawMountTest, Status401StandsWithItsBody) {
  world_.registry.On("POST", url_)
      .Authorized("Bearer t")
      .Reply(401, {{"WWW-Authenticate", ""}, {"X-Request-Id", "7"}}, kMountRefused);
  world_.registry.On("GET", "https://r.test/v2/").Reply(401, Asks(kBearer), "");
  auto answer = Mount();
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_EQ(answer->response.status, 401);
  EXPECT_EQ(answer->response.headers.Get("X-Request-Id"), "7");
  EXPECT_EQ(ReadBody(world_, *answer).value_or("(broken off)"), kMountRefused);
  EXPECT_EQ(world_.registry.CountOf("mount="), 2) << "the refused token is not tried for ever";
}

// distribution names both repositories; the token for them is asked for once.
TEST_F(RawMountTest, Status401NamesTheSourcesScope) {
  const std::string challenge = std::string(kBearer) + R"(,scope="repository:other/source:pull")";
  const std::string both =
      Token(std::string("scope=repository%3Aother%2Fsource%3Apull&") + kOwnScope);
  world_.registry.On("POST", url_).Authorized("Bearer t").Reply(401, Asks(challenge), "");
  world_.registry.On("GET", both).Reply(200, R"({"token":"t2"})");
  world_.registry.On("POST", url_).Authorized("Bearer t2").Reply(201, "");
  const auto answer = Mount();
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_EQ(answer->response.status, 201);
  EXPECT_EQ(world_.registry.Story(),
            (Names{"POST " + url_, "GET " + Token(kOwnScope), "POST " + url_ + " [Bearer t]",
                   "GET " + both, "POST " + url_ + " [Bearer t2]"}));
}

TEST_F(RawMountTest, Status401ForTheSourcesScopeTooStands) {
  const std::string challenge = std::string(kBearer) + R"(,scope="repository:other/source:pull")";
  const std::string both =
      Token(std::string("scope=repository%3Aother%2Fsource%3Apull&") + kOwnScope);
  for (const char* token : {"Bearer t", "Bearer t2"}) {
    world_.registry.On("POST", url_)
        .Authorized(token)
        .Reply(401, Asks(challenge), token == std::string("Bearer t2") ? kMountRefused : "first");
  }
  world_.registry.On("GET", both).Reply(200, R"({"token":"t2"})");
  auto answer = Mount();
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_EQ(answer->response.status, 401);
  EXPECT_EQ(ReadBody(world_, *answer).value_or("(broken off)"), kMountRefused);
  EXPECT_EQ(world_.registry.requests().size(), 5U);
}

}  // namespace
}  // namespace portolan::client
