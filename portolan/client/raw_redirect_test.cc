// The row "blob 307 with auth-rejecting host": storage that refuses whoever shows it a password.
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "portolan/client/testing/raw_exchange.h"

namespace portolan::client {
namespace {

using Names = std::vector<std::string>;

constexpr const char* kPath =
    "blobs/sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
constexpr const char* kBearer = R"(Bearer realm="https://auth.test/token",service="s")";
constexpr const char* kContent = "layer\0\xff\r\n";
constexpr std::size_t kContentSize = 9;

std::string BlobUrl() { return std::string("https://r.test/v2/a/b/") + kPath; }
std::string Content() { return {kContent, kContentSize}; }

struct StorageRow {
  const char* name;
  const char* method;
  const char* location;
  const char* authorization;  ///< that opens the registry
};

void PrintTo(const StorageRow& row, std::ostream* out) { *out << row.name; }

class BlobOnStorageTest : public testing::TestWithParam<StorageRow> {
 protected:
  // The registry opens to what the row says; it is the user's way to authenticate that differs.
  void OpenRegistry() {
    const StorageRow& row = GetParam();
    const std::string wanted = row.authorization;
    if (wanted.starts_with("Basic ")) world_.UsePassword("u", "secret");
    if (wanted == "Bearer rt") {
      world_.options.credentials.emplace();
      world_.options.credentials->registry_token = Secret("rt");
    }
    world_.registry.On(row.method, BlobUrl())
        .Authorized(wanted)
        .Reply(307, {{"Location", row.location}, {"Docker-Content-Digest", "sha256:x"}}, "moved");
    const bool basic = wanted.starts_with("Basic ");
    world_.registry.On(row.method, BlobUrl())
        .Authorized("")
        .Reply(401, Asks(basic ? R"(Basic realm="r")" : kBearer), "");
    world_.registry.On("GET", "https://auth.test/token?scope=repository%3Aa%2Fb%3Apull&service=s")
        .Reply(200, R"({"token":"t"})");
  }

  ClientFixture world_;
};

TEST_P(BlobOnStorageTest, IsFetchedWithoutCredentials) {
  const StorageRow& row = GetParam();
  OpenRegistry();
  const bool head = row.method == std::string("HEAD");
  const http::Headers stored = {{"ETag", "\"1\""}, {"Content-Length", "9"}};
  world_.registry.On(row.method, row.location)
      .Authorized("")
      .Reply(200, stored, head ? "" : Content())
      .InPieces(2);
  world_.registry.On(row.method, row.location)
      .Reply(400, "InvalidArgument: Only one auth mechanism allowed");
  RawRequest request = NewRaw(row.method, kPath);
  request.headers.Set("Range", "bytes=0-");
  request.headers.Set("X-Registry-Auth", "secret");
  auto answer = SendRaw(world_, "r.test/a/b", request);
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_EQ(answer->response.status, 200);
  EXPECT_EQ(answer->url.ToString(), row.location);
  EXPECT_EQ(answer->response.headers, stored);
  EXPECT_EQ(ReadBody(world_, *answer).value_or("(broken off)"), head ? "" : Content());
  const http::Headers& there = world_.registry.requests().back().headers;
  EXPECT_FALSE(there.Has("X-Registry-Auth"));
  EXPECT_EQ(there.Get("Range"), "bytes=0-") << "a part was asked for, and only a part is sent";
}

constexpr const char* kCdn = "https://cdn.test/b?X-Amz-Signature=S%2f&X-Amz-Expires=1";

INSTANTIATE_TEST_SUITE_P(
    Rows, BlobOnStorageTest,
    testing::Values(StorageRow{"GetWithToken", "GET", kCdn, "Bearer t"},
                    StorageRow{"GetWithPassword", "GET", kCdn, "Basic dTpzZWNyZXQ="},
                    StorageRow{"GetWithRegistryToken", "GET", kCdn, "Bearer rt"},
                    StorageRow{"GetFromAnotherPort", "GET", "https://r.test:9000/b", "Bearer t"},
                    StorageRow{"GetFromSubdomain", "GET", "https://cdn.r.test/b",
                               "Basic dTpzZWNyZXQ="},
                    StorageRow{"HeadWithToken", "HEAD", kCdn, "Bearer t"},
                    StorageRow{"HeadWithPassword", "HEAD", kCdn, "Basic dTpzZWNyZXQ="}),
    [](const auto& info) { return std::string(info.param.name); });

// Storage on the registry's own host is the registry: without its credentials it would refuse.
TEST(RawRedirectTest, TheSameHostSeesTheCredentials) {
  ClientFixture world;
  world.options.credentials.emplace();
  world.options.credentials->registry_token = Secret("rt");
  world.registry.On("GET", BlobUrl()).Reply(307, {{"Location", "/storage/b"}}, "");
  world.registry.On("GET", "https://r.test/storage/b").Authorized("Bearer rt").Reply(200, "layer");
  auto answer = SendRaw(world, "r.test/a/b", NewRaw("GET", kPath));
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_EQ(ReadBody(world, *answer).value_or("(broken off)"), "layer");
}

struct RefusalRow {
  const char* name;
  int status;
  http::Headers headers;
  const char* body;
};

void PrintTo(const RefusalRow& row, std::ostream* out) { *out << row.name; }

class StorageRefusalTest : public testing::TestWithParam<RefusalRow> {};

// What the storage says is shown; its 401 is no reason to show it, or its token endpoint, anything.
TEST_P(StorageRefusalTest, IsGivenAsItCame) {
  const RefusalRow& row = GetParam();
  ClientFixture world;
  world.LogIn("r.test", "u", "secret");
  world.registry.On("GET", BlobUrl()).Reply(307, {{"Location", kCdn}}, "");
  world.registry.On("GET", kCdn).Reply(row.status, row.headers, row.body);
  auto answer = SendRaw(world, "r.test/a/b", NewRaw("GET", kPath));
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_EQ(answer->response.status, row.status);
  EXPECT_EQ(answer->response.headers, row.headers);
  EXPECT_EQ(ReadBody(world, *answer).value_or("(broken off)"), row.body);
  EXPECT_EQ(world.registry.Story(), (Names{"GET " + BlobUrl(), std::string("GET ") + kCdn}));
}

INSTANTIATE_TEST_SUITE_P(
    Rows, StorageRefusalTest,
    testing::Values(RefusalRow{"SignatureExpired403", 403, {}, "<Code>AccessDenied</Code>"},
                    RefusalRow{"AsksForPassword401", 401, Asks(R"(Basic realm="storage")"), "who?"},
                    RefusalRow{"AsksForToken401", 401, Asks(kBearer), "who?"},
                    RefusalRow{"AsksWithoutChallenge401", 401, {}, "who?"},
                    RefusalRow{"Gone404", 404, {}, "<Code>NoSuchKey</Code>"},
                    RefusalRow{
                        "RangeNotSatisfiable416", 416, {{"Content-Range", "bytes */9"}}, ""}),
    [](const auto& info) { return std::string(info.param.name); });

}  // namespace
}  // namespace portolan::client
