// The token service, asked as clients ask it: without sockets, with accounts in memory.
#include "portolan/server/token_service.h"

#include <fstream>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "portolan/auth/basic.h"
#include "portolan/auth/jwt.h"
#include "portolan/auth/testing/memory_accounts.h"
#include "portolan/auth/testing/test_token.h"
#include "portolan/base/base64.h"
#include "portolan/server/audit_log.h"
#include "portolan/server/testing/test_registry.h"
#include "portolan/wire/token.h"

namespace portolan::server {
namespace {

using auth::Action;
using auth::Algorithm;

constexpr std::int64_t kNow = 1'679'981'934;

// Believes the passwords of a map.
class PasswordAuthenticator final : public auth::Authenticator {
 public:
  std::map<std::string, std::string> passwords{{"kim", "secret:word"}, {"lee", "harbour"}};
  bool broken = false;

  std::optional<auth::Identity> Known(std::string_view field) override {
    if (auth::IsAnonymous(field)) return auth::Identity{};
    return std::nullopt;
  }
  Result<auth::Identity> Authenticate(std::string_view field) override {
    if (broken) return Fail(ErrorCode::kIo, "/the/secret/path cannot be read");
    const auto credentials = auth::ParseBasic(field);
    const auto it = credentials ? passwords.find(credentials->user) : passwords.end();
    if (it == passwords.end() || it->second != credentials->password.Reveal()) {
      return Fail(ErrorCode::kUnauthorized, "wrong user name or password");
    }
    return auth::Identity{.name = it->first, .api_key = it->first == "lee" ? 5 : 0};
  }
  std::string Challenge() const override { return "Basic realm=\"test\""; }
};

std::string BasicOf(const std::string& user, const std::string& password) {
  return "Basic " + Base64Encode(user + ":" + password);
}

auth::ActionSet SetOf(const std::vector<Action>& actions) {
  auth::ActionSet set;
  for (const Action action : actions) set.Add(action);
  return set;
}

// What a token request's answer says.
struct Given {
  int status = 0;
  std::string token;
  std::string refresh_token;
  std::string body;
  std::string scopes;  // of the token's `access`
  auth::Claims claims;
};

class TokenServiceTest : public testing::Test {
 protected:
  TokenServiceTest() {
    accounts.accounts["kim"] = {.name = "kim", .epoch = 3};
    accounts.accounts["lee"] = {.name = "lee", .epoch = 4};
    auth::TrustedIssuer own;
    own.issuer = "portolan";
    own.audiences = {"registry"};
    own.keys = issuer.keys();
    own.own = true;
    auth::TrustedIssuer workload;
    workload.issuer = "https://ci.example";
    workload.audiences = {"registry"};
    workload.keys.Add(auth::StrangersKey(Algorithm::kEs256).public_key());
    workload.names = {{.claims = {{"project", "octo/*"}}, .user = "ci:${project}"},
                      {.claims = {{"person", "**"}}, .user = "${person}"}};
    auth::TrustedIssuer neighbour;
    neighbour.issuer = "neighbour";
    neighbour.audiences = {"registry"};
    neighbour.keys.Add(auth::StrangersKey(Algorithm::kRs256).public_key());
    verifier = auth::NewTokenVerifier({own, workload, neighbour}, &accounts, clock);
    ServeWith(passwords);
  }
  void ServeWith(auth::Authenticator& authenticator) {
    service = NewTokenService({.authenticator = authenticator,
                               .verifier = *verifier,
                               .rules = rules,
                               .issuer = issuer,
                               .accounts = &accounts,
                               .login_pool = pool,
                               .pool = pool,
                               .clock = clock,
                               .random = random,
                               .log = log,
                               .audit = audit.get()});
  }
  // Lets `ask` happen, and gives what was noted of it, without its time.
  std::string Noted(const std::function<void()>& ask) {
    const store::TemporaryFolder folder;
    audit = AuditLog::Open(folder.Under("audit.log"), clock).value();
    ServeWith(passwords);
    ask();
    service.reset();
    audit.reset();
    std::string noted;
    std::ifstream lines(folder.Under("audit.log"));
    for (std::string line; std::getline(lines, line);) {
      noted += line.substr(line.find("\"event\"")) + "\n";
    }
    return noted;
  }

