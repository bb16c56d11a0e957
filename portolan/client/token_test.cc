// The rows of the matrix on tokens: what an endpoint answers, and how long that is used.
#include <gtest/gtest.h>

#include "portolan/async/gather.h"
#include "portolan/client/testing/client_fixture.h"

namespace portolan::client {
namespace {

using Names = std::vector<std::string>;
using std::chrono::seconds;

constexpr const char* kList = "https://r.test/v2/a/b/tags/list?n=1000";
constexpr const char* kToken =
    "https://auth.test/token?scope=repository%3Aa%2Fb%3Apull&service=r.test";
constexpr const char* kChallenge = R"(Bearer realm="https://auth.test/token",service="r.test")";

class TokenTest : public testing::Test {
 protected:
  /// Anonymous requests are refused; tokens t1, t2, … are given with `fields` and all accepted.
  void Serve(const std::string& fields) {
    world_.options.token_cache = false;
    world_.registry.On("GET", kList).Authorized("").Reply(401, Asks(kChallenge), "{}");
    FakeRegistry::Rule& endpoint = world_.registry.On("GET", kToken);
    for (int i = 1; i <= 5; ++i) {
      const std::string token = "t" + std::to_string(i);
      endpoint.Reply(200, R"({"token":")" + token + "\"" + fields + "}");
      world_.registry.On("GET", kList)
          .Authorized("Bearer " + token)
          .Reply(200, TagsJson("a/b", {"1"}));
    }
  }
  /// Lists, and gives the number of token requests since the last time.
  int TokensFor(Clock::Duration after) {
    world_.clock.Advance(after);
    const int before = world_.registry.CountOf("auth.test");
    const Listed listed = world_.List("r.test/a/b");
    EXPECT_TRUE(listed.ok()) << listed.message();
    return world_.registry.CountOf("auth.test") - before;
  }

  ClientFixture world_;
};

TEST_F(TokenTest, AccessTokenOnly) {
  world_.registry.On("GET", kList).Authorized("").Reply(401, Asks(kChallenge), "");
  world_.registry.On("GET", kToken).Reply(200, R"({"access_token":"at","expires_in":300})");
  world_.registry.On("GET", kList).Authorized("Bearer at").Reply(200, TagsJson("a/b", {"1"}));
  EXPECT_TRUE(world_.List("r.test/a/b").ok());
}

TEST_F(TokenTest, TokenComesBeforeAccessToken) {
  world_.registry.On("GET", kList).Authorized("").Reply(401, Asks(kChallenge), "");
  world_.registry.On("GET", kToken).Reply(200, R"({"access_token":"at","token":"t"})");
  world_.registry.On("GET", kList).Authorized("Bearer t").Reply(200, TagsJson("a/b", {"1"}));
  EXPECT_TRUE(world_.List("r.test/a/b").ok());
}

TEST_F(TokenTest, NoExpiryIsSixtySeconds) {
  Serve("");
  EXPECT_EQ(TokensFor(seconds(0)), 1);
  EXPECT_EQ(TokensFor(seconds(53)), 0);
  EXPECT_EQ(TokensFor(seconds(1)), 1) << "a tenth early";
}

TEST_F(TokenTest, AShortExpiryIsSixtySeconds) {
  Serve(R"(,"expires_in":5)");
  EXPECT_EQ(TokensFor(seconds(0)), 1);
  EXPECT_EQ(TokensFor(seconds(53)), 0);
  EXPECT_EQ(TokensFor(seconds(1)), 1);
}

TEST_F(TokenTest, ExpiryIsUsedToNineTenths) {
  Serve(R"(,"expires_in":300)");
  EXPECT_EQ(TokensFor(seconds(0)), 1);
  EXPECT_EQ(TokensFor(seconds(269)), 0);
  EXPECT_EQ(TokensFor(seconds(1)), 1);
}

TEST_F(TokenTest, SkewedIssuedAtDoesNotMatter) {
  for (const char* issued : {"2001-01-01T00:00:00Z", "2099-01-01T00:00:00Z", "yesterday"}) {
    SCOPED_TRACE(issued);
    ClientFixture world;
    world.options.token_cache = false;
    world.registry.On("GET", kList).Authorized("").Reply(401, Asks(kChallenge), "");
    world.registry.On("GET", kToken)
        .Reply(200, R"({"token":"t","expires_in":300,"issued_at":")" + std::string(issued) + "\"}");
    world.registry.On("GET", kList).Authorized("Bearer t").Reply(200, TagsJson("a/b", {"1"}));
    EXPECT_TRUE(world.List("r.test/a/b").ok());
    world.clock.Advance(seconds(269));
    EXPECT_TRUE(world.List("r.test/a/b").ok());
    EXPECT_EQ(world.registry.CountOf("auth.test"), 1);
    world.clock.Advance(seconds(1));
    EXPECT_TRUE(world.List("r.test/a/b").ok());
    EXPECT_EQ(world.registry.CountOf("auth.test"), 2);
  }
}

