// Who is asked as whom: identities are never mixed, and never shown to anybody else.
#include <gtest/gtest.h>

#include "portolan/async/gather.h"
#include "portolan/client/testing/client_fixture.h"
#include "portolan/client/token_source.h"

namespace portolan::client {
namespace {

using Names = std::vector<std::string>;

constexpr const char* kList = "https://r.test/v2/a/b/tags/list?n=1000";
constexpr const char* kRealm = "https://auth.test/token";
constexpr const char* kChallenge = R"(Bearer realm="https://auth.test/token",service="s")";
constexpr const char* kQuery = "?scope=repository%3Aa%2Fb%3Apull&service=s";
constexpr const char* kBasic = "Basic dTpzZWNyZXQ=";  // u:secret

TEST(IdentityTest, CredentialsOfTheFileAreUsed) {
  ClientFixture world;
  world.LogIn("r.test", "u", "secret");
  world.registry.On("GET", kList).Authorized("").Reply(401, Asks(R"(Basic realm="r")"), "");
  world.registry.On("GET", kList).Authorized(kBasic).Reply(200, TagsJson("a/b", {"1"}));
  EXPECT_TRUE(world.List("r.test/a/b").ok());
}

TEST(IdentityTest, NoCredsLooksNoneUp) {
  ClientFixture world;
  world.LogIn("r.test", "u", "secret");
  world.options.anonymous = true;
  world.registry.On("GET", kList).Reply(401, Asks(R"(Basic realm="r")"), "");
  EXPECT_EQ(world.List("r.test/a/b").code(), ErrorCode::kUnauthorized);
  EXPECT_EQ(world.files.reads.count(kAuthConfig), 0U);
}

TEST(IdentityTest, TheFilesOfAnotherRegistryAreNotUsed) {
  ClientFixture world;
  world.LogIn("other.test", "u", "secret");
  world.registry.On("GET", kList).Reply(401, Asks(R"(Basic realm="r")"), "");
  EXPECT_EQ(world.List("r.test/a/b").code(), ErrorCode::kUnauthorized);
  EXPECT_EQ(world.registry.requests().size(), 1U);
}

TEST(IdentityTest, AKnownBasicRegistryIsShownThePasswordAtOnce) {
  ClientFixture world;
  world.LogIn("r.test", "u", "secret");
  world.registry.On("GET", kList).Authorized("").Reply(401, Asks(R"(Basic realm="r")"), "");
  world.registry.On("GET", kList).Authorized(kBasic).Reply(200, TagsJson("a/b", {"1"}));
  EXPECT_TRUE(world.List("r.test/a/b").ok());
  world.Restart();
  EXPECT_TRUE(world.List("r.test/a/b").ok());
  EXPECT_EQ(world.registry.requests().size(), 3U);
}

TEST(IdentityTest, BasicIsNeverShownToWhereARedirectLeads) {
  ClientFixture world;
  world.UsePassword("u", "secret");
  world.registry.On("GET", kList).Authorized("").Reply(401, Asks(R"(Basic realm="r")"), "");
  world.registry.On("GET", kList)
      .Authorized(kBasic)
      .Reply(307, {{"Location", "https://cdn.test/list"}}, "");
  world.registry.On("GET", "https://cdn.test/list")
      .Authorized("")
      .Reply(200, TagsJson("a/b", {"1"}));
  EXPECT_TRUE(world.List("r.test/a/b").ok());
  EXPECT_EQ(world.registry.CountOf("cdn.test"), 1);
}

TEST(IdentityTest, BasicIsNeverShownOnAnotherPort) {
  ClientFixture world;
  world.UsePassword("u", "secret");
  world.registry.On("GET", kList).Authorized("").Reply(401, Asks(R"(Basic realm="r")"), "");
  world.registry.On("GET", kList)
      .Authorized(kBasic)
      .Reply(307, {{"Location", "https://r.test:8443/list"}}, "");
  world.registry.On("GET", "https://r.test:8443/list")
      .Authorized("")
      .Reply(200, TagsJson("a/b", {"1"}));
  EXPECT_TRUE(world.List("r.test/a/b").ok());
}

TEST(IdentityTest, BasicStaysOnTheSameOrigin) {
  ClientFixture world;
  world.UsePassword("u", "secret");
  world.registry.On("GET", kList).Authorized("").Reply(401, Asks(R"(Basic realm="r")"), "");
  world.registry.On("GET", kList).Authorized(kBasic).Reply(307, {{"Location", "/list"}}, "");
  world.registry.On("GET", "https://r.test/list")
      .Authorized(kBasic)
      .Reply(200, TagsJson("a/b", {"1"}));
  EXPECT_TRUE(world.List("r.test/a/b").ok());
}

TEST(IdentityTest, BasicIsNotShownAgainAfterADetour) {
  ClientFixture world;
  world.UsePassword("u", "secret");
  world.registry.On("GET", kList).Authorized("").Reply(401, Asks(R"(Basic realm="r")"), "");
  world.registry.On("GET", kList)
      .Authorized(kBasic)
      .Reply(307, {{"Location", "https://evil.test/x"}}, "");
  world.registry.On("GET", "https://evil.test/x")
      .Reply(307, {{"Location", "https://r.test/chosen-by-evil"}}, "");
  world.registry.On("GET", "https://r.test/chosen-by-evil")
      .Authorized("")
      .Reply(200, TagsJson("a/b", {"1"}));
  EXPECT_TRUE(world.List("r.test/a/b").ok());
}

TEST(IdentityTest, APasswordIsShownToTheTokenEndpointOnly) {
  ClientFixture world;
  world.UsePassword("u", "secret");
  world.registry.On("GET", kList).Authorized("").Reply(401, Asks(kChallenge), "");
  world.registry.On("GET", std::string(kRealm) + "?account=u&" + (kQuery + 1))
      .Authorized(kBasic)
      .Reply(200, R"({"token":"t"})");
  world.registry.On("GET", kList).Authorized("Bearer t").Reply(200, TagsJson("a/b", {"1"}));
  EXPECT_TRUE(world.List("r.test/a/b").ok());
}

TEST(IdentityTest, TheEndpointsRefusalOfAPasswordSaysWhatToDo) {
  ClientFixture world;
  world.UsePassword("u", "secret");
  const std::string list = "https://registry-1.docker.io/v2/library/ubuntu/tags/list?n=1000";
  world.registry.On("GET", list)
      .Reply(401,
             Asks(R"(Bearer realm="https://auth.docker.io/token",service="registry.docker.io")"),
             "");
  world.registry
      .On("GET",
          "https://auth.docker.io/token?account=u&scope=repository%3Alibrary%2Fubuntu%3Apull"
          "&service=registry.docker.io")
      .Reply(401, R"({"details":"incorrect username or password"})");
  const Listed listed = world.List("ubuntu");
  EXPECT_EQ(listed.code(), ErrorCode::kUnauthorized);
  EXPECT_NE(listed.message().find("incorrect username or password"), std::string::npos)
      << listed.message();
  EXPECT_NE(listed.hint().find("portolan login docker.io"), std::string::npos) << listed.hint();
}

// --- identity tokens ---

TEST(IdentityTest, AnIdentityTokenIsPosted) {
  ClientFixture world;
  world.options.credentials.emplace();
  world.options.credentials->identity_token = Secret("id/+ token");
  world.registry.On("GET", kList).Authorized("").Reply(401, Asks(kChallenge), "");
  world.registry.On("POST", kRealm).Authorized("").Reply(200, R"({"access_token":"t"})");
  world.registry.On("GET", kList).Authorized("Bearer t").Reply(200, TagsJson("a/b", {"1"}));
  const Listed listed = world.List("r.test/a/b");
  ASSERT_TRUE(listed.ok()) << listed.message();
  const std::string& form = world.registry.bodies()[1];
  EXPECT_NE(form.find("grant_type=refresh_token"), std::string::npos) << form;
  EXPECT_NE(form.find("refresh_token=id%2F%2B%20token"), std::string::npos) << form;
  EXPECT_NE(form.find("scope=repository%3Aa%2Fb%3Apull"), std::string::npos) << form;
  EXPECT_NE(form.find("client_id="), std::string::npos) << form;
  EXPECT_EQ(world.registry.requests()[1].headers.Get("Content-Type"),
            "application/x-www-form-urlencoded");
  EXPECT_EQ(world.registry.requests()[1].content_length, form.size());
}

TEST(IdentityTest, AnIdentityTokenFallsBackToThePasswordWhereThereIsNoPost) {
  for (const int status : {404, 405}) {
    SCOPED_TRACE(status);
    ClientFixture world;
    world.UsePassword("u", "secret");
    world.options.credentials->identity_token = Secret("id");
    world.registry.On("GET", kList).Authorized("").Reply(401, Asks(kChallenge), "");
    world.registry.On("POST", kRealm).Reply(status, "");
    world.registry.On("GET", std::string(kRealm) + "?account=u&" + (kQuery + 1))
        .Authorized(kBasic)
        .Reply(200, R"({"token":"t"})");
    world.registry.On("GET", kList).Authorized("Bearer t").Reply(200, TagsJson("a/b", {"1"}));
    const Listed listed = world.List("r.test/a/b");
    EXPECT_TRUE(listed.ok()) << listed.message();
  }
}

TEST(IdentityTest, ARefusedIdentityTokenIsOneError) {
  ClientFixture world;
  world.options.credentials.emplace();
  world.options.credentials->identity_token = Secret("id");
  world.registry.On("GET", kList).Reply(401, Asks(kChallenge), "");
  world.registry.On("POST", kRealm).Reply(400, R"({"error":"invalid_grant"})");
  const Listed listed = world.List("r.test/a/b");
  EXPECT_EQ(listed.code(), ErrorCode::kUnauthorized) << listed.message();
  EXPECT_EQ(world.registry.requests().size(), 2U);
}

// --- several identities at once ---

// Two flights for the same realm, service, scope and account, but not for the same secret.
TEST(IdentityTest, FlightsOfDifferentSecretsAreNotShared) {
  ClientFixture world;
  FakeRegistry& registry = world.registry;
  registry.On("GET", std::string(kRealm) + kQuery)
      .Reply(200, R"({"token":"anonymous"})")
      .After(std::chrono::milliseconds(5));
  registry.On("POST", kRealm)
      .Reply(200, R"({"token":"owner"})")
      .After(std::chrono::milliseconds(5));
  const auto client = http::NewClient(registry);
  Sender sender(*client, world.clock, world.random, world.log, world.limits, {});
  TokenSource source(sender, world.clock, world.log, world.limits);
  TokenWish wish;
  wish.request = {.realm = Url::Parse(kRealm).value(),
                  .service = "s",
                  .scopes = {"repository:a/b:pull"},
                  .account = {}};
  wish.registry = Url::Parse("https://r.test/").value().origin;
  wish.registry_name = "r.test";
  TokenWish owners = wish;
  owners.credentials.identity_token = Secret("id");
  const std::vector<TokenWish> wishes = {owners, wish};
  auto fetch_both = [&]() -> async::Task<Names> {
    Names tokens(2);
    co_await async::ForEachParallel(2, 2, [&](std::size_t i) -> async::Task<void> {
      const auto token = co_await source.Fetch(wishes[i]);
      if (token) tokens[i] = token->text.Reveal();
    });
    co_return tokens;
  };
  EXPECT_EQ(world.loop.Run(fetch_both()), (Names{"owner", "anonymous"}));
}

TEST(IdentityTest, CredentialsOfOneNamespaceAreNotUsedForAnother) {
  ClientFixture world;
  world.LogIn("r.test/a", "u", "secret");
  const std::string other = "https://r.test/v2/c/d/tags/list?n=1000";
  world.registry.On("GET", kList).Authorized("").Reply(401, Asks(R"(Basic realm="r")"), "");
  world.registry.On("GET", kList).Authorized(kBasic).Reply(200, TagsJson("a/b", {"1"}));
  world.registry.On("GET", other).Authorized("").Reply(401, Asks(R"(Basic realm="r")"), "");
  EXPECT_TRUE(world.List("r.test/a/b").ok());
  EXPECT_EQ(world.List("r.test/c/d").code(), ErrorCode::kUnauthorized);
}

}  // namespace
}  // namespace portolan::client