  Answered Send(const std::string& method, const std::string& target, http::Headers headers = {},
                std::optional<std::string> body = {}) {
    return Ask(loop, *service,
               {.method = method, .target = target, .headers = std::move(headers), .body = body});
  }
  static Given Read(const Answered& answered) {
    Given given{.status = answered.status, .body = answered.body};
    if (given.status != 200) return given;
    EXPECT_EQ(answered.Header("Cache-Control"), "no-store");
    EXPECT_EQ(answered.Header("Content-Type"), "application/json");
    const auto reply = wire::TokenReply::Parse(answered.body).value();
    given.token = reply.token.Reveal();
    given.refresh_token = reply.refresh_token.Reveal();
    EXPECT_EQ(reply.expires_in, std::chrono::seconds(300));
    // Both names have the same token; the rest is in its order.
    EXPECT_TRUE(answered.body.starts_with(
        fmt::format(R"({{"token":"{0}","access_token":"{0}","expires_in":300,)"
                    R"("issued_at":"2023-03-28T05:38:54)",
                    given.token)))
        << answered.body;
    const auth::Jwt jwt = auth::ParseJwt(given.token).value();
    given.claims = jwt.claims;
    for (const wire::Scope& scope : *jwt.claims.access) {
      given.scopes += (given.scopes.empty() ? "" : " ") + scope.ToString();
    }
    return given;
  }
  Given Get(const std::string& query, const std::string& authorization = {}) {
    http::Headers headers;
    if (!authorization.empty()) headers.Add("Authorization", authorization);
    return Read(Send("GET", "/token" + query, headers));
  }
  Given Post(const std::string& form) {
    return Read(Send("POST", "/token",
                     {{"Content-Type", "application/x-www-form-urlencoded; charset=utf-8"}}, form));
  }
  std::string IdentityToken(const std::string& claims) const {
    const auth::SigningKey& key = auth::StrangersKey(Algorithm::kEs256);
    return auth::RawToken(
        key, fmt::format(R"({{"alg":"ES256","kid":"{}"}})", key.public_key().thumbprint()),
        fmt::format(R"({{"iss":"https://ci.example","aud":"registry","exp":{},{}}})", kNow + 600,
                    claims));
  }
  static std::string Exchange(const std::string& token) {
    return "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Atoken-exchange"
           "&subject_token_type=urn%3Aietf%3Aparams%3Aoauth%3Atoken-type%3Aid_token"
           "&scope=repository:ci/app:pull,push&subject_token=" +
           token;
  }