TEST_F(TokenTest, TheWallClockDoesNotMatter) {
  Serve(R"(,"expires_in":300)");
  world_.clock.SetWall(Clock::WallTime(std::chrono::years(80)));
  EXPECT_EQ(TokensFor(seconds(0)), 1);
  world_.clock.SetWall(Clock::WallTime(std::chrono::years(1)));
  EXPECT_EQ(TokensFor(seconds(1)), 0);
  world_.clock.SetWall(Clock::WallTime(std::chrono::years(200)));
  EXPECT_EQ(TokensFor(seconds(1)), 0);
}

TEST_F(TokenTest, OneTokenForManyPages) {
  ClientFixture world;
  const std::string base = "https://r.test/v2/a/b/tags/list";
  world.registry.On("GET", kList).Authorized("").Reply(401, Asks(kChallenge), "");
  world.registry.On("GET", kToken).Reply(200, R"({"token":"t"})");
  world.registry.On("GET", kList)
      .Authorized("Bearer t")
      .Reply(200, NextLink("?p=2"), TagsJson("a/b", {"1"}));
  world.registry.On("GET", base + "?p=2")
      .Authorized("Bearer t")
      .Reply(200, NextLink("?p=3"), TagsJson("a/b", {"2"}));
  world.registry.On("GET", base + "?p=3").Authorized("Bearer t").Reply(200, TagsJson("a/b", {"3"}));
  EXPECT_EQ(world.List("r.test/a/b").tags(), (Names{"1", "2", "3"}));
  EXPECT_EQ(world.registry.requests().size(), 5U);
}

async::Task<int> ListAtOnce(ClientFixture& world, std::size_t count) {
  int succeeded = 0;
  co_await async::ForEachParallel(count, count, [&](std::size_t) -> async::Task<void> {
    const Listed listed = co_await world.ListTask("r.test/a/b", {});
    if (listed.ok()) ++succeeded;
  });
  co_return succeeded;
}

TEST_F(TokenTest, OneTokenForTenParallelListings) {
  ClientFixture world;
  world.options.anonymous = true;
  world.registry.On("GET", kList)
      .Authorized("")
      .Reply(401, Asks(kChallenge), "")
      .After(std::chrono::milliseconds(1));
  world.registry.On("GET", kToken)
      .Reply(200, R"({"token":"t"})")
      .After(std::chrono::milliseconds(5));
  world.registry.On("GET", kList).Authorized("Bearer t").Reply(200, TagsJson("a/b", {"1"}));
  EXPECT_EQ(world.loop.Run(ListAtOnce(world, 10)), 10);
  EXPECT_EQ(world.registry.CountOf("auth.test"), 1);
}

TEST_F(TokenTest, OneTokenForTenParallelListingsAfterARevocation) {
  ClientFixture world;
  world.options.anonymous = true;
  world.registry.On("GET", kList).Authorized("").Reply(401, Asks(kChallenge), "");
  world.registry.On("GET", kToken)
      .Reply(200, R"({"token":"t1","expires_in":3600})")
      .Reply(200, R"({"token":"t2","expires_in":3600})")
      .After(std::chrono::milliseconds(3));
  world.registry.On("GET", kList)
      .Authorized("Bearer t1")
      .Reply(200, TagsJson("a/b", {"1"}))
      .Reply(401, Asks(kChallenge), "")
      .After(std::chrono::milliseconds(1));
  world.registry.On("GET", kList).Authorized("Bearer t2").Reply(200, TagsJson("a/b", {"1"}));
  EXPECT_TRUE(world.List("r.test/a/b").ok());
  EXPECT_EQ(world.loop.Run(ListAtOnce(world, 10)), 10);
  EXPECT_EQ(world.registry.CountOf("auth.test"), 2);
}

TEST_F(TokenTest, ParallelRequestsShareTheEndpointsRefusal) {
  ClientFixture world;
  world.options.anonymous = true;
  world.registry.On("GET", kList).Reply(401, Asks(kChallenge), "");
  world.registry.On("GET", kToken).Reply(403, "no").After(std::chrono::milliseconds(20));
  EXPECT_EQ(world.loop.Run(ListAtOnce(world, 3)), 0);
  EXPECT_EQ(world.registry.CountOf("auth.test"), 1);
}

