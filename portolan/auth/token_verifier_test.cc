// Which tokens are believed. The texts are written here, not by our issuer, so that they can lie.
#include "portolan/auth/token_verifier.h"

#include <functional>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "portolan/auth/jwt.h"
#include "portolan/auth/testing/memory_accounts.h"
#include "portolan/auth/testing/test_token.h"
#include "portolan/base/base64.h"

namespace portolan::auth {
namespace {

constexpr std::int64_t kNow = 1'679'981'934;  // as ManualClock begins

// Counts how often it is asked to look again.
class CountingSource final : public KeySource {
 public:
  std::shared_ptr<const KeySet> Current() override { return now; }
  std::shared_ptr<const KeySet> Renewed() override {
    ++renewals;
    return now = next;
  }
  std::shared_ptr<const KeySet> now;
  std::shared_ptr<const KeySet> next;
  int renewals = 0;
};

std::shared_ptr<const KeySet> SetOf(const SigningKey& key) {
  KeySet set;
  set.Add(key.public_key());
  return std::make_shared<const KeySet>(set);
}

class TokenVerifierTest : public testing::Test {
 protected:
  TokenVerifierTest() {
    issuer.issuer = "issuer";
    issuer.audiences = {"registry"};
    issuer.keys.Add(Key().public_key());
  }
  static const SigningKey& Key() { return TestKey(Algorithm::kEs256); }
  std::string Header() const {
    return fmt::format(R"({{"alg":"ES256","kid":"{}"}})", Key().public_key().thumbprint());
  }
  static std::string Claims(const std::string& more = {}, std::int64_t lifetime = 300,
                            const std::string& audience = R"("registry")",
                            const std::string& from = "issuer") {
    return fmt::format(
        R"({{"iss":"{}","sub":"kim","aud":{},"iat":{},"exp":{},"access":[{{"type":"repository",)"
        R"("name":"a/b","actions":["pull"]}}]{}}})",
        from, audience, kNow, kNow + lifetime, more);
  }
  std::string Token(const std::string& claims) const { return RawToken(Key(), Header(), claims); }

  TokenVerifier& Verifier() {
    if (!verifier_) verifier_ = NewTokenVerifier({issuer}, &accounts, clock);
    return *verifier_;
  }
  // The reason of the refusal; empty: believed.
  std::string Reason(const std::string& token) {
    const auto identity = Verifier().Verify(token);
    if (identity) return "";
    EXPECT_EQ(identity.error().code, ErrorCode::kUnauthorized);
    EXPECT_FALSE(Verifier().Known(token));
    return identity.error().message;
  }

  TrustedIssuer issuer;
  MemoryAccounts accounts;
  ManualClock clock;