  async::Loop loop;
  async::Pool pool{2};
  ManualClock clock;
  MemoryLog log;
  FixedRandom random;
  PasswordAuthenticator passwords;
  auth::MemoryAccounts accounts;
  auth::CurrentRules rules{
      auth::AccessRules::Make(
          {{.users = {"anonymous"}, .repositories = {"public/**"}, .allow = SetOf({Action::kPull})},
           {.users = {"kim"},
            .repositories = {"a/**"},
            .allow = SetOf({Action::kPull, Action::kCreate, Action::kOverwrite})},
           {.users = {"kim"}, .repositories = {}, .allow = SetOf({Action::kCatalog})},
           {.users = {"lee"}, .repositories = {"a/**"}, .allow = SetOf({Action::kCreate})},
           {.users = {"ci:octo/app"}, .repositories = {"ci/app"}, .allow = auth::ActionSet::All()}})
          .value()};
  const auth::TokenIssuer issuer{{auth::TestKey(Algorithm::kEs256)},
                                 {.issuer = "portolan", .services = {"registry", "mirror"}},
                                 clock,
                                 random};
  std::unique_ptr<auth::TokenVerifier> verifier;
  std::unique_ptr<AuditLog> audit;  // null but for Noted
  std::unique_ptr<http::Service> service;
};

TEST_F(TokenServiceTest, AnonymousGet) {
  const Given given = Get("?service=registry&scope=repository:public/x:pull,push");
  ASSERT_EQ(given.status, 200) << given.body;
  EXPECT_EQ(given.claims.subject, "");
  EXPECT_EQ(given.claims.audiences, std::vector<std::string>{"registry"});
  EXPECT_EQ(given.scopes, "repository:public/x:pull");
  EXPECT_FALSE(given.claims.others.contains(std::string(auth::kEpochClaim)));
  // The empty Basic of those that know no password.
  EXPECT_EQ(Get("", "Basic Og==").claims.subject, "");
  EXPECT_EQ(Get("?offline_token=true").refresh_token, "");
  EXPECT_EQ(given.body.find("scope"), std::string::npos);
}

TEST_F(TokenServiceTest, GetWithAPassword) {
  const Given given =
      Get("?account=kim&service=registry&scope=repository:a/b:pull,push,delete&client_id=c",
          BasicOf("kim", "secret:word"));
  ASSERT_EQ(given.status, 200) << given.body;
  EXPECT_EQ(given.claims.subject, "kim");
  EXPECT_EQ(given.scopes, "repository:a/b:pull,push");
  EXPECT_EQ(given.claims.others.at(std::string(auth::kEpochClaim)), "3");
  EXPECT_EQ(given.refresh_token, "");
  const auto identity = verifier->Verify(given.token);
  ASSERT_TRUE(identity) << identity.error().message;
  EXPECT_EQ(identity->name, "kim");
  // `account` says nothing of who asks.
  EXPECT_EQ(Get("?account=kim").claims.subject, "");
}

TEST_F(TokenServiceTest, ScopesOfManyForms) {
  const std::string kim = BasicOf("kim", "secret:word");
  const struct Row {
    const char* name;
    std::string query;
    std::string granted;
  } rows[] = {
      {"none", "", ""},
      {"empty", "?scope=", ""},
      {"repeated", "?scope=repository:a/b:pull&scope=repository:a/c:push",
       "repository:a/b:pull repository:a/c:push"},
      {"divided by spaces", "?scope=repository:a/b:pull%20repository:a/c:pull",
       "repository:a/b:pull repository:a/c:pull"},
      {"divided by plus", "?scope=repository:a/b:pull+repository:a/c:pull",
       "repository:a/b:pull repository:a/c:pull"},
      {"twice", "?scope=repository:a/b:pull&scope=repository:a/b:push", "repository:a/b:pull,push"},
      {"with a class", "?scope=repository(image):a/b:pull", "repository:a/b:pull"},
      {"escaped", "?scope=repository%3Aa%2Fb%3Apull", "repository:a/b:pull"},
      {"without rights", "?scope=repository:x/y:pull,push", ""},
      {"some without rights", "?scope=repository:x/y:pull&scope=repository:public/x:pull",
       "repository:public/x:pull"},
      {"catalog", "?scope=registry:catalog:*", "registry:catalog:*"},
      {"unknown type", "?scope=plugin:a:pull", ""},
      {"everything", "?scope=repository:a/b:*", "repository:a/b:push,pull"},
  };
  for (const Row& row : rows) {
    const Given given = Get(row.query, kim);
    EXPECT_EQ(given.status, 200) << row.name << given.body;
    EXPECT_EQ(given.scopes, row.granted) << row.name;
  }
  EXPECT_EQ(Get("?scope=repository:a/b:pull,push", BasicOf("lee", "harbour")).scopes,
            "repository:a/b:create");
}

TEST_F(TokenServiceTest, WhatIsRefused) {
  std::string many = "?scope=";
  for (int i = 0; i < 101; ++i) many += fmt::format("repository:a/{}:pull+", i);
  const struct Row {
    const char* name;
    std::string query;
    int status;
  } rows[] = {
      {"another service", "?service=other", 400},
      {"a service of another case", "?service=Registry", 400},
      {"no scope", "?scope=repository", 400},
      {"no actions' colon", "?scope=repository:a", 400},
      {"upper case", "?scope=repository:A/b:pull", 400},
      {"parent", "?scope=repository:a/../b:pull", 400},
      {"escaped twice", "?scope=repository:a%252fb:pull", 400},
      {"a line", "?scope=repository:a%0d%0ab:pull", 400},
      {"a quote", "?scope=repository:a%22b:pull", 400},
      {"NUL", "?scope=repository:a%00:pull", 400},
      {"with a host", "?scope=repository:localhost:5000/a:pull", 400},
      {"101 scopes", many, 400},
      {"a long service", "?service=" + std::string(1025, 's'), 400},
  };
  for (const Row& row : rows) {
    const Answered answered = Send("GET", "/token" + row.query);
    EXPECT_EQ(answered.status, row.status) << row.name << answered.body;
    EXPECT_EQ(answered.Header("WWW-Authenticate"), "") << row.name;
    EXPECT_EQ(answered.Header("Cache-Control"), "no-store") << row.name;
    EXPECT_NE(answered.body.find("\"errors\""), std::string::npos) << row.name;
  }
}

TEST_F(TokenServiceTest, TenThousandScopes) {
  std::string different = "grant_type=password&username=kim&password=secret:word&scope=";
  std::string same = different;
  for (int i = 0; i < 10'000; ++i) {
    if (i < 5000) different += fmt::format("repository:a/{}:pull+", i);
    same += "a:b:c+";
  }
  EXPECT_EQ(Post(different).status, 400);
  EXPECT_EQ(Post(same).status, 200);
  EXPECT_EQ(Post(same + same).status, 400);  // a form of more than 128 KiB
}

TEST_F(TokenServiceTest, WrongPasswords) {
  for (const std::string& field :
       {BasicOf("kim", "wrong"), BasicOf("nobody", "secret:word"), BasicOf("kim", ""),
        std::string("Basic !!!"), std::string("Basic"), std::string("Digest x")}) {
    http::Headers headers{{"Authorization", field}};
    const Answered answered = Send("GET", "/token?scope=repository:public/x:pull", headers);
    EXPECT_EQ(answered.status, 401) << field;
    EXPECT_EQ(answered.Header("WWW-Authenticate"), "Basic realm=\"token service\"");
    EXPECT_EQ(answered.body.find("token\":"), std::string::npos);
  }
}

TEST_F(TokenServiceTest, PostWithAPassword) {
  const std::string form =
      "grant_type=password&username=kim&password=secret%3Aword&service=registry&client_id=c"
      "&scope=repository:a/b:pull,push+repository:x/y:pull";
  const Given given = Post(form);
  ASSERT_EQ(given.status, 200) << given.body;
  EXPECT_EQ(given.claims.subject, "kim");
  EXPECT_EQ(given.scopes, "repository:a/b:pull,push");
  EXPECT_NE(given.body.find(R"("scope":"repository:a/b:pull,push")"), std::string::npos);
  EXPECT_NE(given.body.find(R"("token_type":"Bearer")"), std::string::npos);
  EXPECT_EQ(given.refresh_token, "");
  EXPECT_NE(
      Post("grant_type=password&username=kim&password=secret:word").body.find(R"("scope":"")"),
      std::string::npos);
  EXPECT_EQ(Post("grant_type=password&username=kim&password=wrong").status, 401);
}

TEST_F(TokenServiceTest, FormsThatAreNone) {
  const struct Row {
    const char* name;
    std::string form;
  } rows[] = {
      {"empty", ""},
      {"no grant", "username=kim&password=x"},
      {"a code", "grant_type=authorization_code&code=x"},
      {"our clients", "grant_type=client_credentials"},
      {"no user", "grant_type=password&password=x"},
      {"no refresh token", "grant_type=refresh_token"},
      {"no subject token",
       "grant_type=urn:ietf:params:oauth:grant-type:token-exchange"
       "&subject_token_type=urn:ietf:params:oauth:token-type:jwt"},
      {"another token's type",
       "grant_type=urn:ietf:params:oauth:grant-type:token-exchange"
       "&subject_token=x&subject_token_type="
       "urn:ietf:params:oauth:token-type:access_token"},
      {"another service", "grant_type=password&username=kim&password=secret:word&service=x"},
      {"a bad scope", "grant_type=password&username=kim&password=secret:word&scope=x"},
  };
  for (const Row& row : rows) EXPECT_EQ(Post(row.form).status, 400) << row.name;
  EXPECT_EQ(Send("POST", "/token", {{"Content-Type", "application/json"}}, "{}").status, 400);
  EXPECT_EQ(Send("POST", "/token").status, 400);
  const Answered broken = Ask(loop, *service,
                              {.method = "POST",
                               .target = "/token",
                               .headers = {{"Content-Type", "application/x-www-form-urlencoded"}},
                               .body = "grant_type=password&username=kim",
                               .break_after = 5});
  EXPECT_EQ(broken.status, 400);
  EXPECT_TRUE(log.warnings().empty());
}

TEST_F(TokenServiceTest, BusyAccountsAreAskedAgainInAMoment) {
  accounts.busy = true;
  const Answered busy = Send("GET", "/token", {{"Authorization", BasicOf("kim", "secret:word")}});
  EXPECT_EQ(busy.status, 503);
  EXPECT_EQ(busy.Headers("Retry-After"), std::vector<std::string>{"1"});
}

TEST_F(TokenServiceTest, RefreshTokens) {
  const Given first =
      Get("?service=registry&offline_token=true&client_id=c", BasicOf("kim", "secret:word"));
  ASSERT_NE(first.refresh_token, "");
  ASSERT_EQ(accounts.refresh_tokens.size(), 1U);
  const auto& [hash, kept] = *accounts.refresh_tokens.begin();
  EXPECT_EQ(hash, oci::Sha256(first.refresh_token));  // the hash alone is kept
  EXPECT_EQ(kept.account, "kim");
  EXPECT_EQ(kept.service, "registry");
  EXPECT_EQ(kept.client_id, "c");
  EXPECT_EQ(kept.expires, clock.WallNow() + std::chrono::days(90));
  const std::string form = "grant_type=refresh_token&refresh_token=" + first.refresh_token;
  const Given again = Post(form + "&service=registry&scope=repository:a/b:pull");
  ASSERT_EQ(again.status, 200) << again.body;
  EXPECT_EQ(again.claims.subject, "kim");
  EXPECT_EQ(again.scopes, "repository:a/b:pull");
  EXPECT_EQ(again.refresh_token, first.refresh_token);
  // It makes no others, and is good for its service alone.
  EXPECT_EQ(Post(form + "&access_type=offline").refresh_token, first.refresh_token);
  EXPECT_EQ(accounts.refresh_tokens.size(), 1U);
  EXPECT_EQ(Post(form).claims.audiences, std::vector<std::string>{"registry"});
  EXPECT_EQ(Post(form + "&service=mirror").status, 400);
  EXPECT_EQ(Post(form + "x").status, 401);
  // As a password it is none.
  EXPECT_EQ(Get("", BasicOf("kim", first.refresh_token)).status, 401);
  EXPECT_EQ(Get("", "Bearer " + first.refresh_token).status, 401);
  ASSERT_TRUE(accounts.RevokeRefreshToken(oci::Sha256(first.refresh_token)));
  EXPECT_EQ(Post(form).status, 401);
}

TEST_F(TokenServiceTest, ARefreshTokenOfAServiceThatIsNoMore) {
  accounts.refresh_tokens[oci::Sha256("old")] = {.account = "kim", .service = "gone"};
  EXPECT_EQ(Post("grant_type=refresh_token&refresh_token=old").status, 400);
  EXPECT_EQ(Post("grant_type=refresh_token&refresh_token=old&service=registry").status, 400);
}

TEST_F(TokenServiceTest, ARefreshTokenIsOfTheKeyThatItCameWith) {
  const Given given = Post("grant_type=password&username=lee&password=harbour&access_type=offline");
  ASSERT_NE(given.refresh_token, "");
  EXPECT_EQ(accounts.refresh_tokens.begin()->second.api_key, 5);
}

TEST_F(TokenServiceTest, WhoHasNoAccountGetsNoRefreshToken) {
  accounts.accounts.erase("kim");  // a user of an htpasswd file
  const Given given = Get("?offline_token=true", BasicOf("kim", "secret:word"));
  EXPECT_EQ(given.status, 200);
  EXPECT_EQ(given.refresh_token, "");
  EXPECT_FALSE(given.claims.others.contains(std::string(auth::kEpochClaim)));
}

TEST_F(TokenServiceTest, AnAccountThatIsDisabledMeanwhile) {
  accounts.accounts["kim"].disabled = true;
  EXPECT_EQ(Get("", BasicOf("kim", "secret:word")).status, 401);
}

TEST_F(TokenServiceTest, IdentityTokensAreExchanged) {
  const Given given = Post(Exchange(IdentityToken(R"("sub":"x","project":"octo/app")")));
  ASSERT_EQ(given.status, 200) << given.body;
  EXPECT_EQ(given.claims.subject, "ci:octo/app");
  EXPECT_EQ(given.scopes, "repository:ci/app:pull,push");
  EXPECT_NE(
      given.body.find(R"("issued_token_type":"urn:ietf:params:oauth:token-type:access_token")"),
      std::string::npos);
  EXPECT_EQ(Post(Exchange(IdentityToken(R"("project":"octo/other")"))).scopes, "");
  EXPECT_EQ(Post(Exchange(IdentityToken(R"("project":"evil/app")"))).status, 401);
  EXPECT_EQ(Post(Exchange("x.y.z")).status, 401);
  EXPECT_EQ(Post(Exchange(IdentityToken(R"("project":"octo/app")")) + "&audience=mirror")
                .claims.audiences,
            std::vector<std::string>{"mirror"});
  EXPECT_EQ(Post(Exchange(IdentityToken(R"("project":"octo/app")")) + "&audience=x").status, 400);
}

// It lives for minutes; nothing that it buys may live longer.
TEST_F(TokenServiceTest, AnIdentityTokenGivesNoRefreshToken) {
  const Given given = Post(Exchange(IdentityToken(R"("person":"kim")")) + "&access_type=offline");
  ASSERT_EQ(given.status, 200) << given.body;
  EXPECT_EQ(given.claims.subject, "kim");
  EXPECT_EQ(given.refresh_token, "");
  EXPECT_TRUE(accounts.refresh_tokens.empty());
}

// Else whoever has stolen one that lives for minutes has it for ever.
TEST_F(TokenServiceTest, AnAccessTokenGivesNoOtherOne) {
  const Given given = Get("?scope=repository:a/b:pull", BasicOf("kim", "secret:word"));
  ASSERT_TRUE(verifier->Verify(given.token));
  EXPECT_EQ(Get("?scope=repository:a/b:pull", "Bearer " + given.token).status, 401);
  EXPECT_EQ(Post(Exchange(given.token)).status, 401);
  EXPECT_EQ(Post(Exchange(Get("").token)).status, 401);  // anonymous
  const auth::SigningKey& key = auth::StrangersKey(Algorithm::kRs256);
  const std::string neighbours = auth::RawToken(
      key, fmt::format(R"({{"alg":"RS256","kid":"{}"}})", key.public_key().thumbprint()),
      fmt::format(R"({{"iss":"neighbour","sub":"kim","aud":"registry","exp":{},"access":[]}})",
                  kNow + 600));
  ASSERT_TRUE(verifier->Verify(neighbours));
  EXPECT_EQ(Post(Exchange(neighbours)).status, 401);
  // With the bearers' authenticator before the passwords', too.
  const auto bearer =
      auth::NewBearerAuthenticator(passwords, *verifier, {.realm = {}, .service = "registry"});
  ServeWith(*bearer);
  EXPECT_EQ(Get("", "Bearer " + given.token).status, 401);
  EXPECT_EQ(
      Get("?offline_token=true", "Bearer " + IdentityToken(R"("person":"kim")")).refresh_token, "");
  service.reset();
}

// CVE-2026-123710
TEST_F(TokenServiceTest, AudiencesAreTheServicesList) {
  for (const char* const query : {"?service=keys", "?service=registry%00", "?service=registry,keys",
                                  "?service=registry%20mirror", "?service=keys&service=registry"}) {
    EXPECT_EQ(Get(query).status, 400) << query;
  }
  EXPECT_EQ(Get("?service=mirror").claims.audiences, std::vector<std::string>{"mirror"});
  EXPECT_EQ(Get("?audience=keys").claims.audiences, std::vector<std::string>{"registry"});
  EXPECT_FALSE(verifier->Verify(Get("?service=mirror").token));
}

TEST_F(TokenServiceTest, RulesThatChange) {
  const std::string kim = BasicOf("kim", "secret:word");
  ASSERT_EQ(Get("?scope=repository:a/b:pull", kim).scopes, "repository:a/b:pull");
  rules.Set(auth::AccessRules::Make({}).value());
  EXPECT_EQ(Get("?scope=repository:a/b:pull", kim).scopes, "");
}

TEST_F(TokenServiceTest, FailuresOfOursSayNothing) {
  passwords.broken = true;
  const Given given = Get("", BasicOf("kim", "secret:word"));
  EXPECT_EQ(given.status, 500);
  EXPECT_EQ(given.body.find("path"), std::string::npos);
  passwords.broken = false;
  accounts.broken = true;
  EXPECT_EQ(Get("", BasicOf("kim", "secret:word")).status, 500);
  EXPECT_EQ(log.warnings().size(), 2U);
}

TEST_F(TokenServiceTest, SecretsAreNotLogged) {
  const Given given = Get("?offline_token=true", BasicOf("kim", "secret:word"));
  Post("grant_type=refresh_token&refresh_token=" + given.refresh_token);
  Post(Exchange(given.token));
  accounts.broken = true;
  Get("", BasicOf("kim", "secret:word"));
  Post("grant_type=password&username=kim&password=secret:word");
  std::vector<std::string> all = log.warnings();
  for (const std::string& line : log.lines()) all.push_back(line);
  ASSERT_FALSE(all.empty());
  for (const std::string& line : all) {
    for (const std::string& secret :
         {given.token, given.refresh_token, std::string("secret:word")}) {
      EXPECT_EQ(line.find(secret), std::string::npos) << line;
    }
  }
}

TEST_F(TokenServiceTest, WhatIsGivenToWhomIsNoted) {
  const std::string to_kim =
      R"("outcome":"done","who":"kim","peer":"192.0.2.1","subject":"registry")";
  const std::string kim = BasicOf("kim", "secret:word");
  EXPECT_EQ(Noted([&] { Get("?scope=repository:a/b:pull,delete+repository:x:pull", kim); }),
            "\"event\":\"token.issue\"," + to_kim + ",\"scope\":\"repository:a/b:pull\"}\n");
  std::string refresh_token;
  EXPECT_EQ(Noted([&] { refresh_token = Get("?offline_token=true", kim).refresh_token; }),
            "\"event\":\"token.issue\"," + to_kim + "}\n\"event\":\"refresh_token.issue\"," +
                to_kim + "}\n");
  EXPECT_EQ(Noted([&] { Post("grant_type=refresh_token&refresh_token=" + refresh_token); }),
            "\"event\":\"token.issue\"," + to_kim + "}\n");
  EXPECT_TRUE(Noted([&] {
                Post(Exchange(IdentityToken(R"("project":"octo/app")")));
              }).contains(R"("who":"ci:octo/app")"));
  // A pull by nobody is what most requests are.
  EXPECT_EQ(Noted([&] { Get("?scope=repository:public/x:pull"); }), "");
}

TEST_F(TokenServiceTest, RefusedProofsAreNoted) {
  const auto refused = [](const std::string& who, const std::string& why) {
    return R"("event":"token.refuse","outcome":"refused",)" + who + R"("peer":"192.0.2.1",)" +
           R"("subject":"mirror","reason":")" + why + "\"}\n";
  };
  const std::string wrong = refused(R"("who":"kim",)", "wrong user name or password");
  EXPECT_EQ(Noted([&] { Get("?service=mirror", BasicOf("kim", "no")); }), wrong);
  EXPECT_EQ(Noted([&] { Post("grant_type=password&username=kim&password=no&service=mirror"); }),
            wrong);
  EXPECT_EQ(Noted([&] { Post("grant_type=refresh_token&refresh_token=x&service=mirror"); }),
            refused("", "the refresh token is not (or no longer) one of this service"));
  EXPECT_TRUE(Noted([&] { Post(Exchange("x.y.z")); }).contains("token.refuse"));
  EXPECT_EQ(Noted([&] { Get("?service=unknown"); }), "");  // nothing was proved
  // Whoever must wait is noted once.
  const std::string six = Noted([&] {
    for (int i = 0; i < 6; ++i) Get("?service=mirror", BasicOf("kim", "no"));
  });
  EXPECT_EQ(six, wrong + wrong + wrong + wrong + wrong +
                     R"("event":"login.limited","outcome":"refused","who":"kim",)" +
                     R"("peer":"192.0.2.1","reason":"too many wrong passwords"})" + "\n");
  accounts.accounts["kim"].disabled = true;
  EXPECT_EQ(Noted([&] { Get("?service=mirror", BasicOf("kim", "secret:word")); }),
            refused(R"("who":"kim",)", "the account may not log in any more"));
  // Our own failures are no refusal.
  passwords.broken = true;
  EXPECT_EQ(Noted([&] { Get("", BasicOf("kim", "secret:word")); }), "");
}