// ECR Public says 400 where others say 401, and knows one scope only.
TEST_F(TokenTest, Token400Expired) {
  const std::string list = "https://public.ecr.aws/v2/a/b/tags/list?n=1000";
  const std::string token = "https://public.ecr.aws/token/?scope=aws&service=public.ecr.aws";
  const std::string challenge =
      R"(Bearer realm="https://public.ecr.aws/token/",service="public.ecr.aws",scope="aws")";
  ClientFixture world;
  world.registry.On("GET", list).Authorized("").Reply(401, Asks(challenge), "");
  world.registry.On("GET", token)
      .Reply(200, R"({"token":"t1","expires_in":3600})")
      .Reply(200, R"({"token":"t2","expires_in":3600})");
  world.registry.On("GET", list)
      .Authorized("Bearer t1")
      .Reply(200, TagsJson("a/b", {"1"}))
      .Reply(400, R"({"errors":[{"code":"DENIED","message":"Your Authorization Token is )"
                  R"(invalid."}]})");
  world.registry.On("GET", list).Authorized("Bearer t2").Reply(200, TagsJson("a/b", {"1"}));
  world.registry.On("GET", "https://public.ecr.aws/v2/").Reply(401, Asks(challenge), "");
  EXPECT_TRUE(world.List("public.ecr.aws/a/b").ok());
  world.Restart();  // from the cache on disk
  const Listed listed = world.List("public.ecr.aws/a/b");
  EXPECT_TRUE(listed.ok()) << listed.message() << world.LogText();
  EXPECT_EQ(world.registry.CountOf("/token/"), 2);
}

