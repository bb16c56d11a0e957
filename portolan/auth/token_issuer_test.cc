// What is issued is believed: in every algorithm, under both names of a key, and while keys change.
#include "portolan/auth/token_issuer.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "portolan/auth/testing/test_token.h"
#include "portolan/auth/token_verifier.h"

namespace portolan::auth {
namespace {

class TokenIssuerTest : public testing::Test {
 protected:
  TokenIssuer Make(std::vector<SigningKey> keys, KidStyle kid = KidStyle::kThumbprint) {
    return TokenIssuer(std::move(keys),
                       {.issuer = "portolan", .services = {"registry", "other"}, .kid = kid}, clock,
                       random);
  }
  Result<Identity> Verified(const KeySet& keys, const std::string& token) {
    TrustedIssuer trusted;
    trusted.issuer = "portolan";
    trusted.audiences = {"registry"};
    trusted.keys = keys;
    trusted.own = true;
    return NewTokenVerifier({trusted}, nullptr, clock)->Verify(token);
  }
  std::string Issued(const TokenIssuer& issuer, std::string_view service = "registry") {
    const auto issued = issuer.Issue({.name = "kim"}, service, grants, {});
    EXPECT_TRUE(issued);
    return issued ? issued->token : "";
  }
  const std::vector<wire::Scope> grants{{"repository", "a/b", {"pull", "push"}}};
  ManualClock clock;
  FixedRandom random;
};

TEST_F(TokenIssuerTest, IsBelieved) {
  for (const Algorithm algorithm : {Algorithm::kRs256, Algorithm::kEs256, Algorithm::kEdDsa}) {
    for (const KidStyle kid : {KidStyle::kThumbprint, KidStyle::kLibtrust}) {
      SCOPED_TRACE(NameOf(algorithm));
      const TokenIssuer issuer = Make({TestKey(algorithm)}, kid);
      const auto identity = Verified(issuer.keys(), Issued(issuer));
      ASSERT_TRUE(identity) << identity.error().message;
      EXPECT_EQ(identity->name, "kim");
      EXPECT_EQ(identity->grants->scopes(), grants);
      EXPECT_FALSE(Verified(issuer.keys(), Issued(issuer, "other")));
      EXPECT_TRUE(Verified(KeySet::FromJwks(issuer.keys().ToJwks()).value(), Issued(issuer)));
    }
  }
}

TEST_F(TokenIssuerTest, SaysWhatIsToBeSaid) {
  const TokenIssuer issuer = Make({TestKey(Algorithm::kEs256)});
  const Jwt jwt = ParseJwt(issuer.Issue({}, "registry", {}, 12)->token).value();
  const std::int64_t now = 1'679'981'934;
  EXPECT_EQ(jwt.claims.subject, "");
  EXPECT_EQ(jwt.claims.issued_at, now);
  EXPECT_EQ(jwt.claims.not_before, now - 10);
  EXPECT_EQ(jwt.claims.expires, now + 300);
  EXPECT_EQ(jwt.claims.others.at(std::string(kEpochClaim)), "12");
  ASSERT_TRUE(jwt.claims.access);
  EXPECT_TRUE(jwt.claims.access->empty());
  EXPECT_NE(jwt.claims.id, ParseJwt(Issued(issuer))->claims.id);
  EXPECT_EQ(jwt.claims.id.size(), 22U);
}

TEST_F(TokenIssuerTest, KeysAreRotated) {
  const SigningKey& old_key = TestKey(Algorithm::kRs256);
  const SigningKey& new_key = TestKey(Algorithm::kEs256);
  const TokenIssuer before = Make({old_key});
  const TokenIssuer announced = Make({old_key, new_key});
  const TokenIssuer changed = Make({new_key, old_key});
  const TokenIssuer after = Make({new_key});
  const std::string old_token = Issued(announced);
  const std::string new_token = Issued(changed);
  EXPECT_TRUE(Verified(before.keys(), old_token));
  EXPECT_TRUE(Verified(announced.keys(), new_token));
  EXPECT_TRUE(Verified(changed.keys(), old_token));
  EXPECT_TRUE(Verified(after.keys(), new_token));
  EXPECT_FALSE(Verified(after.keys(), old_token));
  EXPECT_FALSE(Verified(before.keys(), new_token));
  EXPECT_EQ(changed.CertificateBundle(), new_key.certificates() + old_key.certificates());
}

TEST_F(TokenIssuerTest, TheBundleHasNoAuthority) {
  const TestCertificate root({.authority = true, .subject = "company"});
  const TestCertificate leaf({.signer = &root, .subject = "tokens"});
  const TokenIssuer issuer = Make({leaf.Key({&root})});
  EXPECT_EQ(issuer.CertificateBundle(), leaf.pem());
  // What is sent along with a token is the whole chain.
  EXPECT_EQ(ParseJwt(Issued(issuer))->chain, (std::vector<std::string>{leaf.der(), root.der()}));
}

}  // namespace
}  // namespace portolan::auth