TEST_F(TokenServiceTest, KeysAndCertificatesForOthers) {
  const Answered keys = Send("GET", "/.well-known/jwks.json");
  EXPECT_EQ(keys.status, 200);
  EXPECT_EQ(keys.Header("Content-Type"), "application/jwk-set+json");
  EXPECT_EQ(keys.Header("Cache-Control"), "public, max-age=60");
  const auto set = auth::KeySet::FromJwks(keys.body);
  ASSERT_TRUE(set);
  EXPECT_NE(set->Find(auth::TestKey(Algorithm::kEs256).public_key().thumbprint()), nullptr);
  EXPECT_EQ(keys.body.find("\"d\""), std::string::npos);
  const Answered bundle = Send("GET", "/.well-known/token-certificates.pem");
  EXPECT_EQ(bundle.status, 200);
  EXPECT_EQ(bundle.Header("Content-Type"), "application/x-pem-file");
  EXPECT_EQ(bundle.body, auth::TestKey(Algorithm::kEs256).certificates());
}

TEST_F(TokenServiceTest, OtherMethodsAndPaths) {
  for (const char* const method : {"PUT", "DELETE", "PATCH", "OPTIONS"}) {
    const Answered answered = Send(method, "/token");
    EXPECT_EQ(answered.status, 405) << method;
    EXPECT_EQ(answered.Header("Allow"), "GET, HEAD, POST");
  }
  for (const char* const path :
       {"/.well-known/jwks.json", "/.well-known/token-certificates.pem", "/healthz"}) {
    EXPECT_EQ(Send("GET", path).status, 200) << path;
    EXPECT_EQ(Send("HEAD", path).status, 200) << path;
    const Answered answered = Send("POST", path, {}, "");
    EXPECT_EQ(answered.status, 405) << path;
    EXPECT_EQ(answered.Header("Allow"), "GET, HEAD");
  }
  for (const char* const path : {"/", "/token/", "/Token", "/v2/", "/token/x"}) {
    EXPECT_EQ(Send("GET", path).status, 404) << path;
  }
  EXPECT_EQ(Send("HEAD", "/token").status, 200);
}

}  // namespace
}  // namespace portolan::server
