// Raw requests of `portolan api`, and their pages.
#include <gtest/gtest.h>

#include "portolan/client/testing/client_fixture.h"

namespace portolan::client {
namespace {

using Names = std::vector<std::string>;

constexpr const char* kChallenge = R"(Bearer realm="https://auth.test/token",service="s")";

class RawTest : public testing::Test {
 protected:
  static Target Repository(std::string_view registry, std::string_view name) {
    return {.registry = oci::RegistryName::Parse(registry).value(),
            .repository = oci::RepositoryName::Parse(name).value()};
  }
  static RawRequest Get(std::string path) {
    RawRequest request;
    request.path = std::move(path);
    return request;
  }
  Result<Registries::RawResponse> Send(const RawRequest& request) {
    return world_.loop.Run(world_.registries().Send(Repository("r.test", "a/b"), request));
  }

  ClientFixture world_;
};

TEST_F(RawTest, APathBelongsToTheRepositoryOrToTheHost) {
  struct Row {
    const char* path;
    const char* url;
  };
  const Row rows[] = {{"tags/list?n=2", "https://r.test/v2/a/b/tags/list?n=2"},
                      {"manifests/latest", "https://r.test/v2/a/b/manifests/latest"},
                      {"/v2/", "https://r.test/v2/"},
                      {"/api/v2.0/x?q=%2F", "https://r.test/api/v2.0/x?q=%2F"},
                      {"https://R.test:443/v2/a/b/blobs/uploads/1?_state=%3D",
                       "https://r.test/v2/a/b/blobs/uploads/1?_state=%3D"},
                      {"HTTP://r.test/v2/_catalog", "https://r.test/v2/_catalog"}};
  for (const Row& row : rows) {
    SCOPED_TRACE(row.path);
    world_.registry.On("GET", row.url).Reply(200, "body");
    const auto response = Send(Get(row.path));
    ASSERT_TRUE(response) << response.error().message;
    EXPECT_EQ(response->response.status, 200);
    EXPECT_EQ(response->url.ToString(), row.url);
  }
}

TEST_F(RawTest, AUrlMustBeTheRegistrysOwn) {
  for (const char* url :
       {"https://other.test/v2/", "https://r.test:8443/v2/", "http://u@r.test/"}) {
    SCOPED_TRACE(url);
    const auto response = Send(Get(url));
    ASSERT_FALSE(response);
    EXPECT_TRUE(world_.registry.requests().empty());
  }
  EXPECT_EQ(Send(Get("https://other.test/v2/?sig=s3cret")).error(),
            Fail(ErrorCode::kUsage,
                 "https://other.test is not on r.test, to which the credentials belong",
                 "curl can fetch what another host gives to everybody"));
}

TEST_F(RawTest, ARepositoryPathNeedsARepository) {
  const auto response = world_.loop.Run(world_.registries().Send(
      {.registry = oci::RegistryName::Parse("r.test").value(), .repository = {}},
      Get("tags/list")));
  ASSERT_FALSE(response);
  EXPECT_EQ(response.error().code, ErrorCode::kUsage);
}

TEST_F(RawTest, RefusalsAreAnswers) {
  world_.registry.On("GET", "https://r.test/v2/a/b/x").Reply(404, "nothing here");
  const auto response = Send(Get("x"));
  ASSERT_TRUE(response);
  EXPECT_EQ(response->response.status, 404);
}

struct ScopeRow {
  const char* method;
  const char* registry;
  const char* actions;
};

TEST_F(RawTest, TheMethodsScopeIsAskedFor) {
  const ScopeRow rows[] = {{"GET", "r.test", "pull"},           {"HEAD", "r.test", "pull"},
                           {"PUT", "r.test", "pull%2Cpush"},    {"POST", "r.test", "pull%2Cpush"},
                           {"PATCH", "r.test", "pull%2Cpush"},  {"DELETE", "r.test", "delete"},
                           {"DELETE", "quay.io", "pull%2Cpush"}};
  for (const ScopeRow& row : rows) {
    SCOPED_TRACE(row.method);
    ClientFixture world;
    const std::string url = "https://" + std::string(row.registry) + "/v2/a/b/x";
    world.registry.On(row.method, url).Authorized("").Reply(401, Asks(kChallenge), "");
    world.registry
        .On("GET", "https://auth.test/token?scope=repository%3Aa%2Fb%3A" +
                       std::string(row.actions) + "&service=s")
        .Reply(200, R"({"token":"t"})");
    world.registry.On(row.method, url).Authorized("Bearer t").Reply(202, "");
    RawRequest request = Get("x");
    request.method = row.method;
    request.headers.Set("X-Mine", "1");
    request.body = [] { return http::NewTextBody("content"); };
    const auto response =
        world.loop.Run(world.registries().Send(Repository(row.registry, "a/b"), request));
    ASSERT_TRUE(response) << response.error().message;
    EXPECT_EQ(response->response.status, 202);
    EXPECT_EQ(world.registry.bodies().back(), "content") << "sent again after the 401";
    EXPECT_EQ(world.registry.requests().back().headers.Get("X-Mine"), "1");
  }
}

TEST_F(RawTest, MirrorsAreNotAsked) {
  world_.Configure(
      "[[registry]]\nlocation = \"r.test\"\n[[registry.mirror]]\nlocation = \"m.test\"\n");
  world_.registry.On("GET", "https://r.test/v2/a/b/x").Reply(200, "");
  EXPECT_TRUE(Send(Get("x")));
}

TEST_F(RawTest, OwnHeadersDoNotFollowARedirect) {
  world_.registry.On("GET", "https://r.test/v2/a/b/x")
      .Reply(307, {{"Location", "https://cdn.test/x"}}, "");
  world_.registry.On("GET", "https://cdn.test/x").Reply(200, "");
  RawRequest request = Get("x");
  request.headers.Set("PRIVATE-TOKEN", "secret");
  request.headers.Set("Accept", "a/b");
  EXPECT_TRUE(Send(request));
  const http::Headers& there = world_.registry.requests().back().headers;
  EXPECT_FALSE(there.Has("PRIVATE-TOKEN"));
  EXPECT_EQ(there.Get("Accept"), "a/b");
}

TEST_F(RawTest, NextPageFollowsLinksAndEnds) {
  const std::string base = "https://r.test/v2/a/b/tags/list";
  world_.registry.On("GET", base + "?n=2").Reply(200, NextLink("?last=2&n=2"), "");
  world_.registry.On("GET", base + "?last=2&n=2").Reply(200, NextLink("?n=2"), "");
  const auto first = Send(Get("tags/list?n=2"));
  const auto next = world_.registries().NextPage(*first);
  ASSERT_EQ(next, "/v2/a/b/tags/list?last=2&n=2");
  const auto second = Send(Get(*next));
  EXPECT_EQ(world_.registries().NextPage(*second), std::nullopt) << "a loop ends";
  EXPECT_TRUE(world_.Warned("already read"));
}

}  // namespace
}  // namespace portolan::client