 private:
  std::unique_ptr<TokenVerifier> verifier_;
};

TEST_F(TokenVerifierTest, BelievesAndRemembers) {
  const std::string token = Token(Claims());
  EXPECT_FALSE(Verifier().Known(token));
  const auto identity = Verifier().Verify(token);
  ASSERT_TRUE(identity) << identity.error().message;
  EXPECT_EQ(identity->name, "kim");
  EXPECT_FALSE(identity->by_rules);
  ASSERT_TRUE(identity->grants);
  EXPECT_EQ(identity->grants->scopes(),
            (std::vector<wire::Scope>{{"repository", "a/b", {"pull"}}}));
  EXPECT_EQ(Verifier().Known(token), *identity);
  EXPECT_FALSE(Verifier().Known(token + "A"));
}

TEST_F(TokenVerifierTest, ClaimsThatDoNotCount) {
  const auto timed = [](const char* times) {
    return fmt::format(R"({{"iss":"issuer","aud":"registry","access":[],{}}})", times);
  };
  const auto at = [](std::int64_t offset) { return std::to_string(kNow + offset); };
  const struct Row {
    const char* name;
    std::string claims;
    const char* reason;
  } rows[] = {
      {"all well", Claims(), ""},
      {"audience in a list", Claims("", 300, R"(["other","registry"])"), ""},
      {"another audience", Claims("", 300, R"("other")"), "for another service"},
      {"an audience of the same beginning", Claims("", 300, R"("registry2")"),
       "for another service"},
      {"other audiences", Claims("", 300, R"(["x","REGISTRY"])"), "for another service"},
      {"an empty list", Claims("", 300, "[]"), "for another service"},
      {"an empty audience", Claims("", 300, R"("")"), "for another service"},
      {"no audience", R"({"iss":"issuer","exp":9999999999,"access":[]})", "for another service"},
      {"another issuer", Claims("", 300, R"("registry")", "issuer2"), "is not trusted"},
      {"an empty issuer", Claims("", 300, R"("registry")", ""), "is not trusted"},
      {"no issuer", R"({"aud":"registry","exp":9999999999,"access":[]})", "is not trusted"},
      {"no exp", timed(R"("iat":1679981934)"), "does not say when it expires"},
      {"exp within leeway", timed(("\"exp\":" + at(-59)).c_str()), ""},
      {"exp at leeway", timed(("\"exp\":" + at(-60)).c_str()), "has expired"},
      {"exp long ago", timed("\"exp\":0"), "has expired"},
      {"nbf within leeway", timed(("\"exp\":" + at(200) + ",\"nbf\":" + at(60)).c_str()), ""},
      {"nbf beyond", timed(("\"exp\":" + at(200) + ",\"nbf\":" + at(61)).c_str()),
       "does not count yet"},
      {"iat within leeway", timed(("\"exp\":" + at(200) + ",\"iat\":" + at(60)).c_str()), ""},
      {"iat beyond", timed(("\"exp\":" + at(200) + ",\"iat\":" + at(61)).c_str()), "of the future"},
      {"a day", timed(("\"exp\":" + at(86'400) + ",\"iat\":" + at(0)).c_str()), ""},
      {"longer than a day", timed(("\"exp\":" + at(86'461) + ",\"iat\":" + at(0)).c_str()),
       "longer than a day"},
      {"longer than a day, without a beginning", timed(("\"exp\":" + at(86'461)).c_str()),
       "longer than a day"},
      {"for ever", timed("\"exp\":253402300799"), "longer than a day"},
      {"no access", fmt::format(R"({{"iss":"issuer","aud":"registry","exp":{}}})", at(100)),
       "has no \"access\""},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.name);
    const std::string reason = Reason(Token(row.claims));
    if (*row.reason == '\0') {
      EXPECT_EQ(reason, "");
    } else {
      EXPECT_NE(reason.find(row.reason), std::string::npos) << reason;
    }
  }
}

TEST_F(TokenVerifierTest, WhatWasBelievedEnds) {
  const std::string token = Token(Claims("", 120));
  ASSERT_EQ(Reason(token), "");
  clock.Advance(std::chrono::seconds(179));
  EXPECT_TRUE(Verifier().Known(token));
  clock.Advance(std::chrono::seconds(1));
  EXPECT_FALSE(Verifier().Known(token));
  EXPECT_NE(Reason(token).find("has expired"), std::string::npos);
  clock.SetWall(Clock::WallTime(std::chrono::seconds(kNow - 3600)));  // and the clock was wrong
  EXPECT_NE(Reason(Token(Claims("", 119))).find("of the future"), std::string::npos);
}

TEST_F(TokenVerifierTest, AlgorithmsAreNotConfused) {
  const std::string pem_as_secret = "HS256";
  const SigningKey& rsa = TestKey(Algorithm::kRs256);
  issuer.keys.Add(rsa.public_key());
  const auto header = [](std::string_view algorithm, const SigningKey& key) {
    return fmt::format(R"({{"alg":"{}","kid":"{}"}})", algorithm, key.public_key().thumbprint());
  };
  EXPECT_EQ(Reason(RawToken(rsa, header("RS256", rsa), Claims())), "");
  EXPECT_NE(Reason(RawToken(rsa, header("ES256", rsa), Claims())), "");
  EXPECT_NE(Reason(RawToken(rsa, header("RS512", rsa), Claims())), "");
  EXPECT_NE(Reason(RawToken(rsa, header("HS256", rsa), Claims())), "");
  EXPECT_NE(Reason(RawToken(rsa, header("EdDSA", rsa), Claims())), "");
  EXPECT_NE(Reason(RawToken(rsa, header("RS256", Key()), Claims())), "");
  EXPECT_NE(Reason(UnsignedToken(header("none", rsa), Claims())), "");
  EXPECT_NE(Reason(UnsignedToken(header("RS256", rsa), Claims())), "");
  EXPECT_NE(Reason(UnsignedToken(header("ES256", Key()), Claims(), std::string(64, '\0'))), "");
  EXPECT_NE(Reason(RawToken(StrangersKey(Algorithm::kEs256), Header(), Claims())), "");
}

TEST_F(TokenVerifierTest, OnlyTheIssuersAlgorithms) {
  issuer.keys.Add(TestKey(Algorithm::kEdDsa).public_key());
  issuer.algorithms = {Algorithm::kEdDsa};
  EXPECT_NE(Reason(Token(Claims())).find("which its issuer does not use"), std::string::npos);
  const SigningKey& key = TestKey(Algorithm::kEdDsa);
  EXPECT_EQ(Reason(SignJwt(key, KidStyle::kThumbprint,
                           {.issuer = "issuer",
                            .subject = {},
                            .audiences = {"registry"},
                            .expires = kNow + 10,
                            .not_before = {},
                            .issued_at = {},
                            .id = {},
                            .access = std::vector<wire::Scope>(),
                            .others = {}})
                       .value()),
            "");
}

TEST_F(TokenVerifierTest, AKeyInTheHeaderIsOnlyAName) {  // CVE-2025-24976
  const SigningKey& stranger = StrangersKey(Algorithm::kEs256);
  const auto header = [](const SigningKey& jwk, const std::string& more = {}) {
    return fmt::format(R"({{"alg":"ES256","jwk":{}{}}})", jwk.public_key().jwk(), more);
  };
  EXPECT_NE(Reason(RawToken(stranger, header(stranger), Claims())).find("key that is not trusted"),
            std::string::npos);
  // With a trusted key's name beside it.
  const std::string kid = fmt::format(R"(,"kid":"{}")", Key().public_key().thumbprint());
  EXPECT_NE(Reason(RawToken(stranger, header(stranger, kid), Claims())), "");
  // With the name inside it.
  std::string inside = header(stranger);
  inside.replace(inside.find("{\"crv\""), 1, "{" + kid.substr(1) + ",");
  EXPECT_NE(Reason(RawToken(stranger, inside, Claims())), "");
  EXPECT_NE(Reason(RawToken(stranger, header(Key()), Claims())).find("signature is wrong"),
            std::string::npos);
  EXPECT_EQ(Reason(RawToken(Key(), header(Key()), Claims())), "");
}

TEST_F(TokenVerifierTest, CertificatesInTheHeader) {
  const TestCertificate root({.authority = true, .subject = "root"});
  const TestCertificate leaf({.signer = &root, .subject = "leaf"});
  const TestCertificate lone({.subject = "lone"});
  const auto token = [&](const TestCertificate& signer, const std::string& chain,
                         const std::string& more = {}) {
    return RawToken(signer.Key(), fmt::format(R"({{"alg":"ES256","x5c":{}{}}})", chain, more),
                    Claims());
  };
  const auto list = [](const TestCertificate& one) {
    return "[\"" + Base64Encode(one.der()) + "\"]";
  };
  const std::string kid = fmt::format(R"(,"kid":"{}")", Key().public_key().thumbprint());
  issuer.roots = CertificateRoots::FromPem(root.pem()).value();
  EXPECT_EQ(Reason(token(leaf, list(leaf))), "");
  EXPECT_NE(Reason(token(lone, list(lone))).find("are not trusted"), std::string::npos);
  EXPECT_NE(Reason(token(lone, list(leaf))).find("signature is wrong"), std::string::npos);
  EXPECT_NE(Reason(token(lone, list(lone), kid)), "");
  // An empty chain is none: the name decides.
  EXPECT_NE(Reason(token(lone, "[]", kid)).find("signature is wrong"), std::string::npos);
  EXPECT_NE(Reason(token(lone, "[]")).find("does not say which key"), std::string::npos);
  EXPECT_NE(Reason(token(lone, "[\"\"]")), "");
  EXPECT_EQ(Reason(RawToken(Key(), R"({"alg":"ES256","x5c":[])" + kid + "}", Claims())), "");
}

TEST_F(TokenVerifierTest, WithoutRootsCertificatesSayNothing) {
  const TestCertificate lone({.subject = "lone"});
  const std::string chain = R"("x5c":[")" + Base64Encode(lone.der()) + "\"]";
  EXPECT_NE(Reason(RawToken(lone.Key(), R"({"alg":"ES256",)" + chain + "}", Claims())), "");
  EXPECT_EQ(Reason(RawToken(Key(), Header().substr(0, Header().size() - 1) + "," + chain + "}",
                            Claims())),
            "");
}

TEST_F(TokenVerifierTest, AnUnknownKeyIsLookedForOnce) {
  auto source = std::make_shared<CountingSource>();
  issuer.keys = {};
  issuer.source = source;
  source->now = SetOf(StrangersKey(Algorithm::kEs256));
  source->next = SetOf(Key());
  EXPECT_EQ(Reason(Token(Claims())), "");
  EXPECT_EQ(source->renewals, 1);
  EXPECT_EQ(Reason(Token(Claims("", 301))), "");
  EXPECT_EQ(source->renewals, 1);
  EXPECT_NE(Reason(RawToken(StrangersKey(Algorithm::kEs256),
                            fmt::format(R"({{"alg":"ES256","kid":"{}"}})",
                                        StrangersKey(Algorithm::kEs256).public_key().thumbprint()),
                            Claims())),
            "");
  EXPECT_EQ(source->renewals, 2);
  source->now = source->next = nullptr;
  EXPECT_NE(Reason(Token(Claims("", 302))), "");
  EXPECT_EQ(source->renewals, 3);
}

TEST_F(TokenVerifierTest, AKeyThatWasWithdrawnIsForgottenInFiveMinutes) {
  auto source = std::make_shared<CountingSource>();
  issuer.keys = {};
  issuer.source = source;
  source->now = source->next = SetOf(Key());
  const std::string token = Token(Claims("", 80'000));
  ASSERT_EQ(Reason(token), "");
  source->now = source->next = SetOf(StrangersKey(Algorithm::kEs256));
  clock.Advance(std::chrono::seconds(299));
  EXPECT_TRUE(Verifier().Known(token));
  clock.Advance(std::chrono::seconds(1));
  EXPECT_NE(Reason(token), "");
}

TEST_F(TokenVerifierTest, LargeTokensPushOthersOut) {
  const std::string first = Token(Claims());
  ASSERT_EQ(Reason(first), "");
  const std::string filler = ",\"x\":\"" + std::string(40'000, 'x') + "\"";
  for (int i = 0; i < 640; ++i) {
    ASSERT_EQ(Reason(Token(Claims(filler + fmt::format(R"(,"n":{})", i)))), "");
  }
  EXPECT_FALSE(Verifier().Known(first));
  EXPECT_EQ(Reason(first), "");
}

TEST_F(TokenVerifierTest, AnotherIssuersTokensSpeakOfItsRepositoriesAlone) {
  issuer.repositories = {"team/**", "shared"};
  const auto identity = Verifier().Verify(
      Token(fmt::format(R"({{"iss":"issuer","aud":"registry","exp":{},"access":[)"
                        R"({{"type":"repository","name":"team/a","actions":["pull"]}},)"
                        R"({{"type":"repository","name":"team/a/b","actions":["push"]}},)"
                        R"({{"type":"repository","name":"team","actions":["pull"]}},)"
                        R"({{"type":"repository","name":"teams/a","actions":["pull"]}},)"
                        R"({{"type":"repository","name":"shared","actions":["delete"]}},)"
                        R"({{"type":"repository","name":"team/**","actions":["pull"]}},)"
                        R"({{"type":"registry","name":"catalog","actions":["*"]}}]}})",
                        kNow + 10)));
  ASSERT_TRUE(identity) << identity.error().message;
  const auto allowed = [&](const char* name) {
    const auto repository = oci::RepositoryName::Parse(name).value();
    return AccessRules::Open().Allowed(*identity, &repository);
  };
  EXPECT_TRUE(allowed("team/a").Has(Action::kPull));
  EXPECT_TRUE(allowed("team/a/b").Has(Action::kCreate));
  EXPECT_TRUE(allowed("shared").Has(Action::kDelete));
  EXPECT_TRUE(allowed("team").empty());
  EXPECT_TRUE(allowed("teams/a").empty());
  EXPECT_TRUE(allowed("team/x").empty());
  EXPECT_FALSE(AccessRules::Open().Allowed(*identity, nullptr).Has(Action::kCatalog));
}

class OwnTokenTest : public TokenVerifierTest {
 protected:
  OwnTokenTest() {
    issuer.own = true;
    accounts.accounts["kim"] = {.name = "kim", .epoch = 7};
  }
  static std::string With(const std::string& epoch) {
    return Claims(epoch.empty() ? "" : R"(,"portolan_epoch":)" + epoch);
  }
};

TEST_F(OwnTokenTest, TheRulesDecideToo) {
  const auto identity = Verifier().Verify(Token(With("\"7\"")));
  ASSERT_TRUE(identity) << identity.error().message;
  EXPECT_TRUE(identity->by_rules);
  EXPECT_TRUE(identity->grants);
}

TEST_F(OwnTokenTest, IsOfAnEpoch) {
  EXPECT_EQ(Reason(Token(With("\"7\""))), "");
  EXPECT_NE(Reason(Token(With("\"6\""))), "");
  EXPECT_NE(Reason(Token(With("\"\""))), "");
  EXPECT_NE(Reason(Token(With(""))), "");
  EXPECT_NE(Reason(Token(With("[7]"))), "");
}

TEST_F(OwnTokenTest, IsForgottenWhenItsAccountChanges) {
  const std::string token = Token(With("\"7\""));
  ASSERT_EQ(Reason(token), "");
  const struct Row {
    const char* name;
    std::function<void()> change;
  } rows[] = {
      {"another epoch", [&] { accounts.accounts["kim"].epoch = 8; }},
      {"disabled",
       [&] {
         accounts.accounts["kim"].epoch = 7;
         accounts.accounts["kim"].disabled = true;
       }},
      {"removed", [&] { accounts.accounts.clear(); }},
      {"added again", [&] { accounts.accounts["kim"] = {.name = "kim", .epoch = 9}; }},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.name);
    row.change();
    ++accounts.generation;
    EXPECT_FALSE(Verifier().Known(token));
    EXPECT_EQ(Reason(token), "the token was withdrawn");
  }
}

TEST_F(OwnTokenTest, WithoutAnAccount) {
  accounts.accounts.clear();  // a user of an htpasswd file
  EXPECT_EQ(Reason(Token(With(""))), "");
  EXPECT_NE(Reason(Token(With("\"7\""))), "");
  // Issued in the moment in which the account was disabled: it has no epoch.
  accounts.accounts["kim"] = {.name = "kim", .disabled = true};
  ++accounts.generation;
  EXPECT_EQ(Reason(Token(With(""))), "the token was withdrawn");
}

TEST_F(OwnTokenTest, AccountsThatCannotBeReadAreNoRefusal) {
  accounts.broken = true;
  const auto identity = Verifier().Verify(Token(With("\"7\"")));
  ASSERT_FALSE(identity);
  EXPECT_EQ(identity.error().code, ErrorCode::kIo);
}

class IdentityTokenTest : public TokenVerifierTest {
 protected:
  std::string NameOf(const std::string& user, const std::string& claims,
                     std::map<std::string, std::string> wanted = {}) {
    issuer.names = {{.claims = std::move(wanted), .user = user}};
    auto verifier = NewTokenVerifier({issuer}, &accounts, clock);
    const auto identity = verifier->Verify(Token(Claims(claims)));
    if (!identity) {
      EXPECT_EQ(identity.error().code, ErrorCode::kUnauthorized);
      return "";
    }
    EXPECT_TRUE(identity->by_rules);
    EXPECT_FALSE(identity->grants);  // `access` of an identity token says nothing
    return identity->name;
  }
};

TEST_F(IdentityTokenTest, Names) {
  const struct Row {
    const char* name;
    std::string user;
    std::string claims;
    std::string result;
  } rows[] = {
      {"fixed", "ci", "", "ci"},
      {"a claim", "ci:${project}", R"(,"project":"octo/app")", "ci:octo/app"},
      {"a number", "ci-${id}", R"(,"id":17)", "ci-17"},
      {"two", "${a}+${b}", R"(,"a":"x","b":"y")", "x+y"},
      {"the subject", "${sub}", "", "kim"},
      {"missing", "ci-${nosuch}", "", ""},
      {"empty", "ci-${x}", R"(,"x":"")", ""},
      {"a list", "ci-${x}", R"(,"x":["a"])", ""},
      {"everybody", "${x}", R"(,"x":"*")", ""},
      {"anybody", "${x}", R"(,"x":"anonymous")", ""},
      {"a line", "ci-${x}", R"(,"x":"a\nb")", ""},
      {"a space", "ci-${x}", R"(,"x":"a b")", ""},
      {"beyond ASCII", "ci-${x}", ",\"x\":\"caf\xc3\xa9\"", ""},
      {"long", "ci-${x}", ",\"x\":\"" + std::string(255, 'a') + "\"", ""},
      {"never closed", "ci-${sub", "", ""},
      {"not replaced twice", "ci-${x}", R"(,"x":"${sub}")", "ci-${sub}"},
  };
  for (const Row& row : rows) EXPECT_EQ(NameOf(row.user, row.claims), row.result) << row.name;
}

TEST_F(IdentityTokenTest, ANameWithASlashIsNoRepository) {
  const auto rules = AccessRules::Make(
      {{.users = {"*"}, .repositories = {"${user}/**"}, .allow = ActionSet::All()}});
  const auto repository = oci::RepositoryName::Parse("octo/app/x").value();
  EXPECT_TRUE(rules->Allowed({.name = "octo/app"}, &repository).empty());
  EXPECT_TRUE(rules->Allowed({.name = "octo/*"}, &repository).empty());
  EXPECT_FALSE(rules->Allowed({.name = "octo"}, &repository).empty());
}

TEST_F(IdentityTokenTest, TheFirstRuleWhoseClaimsMatch) {
  EXPECT_EQ(NameOf("ci", R"(,"p":"octo/app")", {{"p", "octo/*"}}), "ci");
  EXPECT_EQ(NameOf("ci", R"(,"p":"octo/app/x")", {{"p", "octo/*"}}), "");
  EXPECT_EQ(NameOf("ci", R"(,"p":"evil-octo/app")", {{"p", "octo/*"}}), "");
  EXPECT_EQ(NameOf("ci", R"(,"p":["octo/app"])", {{"p", "octo/*"}}), "");
  EXPECT_EQ(NameOf("ci", "", {{"p", "**"}}), "");
  EXPECT_EQ(NameOf("ci", R"(,"p":"a","q":"b")", {{"p", "a"}, {"q", "c"}}), "");
  EXPECT_EQ(NameOf("ci", R"(,"p":true)", {{"p", "true"}}), "ci");
}

TEST_F(IdentityTokenTest, ADisabledAccountsNameIsRefused) {
  accounts.accounts["kim"] = {.name = "kim", .epoch = 3};
  EXPECT_EQ(NameOf("${sub}", ""), "kim");
  accounts.accounts["kim"].disabled = true;
  EXPECT_EQ(NameOf("${sub}", ""), "");
}

class OneToken final : public TokenVerifier {
 public:
  OneToken(std::string token, std::string name)
      : token_(std::move(token)), name_(std::move(name)) {}
  std::optional<Identity> Known(std::string_view token) override {
    if (token != token_) return std::nullopt;
    return Identity{.name = name_, .grants = nullptr};
  }
  Result<Identity> Verify(std::string_view token) override {
    if (const auto known = Known(token)) return *known;
    return Fail(ErrorCode::kUnauthorized, "not a token of " + name_);
  }

 private:
  std::string token_;
  std::string name_;
};

TEST(EitherVerifierTest, TakesWhatOneOfThemTakes) {
  OneToken first("a", "kim");
  OneToken second("b", "lee");
  const auto either = NewEitherVerifier(first, second);
  EXPECT_EQ(either->Verify("a")->name, "kim");
  EXPECT_EQ(either->Verify("b")->name, "lee");
  EXPECT_EQ(either->Known("b")->name, "lee");
  EXPECT_FALSE(either->Known("c"));
  const auto neither = either->Verify("c");
  ASSERT_FALSE(neither);
  EXPECT_EQ(neither.error().message, "not a token of kim");
}

}  // namespace
}  // namespace portolan::auth
