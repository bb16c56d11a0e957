// The rows of the matrix on what a 401 says, and what is done about it.
#include <gtest/gtest.h>

#include "portolan/client/testing/client_fixture.h"

namespace portolan::client {
namespace {

using Names = std::vector<std::string>;

constexpr const char* kList = "https://r.test/v2/a/b/tags/list?n=1000";
constexpr const char* kBase = "https://r.test/v2/";
constexpr const char* kToken =
    "https://auth.test/token?scope=repository%3Aa%2Fb%3Apull&service=r.test";
constexpr const char* kBasic = "Basic dTpzZWNyZXQ=";  // u:secret

/// r.test/a/b, listed by whoever shows the token "t" or the password of "u".
class ChallengeFlowTest : public testing::Test {
 protected:
  FakeRegistry::Rule& Refuse(http::Headers headers) {
    return world_.registry.On("GET", kList).Authorized("").Reply(401, std::move(headers), "{}");
  }
  void Accept(const std::string& authorization) {
    world_.registry.On("GET", kList).Authorized(authorization).Reply(200, TagsJson("a/b", {"1"}));
  }
  void GiveToken(const std::string& url = kToken, const std::string& body = R"({"token":"t"})") {
    world_.registry.On("GET", url).Reply(200, body);
  }
  Listed ExpectListed() {
    Listed listed = world_.List("r.test/a/b");
    EXPECT_TRUE(listed.ok()) << listed.message() << "\n" << world_.LogText();
    EXPECT_EQ(listed.tags(), (Names{"1"}));
    return listed;
  }
  /// A 401 with these headers leads to exactly one token request, and then to the list.
  void ExpectBearer(http::Headers headers) {
    Refuse(std::move(headers));
    GiveToken();
    Accept("Bearer t");
    ExpectListed();
    EXPECT_EQ(world_.registry.Story(),
              (Names{std::string("GET ") + kList, std::string("GET ") + kToken,
                     std::string("GET ") + kList + " [Bearer t]"}));
  }

