// Rights: every route with every right, alone. One table says what each needs; no second path
// exists.
#include <algorithm>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "portolan/oci/manifest.h"
#include "portolan/server/routes.h"
#include "portolan/server/testing/route_rows.h"
#include "portolan/server/testing/test_registry.h"

namespace portolan::server {
namespace {

using auth::Action;

// Knows users by the text of the field: "user NAME".
class NamingAuthenticator final : public auth::Authenticator {
 public:
  std::optional<auth::Identity> Known(std::string_view authorization) override {
    if (authorization.empty()) return auth::Identity{};
    if (authorization.starts_with("user ")) {
      return auth::Identity{.name = std::string(authorization.substr(5))};
    }
    return std::nullopt;
  }
  Result<auth::Identity> Authenticate(std::string_view) override {
    return Fail(ErrorCode::kUnauthorized, "wrong name or password");
  }
  std::string Challenge() const override { return "Basic realm=\"test\""; }
};

auth::AccessRules RulesFor(std::vector<auth::Rule> rules) {
  auto made = auth::AccessRules::Make(std::move(rules));
  EXPECT_TRUE(made) << made.error().message;
  return *std::move(made);
}
auth::ActionSet Only(Action action) {
  auth::ActionSet set;
  set.Add(action);
  return set;
}

class AccessTest : public testing::Test {
 protected:
  AccessTest() {
    digest = registry.PushImage("a/b", "t", "layer");
    registry.PushBlob("a/b", "loose");
  }
  void Allow(std::vector<auth::Rule> rules) {
    registry.SetAuth(std::make_unique<NamingAuthenticator>(), RulesFor(std::move(rules)));
  }
  Answered As(const std::string& user, std::string method, std::string target,
              std::optional<std::string> body = {}, http::Headers headers = {}) {
    if (!user.empty()) headers.Add("Authorization", "user " + user);
    return registry.Send({.method = std::move(method),
                          .target = std::move(target),
                          .headers = std::move(headers),
                          .body = std::move(body)});
  }
  TestRegistry registry;
  std::string digest;
};

// Each route, asked by users who hold one right each: let in with a right that the table names,
// refused with any other. What a route does with whoever is let in is other tests' matter; here it
// only must not be 401 or 403.
TEST_F(AccessTest, EveryRouteWithEveryRight) {
  const std::vector<RouteRow> rows = RouteRows(digest);
  std::set<std::pair<wire::Resource, wire::Method>> seen;
  for (const RouteRow& row : rows) {
    seen.emplace(row.resource, *wire::MethodOf(row.method));
    for (int i = 0; i < auth::kActions; ++i) {
      const auto action = static_cast<Action>(i);
      SCOPED_TRACE(std::string(row.method) + " " + row.target + " with " +
                   std::string(NameOf(action)));
      Allow({{.users = {"u"}, .repositories = {}, .allow = Only(action)}});
      const int status = As("u", row.method, row.target, "").status;
      if (std::ranges::find(row.enough, action) != row.enough.end()) {
        EXPECT_TRUE(status != 401 && status != 403) << status;
      } else {
        EXPECT_EQ(status, 403);
      }
      EXPECT_EQ(As("", row.method, row.target, "").status, 401);
      EXPECT_EQ(As("stranger", row.method, row.target, "").status, 403);
    }
  }
  // The rows above name every route that needs a right.
  for (const Route& route : Routes()) {
    if (!route.needs[0]) continue;
    EXPECT_TRUE(seen.contains({route.resource, route.method}))
        << static_cast<int>(route.resource) << " " << NameOf(route.method);
  }
}

TEST_F(AccessTest, TheChallengeComesWithEvery401) {
  Allow({{.users = {"*"}, .repositories = {}, .allow = auth::ActionSet::All()}});
  for (const char* target : {"/v2/", "/v2/a/b/tags/list"}) {
    const Answered answered = As("", "GET", target);
    EXPECT_EQ(answered.status, 401);
    EXPECT_EQ(answered.Header("WWW-Authenticate"), "Basic realm=\"test\"");
    EXPECT_NE(answered.body.find("UNAUTHORIZED"), std::string::npos);
  }
  EXPECT_EQ(As("u", "GET", "/v2/").status, 200);
  const Answered wrong = registry.Get("/v2/", {{"Authorization", "Basic d3Jvbmc6d3Jvbmc="}});
  EXPECT_EQ(wrong.status, 401);
  EXPECT_EQ(wrong.Header("WWW-Authenticate"), "Basic realm=\"test\"");
}

TEST_F(AccessTest, CreateIsNotOverwrite) {  // CVE-2026-31801
  Allow({{.users = {"maker"}, .repositories = {}, .allow = Only(Action::kCreate)},
         {.users = {"mover"}, .repositories = {}, .allow = Only(Action::kOverwrite)}});
  const std::string other = ImageManifest("{}", {"layer"}, R"(,"annotations":{"n":"2"})");
  const http::Headers type{{"Content-Type", std::string(oci::kImageManifestType)}};
  EXPECT_EQ(As("maker", "PUT", "/v2/a/b/manifests/t", other, type).status, 403);
  EXPECT_EQ(
      As("maker", "PUT", "/v2/a/b/manifests/" + Sha256Of(other) + "?tag=t", other, type).status,
      403);
  EXPECT_EQ(As("maker", "PUT", "/v2/a/b/manifests/fresh", other, type).status, 201);
  EXPECT_EQ(As("mover", "PUT", "/v2/a/b/manifests/newer", other, type).status, 403);
  EXPECT_EQ(As("mover", "PUT", "/v2/a/b/manifests/t", other, type).status, 201);
}

TEST_F(AccessTest, RestoringIsCreatingOrOverwriting) {
  registry.PushImage("a/b", "t", "newer");
  Allow({{.users = {"maker"}, .repositories = {}, .allow = Only(Action::kCreate)},
         {.users = {"mover"}, .repositories = {}, .allow = Only(Action::kOverwrite)}});
  const std::string restore = "/v2/a/b/_portolan/tags/restore?tag=t";
  EXPECT_EQ(As("maker", "POST", restore).status, 403);
  EXPECT_EQ(As("mover", "POST", restore).status, 200);
}

TEST_F(AccessTest, AMountNeedsPullOfItsSource) {  // CVE-2024-39897
  Allow({{.users = {"u"}, .repositories = {"mine/*"}, .allow = auth::ActionSet::All()}});
  const std::string mount = "/v2/mine/x/blobs/uploads/?mount=" + Sha256Of("layer");
  EXPECT_EQ(As("u", "POST", mount + "&from=a/b").status, 202);
  EXPECT_EQ(As("u", "POST", mount).status, 202);
  EXPECT_EQ(As("u", "GET", "/v2/mine/x/blobs/" + Sha256Of("layer")).status, 404);
  Allow({{.users = {"u"}, .repositories = {"mine/*"}, .allow = auth::ActionSet::All()},
         {.users = {"u"}, .repositories = {"a/*"}, .allow = Only(Action::kPull)}});
  EXPECT_EQ(As("u", "POST", mount + "&from=a/b").status, 201);
}

TEST_F(AccessTest, TheCatalogShowsWhatMayBePulled) {
  registry.PushImage("hidden/x", "t", "layer");
  registry.PushImage("open/x", "t", "layer");
  auth::ActionSet allow = Only(Action::kPull);
  allow.Add(Action::kCatalog);
  Allow({{.users = {"u"}, .repositories = {"open/*"}, .allow = allow},
         {.users = {"u"}, .repositories = {}, .allow = Only(Action::kCatalog)}});
  EXPECT_EQ(As("u", "GET", "/v2/_catalog").body, R"({"repositories":["open/x"]})");
  const Answered page = As("u", "GET", "/v2/_catalog?n=1");
  EXPECT_EQ(page.body, R"({"repositories":["open/x"]})");
  EXPECT_EQ(page.Header("Link"), "");
}

TEST_F(AccessTest, AnUploadBelongsToWhoeverBeganIt) {  // CVE-2026-32589
  Allow({{.users = {"*"}, .repositories = {}, .allow = auth::ActionSet::All()}});
  const std::string location = As("u", "POST", "/v2/a/b/blobs/uploads/", "").Header("Location");
  EXPECT_EQ(As("other", "GET", location).status, 404);
  EXPECT_EQ(As("other", "PATCH", location, "x").status, 404);
  EXPECT_EQ(As("u", "GET", location).status, 204);
}

TEST_F(AccessTest, AnonymousMayPullWhereRulesSaySo) {
  Allow({{.users = {"anonymous"}, .repositories = {"a/*"}, .allow = Only(Action::kPull)},
         {.users = {"u"}, .repositories = {}, .allow = auth::ActionSet::All()}});
  EXPECT_EQ(As("", "GET", "/v2/a/b/tags/list").status, 200);
  EXPECT_EQ(As("", "GET", "/v2/c/d/tags/list").status, 401);
  EXPECT_EQ(As("", "POST", "/v2/a/b/blobs/uploads/", "").status, 401);
  EXPECT_EQ(As("u", "POST", "/v2/a/b/blobs/uploads/", "").status, 202);
}

TEST_F(AccessTest, RefusalsDoNotTellWhatIsThere) {
  Allow({{.users = {"u"}, .repositories = {"mine/*"}, .allow = auth::ActionSet::All()}});
  const Answered there = As("u", "GET", "/v2/a/b/manifests/t");
  const Answered not_there = As("u", "GET", "/v2/x/y/manifests/t");
  EXPECT_EQ(there.status, 403);
  EXPECT_EQ(not_there.status, 403);
}

TEST_F(AccessTest, PrivateContentIsNotCachedByOthers) {
  Allow({{.users = {"*"}, .repositories = {}, .allow = auth::ActionSet::All()}});
  EXPECT_EQ(As("u", "GET", "/v2/a/b/blobs/" + Sha256Of("layer")).Header("Cache-Control"),
            "private, max-age=31536000, immutable");
}

}  // namespace
}  // namespace portolan::server