// A refusal without any challenge, also of /v2/: the one that is remembered still holds.
TEST_F(TokenTest, Token400ExpiredWithoutAChallenge) {
  const std::string list = "https://public.ecr.aws/v2/a/b/tags/list?n=1000";
  ClientFixture world;
  world.registry.On("GET", list)
      .Authorized("")
      .Reply(401, Asks(R"(Bearer realm="https://public.ecr.aws/token/",service="s",scope="aws")"),
             "");
  FakeRegistry::Rule& endpoint =
      world.registry.On("GET", "https://public.ecr.aws/token/?scope=aws&service=s");
  for (const char* token : {"t1", "t2", "t3"}) {
    endpoint.Reply(200, std::string(R"({"token":")") + token + "\"}");
  }
  world.registry.On("GET", list)
      .Authorized("Bearer t1")
      .Reply(200, TagsJson("a/b", {"1"}))
      .Reply(400, "Your Authorization Token is invalid.");
  world.registry.On("GET", "https://public.ecr.aws/v2/").Reply(200, "");
  for (const char* token : {"Bearer t2", "Bearer t3"}) {
    world.registry.On("GET", list).Authorized(token).Reply(200, TagsJson("a/b", {"1"}));
  }
  EXPECT_TRUE(world.List("public.ecr.aws/a/b").ok());
  EXPECT_TRUE(world.List("public.ecr.aws/a/b").ok());
  world.clock.Advance(seconds(60));
  EXPECT_TRUE(world.List("public.ecr.aws/a/b").ok()) << "the scope is still known";
  EXPECT_EQ(world.registry.CountOf("/token/"), 3);
}

TEST_F(TokenTest, A400ThatIsNotAboutATokenStands) {
  const std::string list = "https://public.ecr.aws/v2/a/b/tags/list";
  ClientFixture world;
  world.registry.On("GET", list)
      .Authorized("")
      .Reply(401, Asks(R"(Bearer realm="https://public.ecr.aws/token/",service="s",scope="aws")"),
             "");
  world.registry.On("GET", "https://public.ecr.aws/token/?scope=aws&service=s")
      .Reply(200, R"({"token":"t1"})");
  world.registry.On("GET", list).Authorized("Bearer t1").Reply(400, "the name is bad");
  const Listed listed = world.List("public.ecr.aws/a/b", {.page_size = 0, .limit = {}});
  EXPECT_FALSE(listed.ok());
  EXPECT_EQ(world.registry.requests().size(), 3U);
}

TEST_F(TokenTest, ATokenRevokedEarlyIsFetchedAnewOnce) {
  world_.registry.On("GET", kList).Authorized("").Reply(401, Asks(kChallenge), "");
  world_.registry.On("GET", kToken)
      .Reply(200, R"({"token":"t1","expires_in":3600})")
      .Reply(200, R"({"token":"t2","expires_in":3600})");
  world_.registry.On("GET", kList)
      .Authorized("Bearer t1")
      .Reply(200, TagsJson("a/b", {"1"}))
      .Reply(401, Asks(std::string(kChallenge) + R"(,error="invalid_token")"), "");
  world_.registry.On("GET", kList).Authorized("Bearer t2").Reply(200, TagsJson("a/b", {"1"}));
  EXPECT_TRUE(world_.List("r.test/a/b").ok());
  EXPECT_TRUE(world_.List("r.test/a/b").ok());
  EXPECT_EQ(world_.registry.CountOf("auth.test"), 2);
  EXPECT_TRUE(world_.List("r.test/a/b").ok());
  EXPECT_EQ(world_.registry.CountOf("auth.test"), 2);
}

TEST_F(TokenTest, ARevokedTokenWhoseSuccessorIsRefusedToo) {
  world_.registry.On("GET", kList).Authorized("").Reply(401, Asks(kChallenge), "");
  world_.registry.On("GET", kToken).Reply(200, R"({"token":"t1"})").Reply(200, R"({"token":"t2"})");
  world_.registry.On("GET", kList)
      .Authorized("Bearer t1")
      .Reply(200, TagsJson("a/b", {"1"}))
      .Reply(401, Asks(kChallenge), "");
  world_.registry.On("GET", kList).Authorized("Bearer t2").Reply(401, Asks(kChallenge), "");
  EXPECT_TRUE(world_.List("r.test/a/b").ok());
  EXPECT_EQ(world_.List("r.test/a/b").code(), ErrorCode::kUnauthorized);
  EXPECT_EQ(world_.registry.CountOf("auth.test"), 2) << "one refetch, no loop";
}

TEST_F(TokenTest, BrokenTokenRepliesAreErrors) {
  struct Row {
    const char* name;
    const char* body;
  };
  const Row rows[] = {{"HTML", "<html>"},
                      {"neither field", R"({"expires_in":300})"},
                      {"empty", R"({"token":""})"},
                      {"a line end inside", "{\"token\":\"t\\r\\nX-Evil: 1\"}"},
                      {"a list", "[]"}};
  for (const Row& row : rows) {
    SCOPED_TRACE(row.name);
    ClientFixture world;
    world.registry.On("GET", kList).Reply(401, Asks(kChallenge), "");
    world.registry.On("GET", kToken).Reply(200, row.body);
    EXPECT_EQ(world.List("r.test/a/b").code(), ErrorCode::kProtocol);
  }
}

TEST_F(TokenTest, AHugeTokenReplyMeetsItsCap) {
  world_.limits.token_reply = 100;
  world_.registry.On("GET", kList).Reply(401, Asks(kChallenge), "");
  world_.registry.On("GET", kToken).Reply(200, R"({"token":")" + std::string(200, 't') + "\"}");
  EXPECT_EQ(world_.List("r.test/a/b").code(), ErrorCode::kTooLarge);
}

TEST_F(TokenTest, NoTokenIsEverInTheLog) {
  world_.UsePassword("user", "pass-phrase");
  world_.registry.On("GET", kList).Authorized("").Reply(401, Asks(kChallenge), "");
  world_.registry
      .On("GET",
          "https://auth.test/token?account=user&scope=repository%3Aa%2Fb%3Apull&service=r.test")
      .Reply(200, R"({"token":"hush-hush"})");
  world_.registry.On("GET", kList)
      .Authorized("Bearer hush-hush")
      .Reply(200, TagsJson("a/b", {"1"}));
  EXPECT_TRUE(world_.List("r.test/a/b").ok());
  const std::string log = world_.LogText();
  EXPECT_NE(log.find("auth.test/token"), std::string::npos);
  EXPECT_EQ(log.find("hush-hush"), std::string::npos) << log;
  EXPECT_EQ(log.find("pass-phrase"), std::string::npos) << log;
  EXPECT_EQ(log.find("dXNlcjpwYXNzLXBocmFzZQ"), std::string::npos) << log;
}

TEST_F(TokenTest, FetchTokenGivesWhatTheEndpointSaid) {
  world_.registry.On("GET", "https://r.test/v2/").Authorized("").Reply(401, Asks(kChallenge), "");
  world_.registry.On("GET", kToken).Reply(200, R"({"token":"t","expires_in":300})");
  const Target target{.registry = oci::RegistryName::Parse("r.test").value(),
                      .repository = oci::RepositoryName::Parse("a/b").value()};
  const auto token = world_.loop.Run(world_.registries().FetchToken(target, {}));
  ASSERT_TRUE(token) << token.error().message;
  EXPECT_EQ(token->token.Reveal(), "t");
  EXPECT_EQ(token->expires_in, seconds(300));
  EXPECT_EQ(token->service, "r.test");
  EXPECT_EQ(token->scopes, (Names{"repository:a/b:pull"}));
  EXPECT_FALSE(token->from_cache);
}

}  // namespace
}  // namespace portolan::client