  ClientFixture world_;
};

TEST_F(ChallengeFlowTest, PlainBearer) {
  ExpectBearer(Asks(R"(Bearer realm="https://auth.test/token",service="r.test")"));
}

TEST_F(ChallengeFlowTest, BearerWithDummyScope) {
  ExpectBearer(Asks(R"(Bearer realm="https://auth.test/token",service="r.test",)"
                    R"(scope="repository:user/image:pull")"));
}

TEST_F(ChallengeFlowTest, LowerCaseSchemeUnquoted) {
  ExpectBearer(Asks("bearer realm=https://auth.test/token,service=r.test"));
}

TEST_F(ChallengeFlowTest, UpperCaseSchemeAndNames) {
  ExpectBearer(Asks(R"(BEARER REALM="https://auth.test/token", SERVICE="r.test")"));
}

TEST_F(ChallengeFlowTest, TwoChallengesInOneLine) {
  ExpectBearer(Asks(R"(Basic realm="r",Bearer realm="https://auth.test/token",service="r.test")"));
}

TEST_F(ChallengeFlowTest, TwoChallengesInTwoLines) {
  ExpectBearer(
      {{"WWW-Authenticate", R"(Basic realm="r")"},
       {"WWW-Authenticate", R"(Bearer realm="https://auth.test/token",service="r.test")"}});
}

TEST_F(ChallengeFlowTest, ARelativeRealmIsTheRegistrys) {
  Refuse(Asks(R"(Bearer realm="/token",service="r.test")"));
  GiveToken("https://r.test/token?scope=repository%3Aa%2Fb%3Apull&service=r.test");
  Accept("Bearer t");
  ExpectListed();
}

TEST_F(ChallengeFlowTest, NoChallengeOnTheReal401AsksTheBase) {
  Refuse({});
  world_.registry.On("GET", kBase)
      .Authorized("")
      .Reply(401, Asks(R"(Bearer realm="https://auth.test/token",service="r.test",scope="x:y:z")"),
             "");
  GiveToken();
  Accept("Bearer t");
  ExpectListed();
  EXPECT_EQ(world_.registry.Story(),
            (Names{std::string("GET ") + kList, std::string("GET ") + kBase,
                   std::string("GET ") + kToken, std::string("GET ") + kList + " [Bearer t]"}));
}

TEST_F(ChallengeFlowTest, EmptyWwwAuthenticateStandsAfterTheBaseWasAsked) {
  Refuse(Asks(""));
  world_.registry.On("GET", kBase).Reply(401, Asks(""), "");
  const Listed listed = world_.List("r.test/a/b");
  EXPECT_EQ(listed.code(), ErrorCode::kUnauthorized);
  EXPECT_EQ(world_.registry.requests().size(), 2U);
}

TEST_F(ChallengeFlowTest, AnUnknownSchemeStands) {
  Refuse(Asks(R"(Negotiate abc)"));
  EXPECT_EQ(world_.List("r.test/a/b").code(), ErrorCode::kUnauthorized);
}

TEST_F(ChallengeFlowTest, BasicWithAPassword) {
  world_.UsePassword("u", "secret");
  Refuse(Asks(R"(Basic realm="r")"));
  Accept(kBasic);
  ExpectListed();
  EXPECT_EQ(world_.registry.requests().size(), 2U);
}

TEST_F(ChallengeFlowTest, UpperCaseBasic) {
  world_.UsePassword("u", "secret");
  Refuse(Asks(R"(BASIC realm="Sonatype Nexus Repository Manager")"));
  Accept(kBasic);
  ExpectListed();
}

TEST_F(ChallengeFlowTest, BasicWithoutAPasswordStands) {
  Refuse(Asks(R"(Basic realm="r")"));
  const Listed listed = world_.List("r.test/a/b");
  EXPECT_EQ(listed.code(), ErrorCode::kUnauthorized);
  EXPECT_EQ(world_.registry.requests().size(), 1U);
  EXPECT_NE(listed.hint().find("portolan login r.test"), std::string::npos) << listed.hint();
}

TEST_F(ChallengeFlowTest, AWrongPasswordIsShownOnce) {
  world_.UsePassword("u", "secret");
  Refuse(Asks(R"(Basic realm="r")"));
  world_.registry.On("GET", kList).Authorized(kBasic).Reply(401, Asks(R"(Basic realm="r")"), "");
  EXPECT_EQ(world_.List("r.test/a/b").code(), ErrorCode::kUnauthorized);
  EXPECT_EQ(world_.registry.requests().size(), 2U);
}

// Harbor refuses a request that carried Authorization with another scheme.
TEST_F(ChallengeFlowTest, BasicAfterAuthorizationHarbor) {
  world_.UsePassword("u", "secret");
  Refuse(Asks(R"(Bearer realm="https://auth.test/token",service="harbor-registry")"));
  world_.registry
      .On("GET",
          "https://auth.test/token?account=u&scope=repository%3Aa%2Fb%3Apull"
          "&service=harbor-registry")
      .Authorized(kBasic)
      .Reply(200, R"({"token":"t"})");
  world_.registry.On("GET", kList)
      .Authorized("Bearer t")
      .Reply(401, Asks(R"(Basic realm="harbor")"), "");
  Accept(kBasic);
  ExpectListed();
  EXPECT_EQ(world_.registry.requests().size(), 4U);
}

TEST_F(ChallengeFlowTest, BasicAfterAuthorizationHarborAnonymous) {
  Refuse(Asks(R"(Bearer realm="https://auth.test/token",service="r.test")"));
  GiveToken();
  world_.registry.On("GET", kList)
      .Authorized("Bearer t")
      .Reply(401, Asks(R"(Basic realm="harbor")"), "");
  EXPECT_EQ(world_.List("r.test/a/b").code(), ErrorCode::kUnauthorized);
  EXPECT_EQ(world_.registry.requests().size(), 3U);
}

// First our scope alone; when its token is refused, the challenge's before it, once.
TEST_F(ChallengeFlowTest, TheChallengesScopeIsAddedOnce) {
  const std::string challenge =
      R"(Bearer realm="https://auth.test/token",service="r.test",scope="special:a:read")";
  const std::string both =
      "https://auth.test/token?scope=special%3Aa%3Aread&scope=repository%3Aa%2Fb%3Apull"
      "&service=r.test";
  Refuse(Asks(challenge));
  GiveToken();
  GiveToken(both, R"({"token":"t2"})");
  world_.registry.On("GET", kList).Authorized("Bearer t").Reply(401, Asks(challenge), "");
  Accept("Bearer t2");
  ExpectListed();
  EXPECT_EQ(world_.registry.Story(),
            (Names{std::string("GET ") + kList, std::string("GET ") + kToken,
                   std::string("GET ") + kList + " [Bearer t]", "GET " + both,
                   std::string("GET ") + kList + " [Bearer t2]"}));
}

TEST_F(ChallengeFlowTest, TheSecondRefusalStands) {
  const std::string challenge =
      R"(Bearer realm="https://auth.test/token",service="r.test",scope="special:a:read")";
  world_.registry.On("GET", kList).Reply(401, Asks(challenge), "{}");
  GiveToken();
  GiveToken(
      "https://auth.test/token?scope=special%3Aa%3Aread&scope=repository%3Aa%2Fb%3Apull"
      "&service=r.test",
      R"({"token":"t2"})");
  EXPECT_EQ(world_.List("r.test/a/b").code(), ErrorCode::kUnauthorized);
  EXPECT_EQ(world_.registry.requests().size(), 5U);
}

TEST_F(ChallengeFlowTest, ANewRealmIsTriedOnce) {
  Refuse(Asks(R"(Bearer realm="https://auth.test/token",service="r.test")"));
  GiveToken();
  world_.registry.On("GET", kList)
      .Authorized("Bearer t")
      .Reply(401, Asks(R"(Bearer realm="https://other.test/token",service="r.test")"), "");
  GiveToken("https://other.test/token?scope=repository%3Aa%2Fb%3Apull&service=r.test",
            R"({"token":"t2"})");
  Accept("Bearer t2");
  ExpectListed();
}

TEST_F(ChallengeFlowTest, AnonymousRefusalsNeverLoop) {
  world_.registry.On("GET", kList)
      .Reply(401,
             Asks(R"(Bearer realm="https://auth.test/token",service="r.test",)"
                  R"(scope="repository:a/b:pull",error="insufficient_scope")"),
             R"({"errors":[{"code":"UNAUTHORIZED","message":"access is not authorized"}]})");
  GiveToken();
  const Listed listed = world_.List("r.test/a/b");
  EXPECT_EQ(listed.code(), ErrorCode::kUnauthorized);
  EXPECT_EQ(world_.registry.requests().size(), 3U);
  EXPECT_NE(listed.message().find("not found or no access"), std::string::npos) << listed.message();
}

TEST_F(ChallengeFlowTest, QuayAnonymousNeedsNoToken) {
  const std::string url = "https://quay.io/v2/ansible/creator-ee/tags/list";
  world_.registry.On("GET", url).Reply(200, TagsJson("ansible/creator-ee", {"v0.2.0a1"}));
  EXPECT_TRUE(world_.List("quay.io/ansible/creator-ee").ok());
  world_.registry.On("GET", "https://quay.io/v2/a/hidden/tags/list")
      .Authorized("")
      .Reply(401, Asks(R"(Bearer realm="https://quay.io/v2/auth",service="quay.io")"), "true");
  world_.registry
      .On("GET", "https://quay.io/v2/auth?scope=repository%3Aa%2Fhidden%3Apull&service=quay.io")
      .Reply(200, R"({"token":"t"})");
  world_.registry.On("GET", "https://quay.io/v2/a/hidden/tags/list")
      .Authorized("Bearer t")
      .Reply(401, Asks(R"(Bearer realm="https://quay.io/v2/auth",service="quay.io")"), "true");
  EXPECT_EQ(world_.List("quay.io/a/hidden").code(), ErrorCode::kUnauthorized);
  world_.registry.ForgetRequests();
  EXPECT_TRUE(world_.List("quay.io/ansible/creator-ee").ok());
  EXPECT_EQ(world_.registry.Story(), Names{"GET " + url}) << "though its challenge is known now";
}

TEST_F(ChallengeFlowTest, TheTokenEndpointsRefusalIsOneClearError) {
  const std::string url = "https://ghcr.io/v2/o/hidden/tags/list?n=1000";
  world_.registry.On("GET", url)
      .Reply(401,
             Asks(R"(Bearer realm="https://ghcr.io/token",service="ghcr.io",)"
                  R"(scope="repository:o/hidden:pull")"),
             "");
  world_.registry
      .On("GET", "https://ghcr.io/token?scope=repository%3Ao%2Fhidden%3Apull&service=ghcr.io")
      .Reply(403, R"({"errors":[{"code":"DENIED","message":)"
                  R"("requested access to the resource is denied"}]})");
  const Listed listed = world_.List("ghcr.io/o/hidden");
  EXPECT_EQ(listed.code(), ErrorCode::kDenied);
  EXPECT_NE(listed.message().find("ghcr.io/o/hidden"), std::string::npos) << listed.message();
  EXPECT_NE(listed.message().find("requested access to the resource is denied"), std::string::npos);
  EXPECT_EQ(listed.message().find('\n'), std::string::npos);
  EXPECT_NE(listed.hint().find("portolan login ghcr.io"), std::string::npos) << listed.hint();
  EXPECT_NE(listed.hint().find("read:packages"), std::string::npos) << listed.hint();
  EXPECT_EQ(world_.registry.requests().size(), 2U);
}

TEST_F(ChallengeFlowTest, ARegistryTokenIsTheBearerItself) {
  world_.options.credentials.emplace();
  world_.options.credentials->registry_token = Secret("rt");
  Accept("Bearer rt");
  ExpectListed();
  EXPECT_EQ(world_.registry.requests().size(), 1U);
}

TEST_F(ChallengeFlowTest, ARefusedRegistryTokenStands) {
  world_.options.credentials.emplace();
  world_.options.credentials->registry_token = Secret("rt");
  world_.registry.On("GET", kList)
      .Reply(401, Asks(R"(Bearer realm="https://auth.test/token",service="r.test")"), "");
  EXPECT_EQ(world_.List("r.test/a/b").code(), ErrorCode::kUnauthorized);
  EXPECT_EQ(world_.registry.requests().size(), 1U);
}

TEST_F(ChallengeFlowTest, ARedirectsAnswerIsNotTheRegistrysToAskWith) {
  world_.UsePassword("u", "secret");
  world_.registry.On("GET", kList).Reply(307, {{"Location", "https://elsewhere.test/x"}}, "");
  world_.registry.On("GET", "https://elsewhere.test/x")
      .Reply(401, Asks(R"(Basic realm="give me your password")"), "");
  EXPECT_EQ(world_.List("r.test/a/b").code(), ErrorCode::kUnauthorized);
  EXPECT_EQ(world_.registry.requests().size(), 2U);
}

}  // namespace
}  // namespace portolan::client
