// Every route with every right again, by bearer tokens: own ones, which rules bound, and another
// issuer's, which they do not.
#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "portolan/auth/testing/test_token.h"
#include "portolan/auth/token_issuer.h"
#include "portolan/auth/token_verifier.h"
#include "portolan/server/testing/route_rows.h"
#include "portolan/server/testing/test_registry.h"

namespace portolan::server {
namespace {

using auth::Action;
using auth::Algorithm;

auth::ActionSet Only(Action action) {
  auth::ActionSet set;
  set.Add(action);
  return set;
}

wire::Scope ScopeFor(Action action, const std::string& repository = "a/b") {
  if (action == Action::kCatalog) return wire::Scope::ForCatalog();
  return {"repository", repository, {std::string(NameOf(action))}};
}
std::vector<wire::Scope> Everything(const std::string& repository = "a/b") {
  return {{"repository", repository, {"*"}}, wire::Scope::ForCatalog()};
}

class BearerAccessTest : public testing::Test {
 protected:
  BearerAccessTest() {
    digest = registry.PushImage("a/b", "t", "layer");
    auth::TrustedIssuer trusted_own;
    trusted_own.issuer = "own";
    trusted_own.audiences = {"registry"};
    trusted_own.keys = own.keys();
    trusted_own.own = true;
    auth::TrustedIssuer trusted_other;
    trusted_other.issuer = "other";
    trusted_other.audiences = {"registry"};
    trusted_other.keys = other.keys();
    verifier = auth::NewTokenVerifier({trusted_own, trusted_other}, nullptr, clock);
  }
  ~BearerAccessTest() override {
    registry.SetAuth(auth::NewOpenAuthenticator(), auth::AccessRules::Open());
  }

  void Allow(auth::AccessRules rules) {
    registry.SetAuth(
        auth::NewBearerAuthenticator(*others, *verifier, {.realm = {}, .service = "registry"}),
        std::move(rules));
  }
  void Allow(std::vector<auth::Rule> rules) {
    Allow(auth::AccessRules::Make(std::move(rules)).value());
  }
  Answered With(const std::string& token, const RouteRow& row) {
    http::Headers headers;
    if (!token.empty()) headers.Add("Authorization", "Bearer " + token);
    return registry.Send({.method = row.method,
                          .target = row.target,
                          .headers = std::move(headers),
                          .body = std::string()});
  }
  std::string Token(const auth::TokenIssuer& issuer, std::vector<wire::Scope> grants,
                    const std::string& user = "u") {
    return issuer.Issue({.name = user}, "registry", std::move(grants), {})->token;
  }
  static std::string Challenge(const RouteRow& row, const std::string& error) {
    return fmt::format(
        R"(Bearer realm="http://registry.test/token",service="registry",scope="{}"{})", row.scope,
        error.empty() ? "" : fmt::format(R"(,error="{}")", error));
  }
  static bool IsEnough(const RouteRow& row, Action action) {
    return std::ranges::find(row.enough, action) != row.enough.end();
  }
  static void ExpectIn(const Answered& answered) {
    EXPECT_TRUE(answered.status != 401 && answered.status != 403) << answered.body;
  }
  // 401, and the very challenge of this route.
  static void ExpectChallenge(const Answered& answered, const RouteRow& row,
                              const std::string& error) {
    EXPECT_EQ(answered.status, 401);
    EXPECT_EQ(answered.Header("WWW-Authenticate"), Challenge(row, error));
    EXPECT_EQ(answered.Headers("WWW-Authenticate").size(), 1U);
  }

