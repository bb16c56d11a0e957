#include <string>

#include <gtest/gtest.h>

#include "portolan/auth/authenticator.h"
#include "portolan/auth/testing/test_token.h"
#include "portolan/auth/token_issuer.h"
#include "portolan/auth/token_verifier.h"

namespace portolan::auth {
namespace {

class BearerAuthenticatorTest : public testing::Test {
 protected:
  BearerAuthenticatorTest() {
    TrustedIssuer own;
    own.issuer = "portolan";
    own.audiences = {"registry"};
    own.keys = issuer.keys();
    verifier = NewTokenVerifier({own}, nullptr, clock);
    authenticator = Make({.realm = {}, .service = "registry"});
  }
  std::unique_ptr<Authenticator> Make(BearerOptions options) {
    return NewBearerAuthenticator(*others, *verifier, std::move(options));
  }
  ManualClock clock;
  FixedRandom random;
  TokenIssuer issuer{{TestKey(Algorithm::kEs256)},
                     {.issuer = "portolan", .services = {"registry"}},
                     clock,
                     random};
  const std::string token = issuer.Issue({.name = "kim"}, "registry", {}, {})->token;
  std::unique_ptr<Authenticator> others = NewOpenAuthenticator();
  std::unique_ptr<TokenVerifier> verifier;
  std::unique_ptr<Authenticator> authenticator;
};

TEST_F(BearerAuthenticatorTest, TakesTokens) {
  EXPECT_FALSE(authenticator->Known("Bearer " + token));
  for (const std::string& field :
       {"Bearer " + token, "bearer " + token, "BEARER   " + token, "  Bearer " + token + " "}) {
    const auto identity = authenticator->Authenticate(field);
    ASSERT_TRUE(identity) << field;
    EXPECT_EQ(identity->name, "kim");
    EXPECT_TRUE(authenticator->Known(field));
  }
  for (const std::string& field :
       {std::string("Bearer"), std::string("Bearer "), "Bearer x" + token, "Bearer " + token + " x",
        "Bearer " + token + "," + token}) {
    const auto identity = authenticator->Authenticate(field);
    ASSERT_FALSE(identity) << field;
    EXPECT_EQ(identity.error().code, ErrorCode::kUnauthorized);
  }
}

TEST_F(BearerAuthenticatorTest, LeavesTheRestToOthers) {
  EXPECT_TRUE(authenticator->Known("")->anonymous());
  EXPECT_TRUE(authenticator->Authenticate("Basic eDp5")->anonymous());
  EXPECT_TRUE(authenticator->Authenticate("Bearers " + token)->anonymous());
}

TEST_F(BearerAuthenticatorTest, Challenges) {
  const ChallengeRequest here{.origin = "https://r.example:5000", .scope = {}, .error = {}};
  EXPECT_EQ(authenticator->ChallengeFor(here),
            R"(Bearer realm="https://r.example:5000/token",service="registry")");
  EXPECT_EQ(authenticator->ChallengeFor({.origin = "https://r.example",
                                         .scope = "repository:a/b:pull,push repository:c:pull",
                                         .error = "insufficient_scope"}),
            R"(Bearer realm="https://r.example/token",service="registry",)"
            R"(scope="repository:a/b:pull,push repository:c:pull",error="insufficient_scope")");
  const auto elsewhere =
      Make({.realm = "https://t.example/token?x=\"\\", .service = "my registry"});
  EXPECT_EQ(elsewhere->ChallengeFor(here),
            R"(Bearer realm="https://t.example/token?x=\"\\",service="my registry")");
}

}  // namespace
}  // namespace portolan::auth