  TestRegistry registry;
  std::string digest;
  ManualClock clock;
  FixedRandom random;
  const auth::TokenIssuer own{{auth::TestKey(Algorithm::kEs256)},
                              {.issuer = "own", .services = {"registry"}},
                              clock,
                              random};
  const auth::TokenIssuer other{{auth::StrangersKey(Algorithm::kEs256)},
                                {.issuer = "other", .services = {"registry"}},
                                clock,
                                random};
  const std::unique_ptr<auth::Authenticator> others = auth::NewOpenAuthenticator();
  std::unique_ptr<auth::TokenVerifier> verifier;
};

// A token with one right, where rules allow everything: it lets in where the right is enough, and
// nowhere else, and the refusal says which token would.
TEST_F(BearerAccessTest, EveryRouteWithATokenOfEveryRight) {
  Allow(auth::AccessRules::Open());
  for (const RouteRow& row : RouteRows(digest)) {
    for (const std::string user : {"u", ""}) {
      for (int i = 0; i < auth::kActions; ++i) {
        const auto action = static_cast<Action>(i);
        SCOPED_TRACE(
            fmt::format("{} {} with {} as \"{}\"", row.method, row.target, NameOf(action), user));
        const Answered answered = With(Token(own, {ScopeFor(action)}, user), row);
        if (IsEnough(row, action)) {
          ExpectIn(answered);
        } else {
          ExpectChallenge(answered, row, "insufficient_scope");
        }
      }
    }
  }
}

// A token with every right, where rules allow one.
TEST_F(BearerAccessTest, RulesBoundOwnTokens) {
  for (const RouteRow& row : RouteRows(digest)) {
    for (int i = 0; i < auth::kActions; ++i) {
      const auto action = static_cast<Action>(i);
      SCOPED_TRACE(fmt::format("{} {} with {}", row.method, row.target, NameOf(action)));
      Allow({{.users = {"u"}, .repositories = {}, .allow = Only(action)}});
      const Answered answered = With(Token(own, Everything()), row);
      if (IsEnough(row, action)) {
        ExpectIn(answered);
      } else {
        EXPECT_EQ(answered.status, 403);
        EXPECT_EQ(answered.Header("WWW-Authenticate"), "");
      }
      EXPECT_EQ(With(Token(own, Everything(), "stranger"), row).status, 403);
      // Nobody in particular may get a token as somebody.
      ExpectChallenge(With(Token(own, Everything(), ""), row), row, "insufficient_scope");
    }
  }
}

// Another issuer's token with one right, where rules allow nothing.
TEST_F(BearerAccessTest, AnotherIssuerKnowsBest) {
  Allow(std::vector<auth::Rule>{});
  for (const RouteRow& row : RouteRows(digest)) {
    for (int i = 0; i < auth::kActions; ++i) {
      const auto action = static_cast<Action>(i);
      SCOPED_TRACE(fmt::format("{} {} with {}", row.method, row.target, NameOf(action)));
      const Answered answered = With(Token(other, {ScopeFor(action)}), row);
      if (IsEnough(row, action)) {
        ExpectIn(answered);
      } else {
        ExpectChallenge(answered, row, "insufficient_scope");
      }
    }
  }
}

TEST_F(BearerAccessTest, RefusalsOfEveryRoute) {
  Allow({{.users = {"u"}, .repositories = {}, .allow = auth::ActionSet::All()}});
  const std::string good = Token(own, Everything());
  std::string elsewhere = Token(own, {{"repository", "a/c", {"*"}}, {"repository", "a", {"*"}}});
  const auto strangers = auth::SignJwt(auth::StrangersKey(Algorithm::kRs256),
                                       auth::KidStyle::kThumbprint, auth::ParseJwt(good)->claims);
  for (const RouteRow& row : RouteRows(digest)) {
    SCOPED_TRACE(row.method + " " + row.target);
    ExpectIn(With(good, row));
    ExpectChallenge(With("", row), row, "");
    ExpectChallenge(With("x.y.z", row), row, "invalid_token");
    ExpectChallenge(With(good + "A", row), row, "invalid_token");
    ExpectChallenge(With(*strangers, row), row, "invalid_token");
    ExpectChallenge(With(elsewhere, row), row, "insufficient_scope");
    ExpectChallenge(With(Token(own, {}), row), row, "insufficient_scope");
  }
  clock.Advance(std::chrono::seconds(360));
  for (const RouteRow& row : RouteRows(digest)) {
    SCOPED_TRACE(row.method + " " + row.target);
    ExpectChallenge(With(good, row), row, "invalid_token");
  }
}

TEST_F(BearerAccessTest, TheBaseAsksForAToken) {
  Allow(auth::AccessRules::Open());
  const std::string plain = R"(Bearer realm="http://registry.test/token",service="registry")";
  const Answered anonymous = registry.Get("/v2/");
  EXPECT_EQ(anonymous.status, 401);
  EXPECT_EQ(anonymous.Header("WWW-Authenticate"), plain);
  const Answered wrong = registry.Get("/v2/", {{"Authorization", "bearer x"}});
  EXPECT_EQ(wrong.status, 401);
  EXPECT_EQ(wrong.Header("WWW-Authenticate"), plain + R"(,error="invalid_token")");
  EXPECT_EQ(registry.Get("/v2/", {{"Authorization", "Bearer " + Token(own, {})}}).status, 200);
}

TEST_F(BearerAccessTest, TheRealmIsWhereClientsReachIt) {
  registry.SetOptions({.external_url = "https://public.example"});
  Allow(std::vector<auth::Rule>{});
  EXPECT_EQ(registry.Get("/v2/a/b/tags/list").Header("WWW-Authenticate"),
            R"(Bearer realm="https://public.example/token",service="registry",)"
            R"(scope="repository:a/b:pull")");
}

TEST_F(BearerAccessTest, AMountNeedsATokenForItsSource) {  // CVE-2024-39897
  Allow(auth::AccessRules::Open());
  const std::string mount = "/v2/mine/x/blobs/uploads/?mount=" + Sha256Of("layer") + "&from=a/b";
  const auto post = [&](const std::string& target, std::vector<wire::Scope> grants) {
    return registry.Post(target, "", {{"Authorization", "Bearer " + Token(own, std::move(grants))}})
        .status;
  };
  EXPECT_EQ(post(mount, {{"repository", "mine/x", {"pull", "push"}}}), 202);
  EXPECT_EQ(post(mount.substr(0, mount.find("&from")), {{"repository", "mine/x", {"*"}}}), 202);
  EXPECT_EQ(post(mount, {{"repository", "mine/x", {"push"}}, {"repository", "a/b", {"push"}}}),
            202);
  EXPECT_EQ(post(mount, {{"repository", "mine/x", {"push"}}, {"repository", "a/b", {"pull"}}}),
            201);
}

TEST_F(BearerAccessTest, ATokenThatCreatesDoesNotOverwrite) {  // CVE-2026-31801
  Allow(auth::AccessRules::Open());
  const std::string other_image = ImageManifest("{}", {"layer"}, R"(,"annotations":{"n":"2"})");
  const auto put = [&](const std::string& tag, const std::string& word) {
    return registry
        .Put("/v2/a/b/manifests/" + tag, other_image,
             {{"Content-Type", "application/vnd.oci.image.manifest.v1+json"},
              {"Authorization", "Bearer " + Token(own, {{"repository", "a/b", {word}}})}})
        .status;
  };
  EXPECT_EQ(put("t", "create"), 403);
  EXPECT_EQ(put("new", "overwrite"), 403);
  EXPECT_EQ(put("new", "create"), 201);
  EXPECT_EQ(put("t", "push"), 201);
}

TEST_F(BearerAccessTest, TheCatalogOfAToken) {
  registry.PushImage("hidden/x", "t", "layer");
  Allow({{.users = {"u"}, .repositories = {"a/**"}, .allow = Only(Action::kPull)},
         {.users = {"u"}, .repositories = {}, .allow = Only(Action::kCatalog)}});
  const auto list = [&](const std::string& token) {
    return registry.Get("/v2/_catalog", {{"Authorization", "Bearer " + token}}).body;
  };
  EXPECT_EQ(list(Token(own, {wire::Scope::ForCatalog()})), R"({"repositories":["a/b"]})");
  EXPECT_EQ(list(Token(other, {wire::Scope::ForCatalog()})),
            R"({"repositories":["a/b","hidden/x"]})");
}

TEST_F(BearerAccessTest, AnUploadBelongsToWhoeverBeganIt) {  // CVE-2026-32589
  Allow(auth::AccessRules::Open());
  const auto field = [&](const std::string& user) {
    return http::Headers{{"Authorization", "Bearer " + Token(own, Everything(), user)}};
  };
  const std::string location =
      registry.Post("/v2/a/b/blobs/uploads/", "", field("u")).Header("Location");
  EXPECT_EQ(registry.Get(location, field("v")).status, 404);
  EXPECT_EQ(registry.Get(location, field("")).status, 404);
  EXPECT_EQ(registry.Get(location, field("u")).status, 204);
}

}  // namespace
}  // namespace portolan::server
