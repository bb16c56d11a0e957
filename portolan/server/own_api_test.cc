// The vendors' own APIs: what they tell of what is stored, and to whom. Their texts are in the
// stories of tests/transcripts/dialects.
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "portolan/auth/basic.h"
#include "portolan/base/base64.h"
#include "portolan/oci/manifest.h"
#include "portolan/server/repository_facts.h"
#include "portolan/server/testing/test_registry.h"

namespace portolan::server {
namespace {

using auth::Action;

// Everybody whose password is "pw".
class PasswordAuthenticator final : public auth::Authenticator {
 public:
  std::optional<auth::Identity> Known(std::string_view authorization) override {
    if (auth::IsAnonymous(authorization)) return auth::Identity{};
    const auto basic = auth::ParseBasic(authorization);
    if (!basic || basic->password.Reveal() != "pw") return std::nullopt;
    return auth::Identity{.name = basic->user};
  }
  Result<auth::Identity> Authenticate(std::string_view authorization) override {
    if (auto identity = Known(authorization)) return *std::move(identity);
    return Fail(ErrorCode::kUnauthorized, "wrong name or password");
  }
  std::string Challenge() const override { return "Basic realm=\"test\""; }
};

auth::ActionSet Only(Action action) {
  auth::ActionSet set;
  set.Add(action);
  return set;
}

// The text behind `before`, up to the next quotation mark.
std::string Behind(const std::string& text, const std::string& before) {
  const std::size_t at = text.find(before);
  if (at == std::string::npos) return {};
  const std::size_t begin = at + before.size();
  return text.substr(begin, text.find('"', begin) - begin);
}

class OwnApiTest : public testing::Test {
 protected:
  // To be called when everything has been pushed.
  void StandInFor(std::string_view dialect) {
    auto rules = auth::AccessRules::Make(
        {{.users = {"owner"},
          .repositories = {"team/**", "open/**"},
          .allow = auth::ActionSet::All()},
         {.users = {"reader"}, .repositories = {"team/**"}, .allow = Only(Action::kPull)},
         {.users = {"anonymous"}, .repositories = {"open/**"}, .allow = Only(Action::kPull)}});
    ASSERT_TRUE(rules);
    registry.SetAuth(std::make_unique<PasswordAuthenticator>(), *std::move(rules));
    registry.SetDialect(*dialect::FindServed(dialect));
  }
  // `user` empty: nobody.
  Answered As(const std::string& user, const std::string& method, const std::string& target,
              const std::string& body = {}) {
    http::Headers headers;
    if (!user.empty()) headers.Add("Authorization", "Basic " + Base64Encode(user + ":pw"));
    return registry.Send({.method = method,
                          .target = target,
                          .headers = std::move(headers),
                          .body = method == "GET" ? std::nullopt : std::optional(body)});
  }
  // An image with a configuration for this platform. Gives the digest.
  std::string PushFor(const std::string& repository, const std::string& tag,
                      const std::string& architecture, const std::string& layer) {
    const std::string config = fmt::format(R"({{"os":"linux","architecture":"{}"}})", architecture);
    registry.PushBlob(repository, config);
    registry.PushBlob(repository, layer);
    return registry.PushManifest(repository, tag, ImageManifest(config, {layer, layer}),
                                 std::string(oci::kImageManifestType));
  }
  struct Row {
    std::string method;
    std::string target;
    std::string body;
    int nobody = 0;
    int stranger = 0;
    int reader = 0;
    int owner = 0;
  };
  // In this order, so that what may change something comes last.
  void Check(const std::vector<Row>& rows) {
    for (const Row& row : rows) {
      SCOPED_TRACE(row.method + " " + row.target);
      registry.clock.Advance(std::chrono::seconds(1));
      EXPECT_EQ(As("", row.method, row.target, row.body).status, row.nobody);
      EXPECT_EQ(As("stranger", row.method, row.target, row.body).status, row.stranger);
      EXPECT_EQ(As("reader", row.method, row.target, row.body).status, row.reader);
      EXPECT_EQ(As("owner", row.method, row.target, row.body).status, row.owner);
    }
  }
  TestRegistry registry;
};

TEST_F(OwnApiTest, HubByRights) {
  registry.PushImage("team/app", "v1", "a");
  registry.PushImage("team/app", "v2", "b");
  registry.PushImage("open/app", "v1", "a");
  StandInFor("hub");
  const std::string app = "/v2/repositories/team/app/";
  Check({{"GET", app, "", 404, 404, 200, 200},
         {"GET", app + "tags", "", 404, 404, 200, 200},
         {"GET", app + "tags/v1", "", 404, 404, 200, 200},
         {"GET", "/v2/repositories/team/missing/", "", 404, 404, 404, 404},
         {"GET", "/v2/repositories/namespaces", "", 401, 200, 200, 200},
         {"GET", "/v2/repositories/open/app/tags", "", 200, 200, 200, 200},
         {"DELETE", "/v2/repositories/open/app/tags/v1", "", 401, 403, 403, 204},
         {"DELETE", app + "tags/v1/", "", 404, 404, 403, 204},
         {"DELETE", app + "tags/v1/", "", 404, 404, 403, 404},
         {"DELETE", app, "", 404, 404, 403, 202},
         {"GET", app, "", 404, 404, 404, 404}});
  EXPECT_EQ(As("", "GET", "/v2/repositories/namespaces").status, 401);
  EXPECT_EQ(As("stranger", "GET", "/v2/repositories/namespaces").body,
            R"({"namespaces":["open"]})");
}

TEST_F(OwnApiTest, QuayByRights) {
  const std::string digest = registry.PushImage("team/app", "v1", "a");
  registry.PushImage("open/app", "v1", "a");
  StandInFor("quay");
  const std::string app = "/api/v1/repository/team/app";
  const std::string body = fmt::format(R"({{"manifest_digest":"{}"}})", digest);
  Check({{"GET", app, "", 401, 403, 200, 200},
         {"GET", app + "/tag/", "", 401, 403, 200, 200},
         {"GET", "/api/v1/repository/team/missing", "", 401, 403, 404, 404},
         {"GET", "/api/v1/repository/open/app/tag/", "", 200, 200, 200, 200},
         {"PUT", app + "/tag/v2", body, 403, 403, 403, 201},
         {"DELETE", app + "/tag/v1", "", 403, 403, 403, 204},
         {"POST", app + "/tag/v1/restore", body, 403, 403, 403, 200},
         {"DELETE", app, "", 403, 403, 403, 204},
         {"GET", app, "", 401, 403, 404, 404}});
}

TEST_F(OwnApiTest, PackagesByRights) {
  registry.PushImage("team/app", "v1", "a");
  registry.PushImage("team/app", "v2", "b");
  const std::string digest = registry.PushImage("team/app", "", "c");
  StandInFor("ghcr");
  const std::string app = "/orgs/team/packages/container/app";
  Check({{"GET", "/orgs/team/packages?package_type=container", "", 401, 200, 200, 200},
         {"GET", app, "", 401, 404, 200, 200},
         {"GET", app + "/versions", "", 401, 404, 200, 200},
         {"GET", app + "/versions/3", "", 401, 404, 200, 200},
         {"GET", "/orgs/team/packages/container/missing", "", 401, 404, 404, 404},
         {"DELETE", app + "/versions/3", "", 401, 404, 403, 204},
         {"GET", app + "/versions/3", "", 401, 404, 404, 404},
         {"POST", app + "/versions/3/restore", "", 401, 404, 403, 204},
         {"DELETE", app + "/versions/1", "", 401, 404, 403, 204},
         {"DELETE", app + "/versions/2", "", 401, 404, 403, 400},  // the last with a tag
         {"DELETE", app, "", 401, 404, 403, 204},
         {"GET", app, "", 401, 404, 404, 404},
         {"POST", app + "/restore", "", 401, 404, 403, 204}});
  // What had been deleted before stays so.
  const std::string versions = As("owner", "GET", app + "/versions").body;
  EXPECT_TRUE(versions.contains(digest)) << versions;
  EXPECT_TRUE(versions.contains(R"("tags":["v2"])")) << versions;
  EXPECT_FALSE(versions.contains("v1")) << versions;
  EXPECT_EQ(As("stranger", "GET", "/orgs/team/packages?package_type=container").body, "[]");
}

TEST_F(OwnApiTest, SizesAndPlatformsAreThoseOfWhatIsStored) {
  const std::string amd = PushFor("open/app", "amd", "amd64", "12345");
  const std::string arm = PushFor("open/app", "arm", "arm64", "1234567");
  const std::string descriptors = fmt::format(
      R"({{"mediaType":"{0}","digest":"{1}","size":1}},{{"mediaType":"{0}","digest":"{2}","size":1,"platform":{{"os":"linux","architecture":"amd64"}}}})",
      oci::kImageManifestType, arm, amd);
  registry.PushManifest("open/app", "all",
                        fmt::format(R"({{"schemaVersion":2,"mediaType":"{}","manifests":[{}]}})",
                                    oci::kImageIndexType, descriptors),
                        std::string(oci::kImageIndexType));
  StandInFor("hub");
  const std::string tag = As("", "GET", "/v2/repositories/open/app/tags/all").body;
  EXPECT_TRUE(tag.contains(R"("full_size":10,)")) << tag;
  EXPECT_TRUE(tag.contains(fmt::format(
      R"("images":[{{"architecture":"arm64","features":"","variant":null,"digest":"{}","os":"linux","os_features":"","os_version":null,"size":14,)",
      arm)))
      << tag;
  EXPECT_TRUE(tag.contains(fmt::format(
      R"("digest":"{}","os":"linux","os_features":"","os_version":null,"size":10,)", amd)))
      << tag;
  EXPECT_TRUE(
      As("", "GET", "/v2/repositories/open/app/tags/arm").body.contains(R"("full_size":14,)"));
  StandInFor("quay");
  const std::string list = As("", "GET", "/api/v1/repository/open/app/tag/?onlyActiveTags=1").body;
  EXPECT_TRUE(list.contains(R"("is_manifest_list": true, "size": null,)")) << list;
  EXPECT_TRUE(list.contains(R"("is_manifest_list": false, "size": 14,)")) << list;
}

// What is behind the limit is not read.
TEST_F(OwnApiTest, ReadingHasALimit) {
  registry.PushBlob("open/app", "{}");
  registry.PushBlob("open/app", "layer");
  for (const char* const tag : {"a", "b", "c"}) {
    const std::string big = fmt::format(R"(,"annotations":{{"{}":"{}"}})", tag,
                                        std::string(FactReader::kMostRead / 3, 'x'));
    registry.PushManifest("open/app", tag, ImageManifest("{}", {"layer"}, big),
                          std::string(oci::kImageManifestType));
  }
  StandInFor("quay");
  const std::string list = As("", "GET", "/api/v1/repository/open/app/tag/").body;
  EXPECT_TRUE(list.contains(R"("size": 5,)")) << list;
  EXPECT_TRUE(list.contains(R"("size": 0,)")) << list;
}

TEST_F(OwnApiTest, HubPagesHoldEveryTagOnce) {
  for (int i = 0; i < 5; ++i) registry.PushImage("open/app", fmt::format("v{}", i), "x");
  StandInFor("hub");
  std::string target = "/v2/repositories/open/app/tags?page_size=2";
  std::string seen;
  while (!target.empty()) {
    const std::string body = As("", "GET", target).body;
    EXPECT_TRUE(body.starts_with("{\"count\":5,")) << body;
    for (const std::string& part : {"v0", "v1", "v2", "v3", "v4"}) {
      if (body.contains("\"name\":\"" + part + "\"")) seen += part;
    }
    target = Behind(body, "\"next\":\"http://registry.test");
    if (const std::size_t at = target.find("\\u0026"); at != std::string::npos) {
      target.replace(at, 6, "&");
    }
  }
  EXPECT_EQ(seen, "v3v4v1v2v0");  // two by two, newest first
  EXPECT_TRUE(As("", "GET", "/v2/repositories/open/app/tags?page_size=1000000")
                  .body.starts_with("{\"count\":5,\"next\":null,\"previous\":null,"));
  for (const char* const page : {"0", "-1", "x", "3&page_size=2x", "99999999999999999999"}) {
    const int status =
        As("", "GET", std::string("/v2/repositories/open/app/tags?page=") + page).status;
    EXPECT_EQ(status, 404) << page;
  }
}

TEST_F(OwnApiTest, HubTokensEndAndCountHereAlone) {
  registry.PushImage("team/app", "v1", "a");
  StandInFor("hub");
  const Answered login =
      registry.Post("/v2/auth/token", R"({"identifier":"reader","secret":"pw"})");
  ASSERT_EQ(login.status, 200) << login.body;
  const std::string token = Behind(login.body, R"({"access_token":")");
  const auto get = [&](const std::string& target, const std::string& field) {
    return registry.Get(target, {{"Authorization", field}}).status;
  };
  const std::string app = "/v2/repositories/team/app/";
  EXPECT_EQ(get(app, "Bearer " + token), 200);
  EXPECT_EQ(get(app, "JWT " + token), 200);
  EXPECT_EQ(get(app, "Bearer "), 404);
  EXPECT_EQ(get(app, "Bearer " + token + "x"), 401);
  EXPECT_EQ(get("/v2/team/app/tags/list", "Bearer " + token), 401);
  registry.clock.Advance(std::chrono::minutes(11));
  EXPECT_EQ(get(app, "Bearer " + token), 401);
  for (const char* const body :
       {R"({"identifier":"reader","secret":"no"})", R"({"identifier":"","secret":"pw"})",
        R"({"identifier":"a:b","secret":"pw"})", R"({"identifier":1,"secret":"pw"})"}) {
    EXPECT_EQ(registry.Post("/v2/auth/token", body).status, 401) << body;
  }
  EXPECT_EQ(registry.Post("/v2/auth/token", std::string(100'000, ' ')).status, 400);
  EXPECT_EQ(registry.Get("/v2/auth/token").status, 405);
}

TEST_F(OwnApiTest, QuayListsGoOn) {
  for (int i = 0; i < 101; ++i) registry.PushImage(fmt::format("open/r{:03}", i), "v1", "x");
  StandInFor("quay");
  const std::string target = "/api/v1/repository?public=true";
  const std::string first = As("", "GET", target).body;
  const std::string cursor = Behind(first, R"("next_page": ")");
  EXPECT_TRUE(first.contains("r099")) << first;
  EXPECT_FALSE(first.contains("r100")) << first;
  EXPECT_TRUE(cursor.starts_with("gAAAA")) << cursor;
  EXPECT_EQ(As("", "GET", target + "&next_page=" + cursor).body,
            R"({"repositories": [{"namespace": "open", "name": "r100", "description": null, )"
            R"("is_public": true, "kind": "image", "state": "NORMAL"}]})"
            "\n");
  EXPECT_EQ(As("", "GET", target + "&next_page=garbage").body.substr(0, 60), first.substr(0, 60));
}

TEST_F(OwnApiTest, ReadOnlyRegistriesChangeNothing) {
  registry.PushImage("open/app", "v1", "x");
  registry.SetOptions({.read_only = true});
  StandInFor("hub");
  EXPECT_EQ(As("owner", "DELETE", "/v2/repositories/open/app/tags/v1").status, 405);
  EXPECT_EQ(registry.Post("/v2/users/login", R"({"username":"owner","password":"pw"})").status,
            200);
  StandInFor("ghcr");
  EXPECT_EQ(As("owner", "DELETE", "/orgs/open/packages/container/app").status, 405);
}

TEST_F(OwnApiTest, MethodsThatAreNone) {
  registry.PushImage("open/app", "v1", "x");
  StandInFor("quay");
  for (const char* const method : {"ELETE", "D", "PATCH", "GET, HEAD", "POST"}) {
    EXPECT_EQ(As("owner", method, "/api/v1/repository/open/app/tag/v1").status, 405) << method;
  }
  EXPECT_EQ(As("", "OPTIONS", "/api/v1/repository/open/app/tag/v1").Header("Allow"),
            "DELETE, OPTIONS, PUT");
  StandInFor("hub");
  EXPECT_EQ(As("owner", "PUT", "/v2/repositories/open/app/tags/v1").status, 405);
  StandInFor("ghcr");
  EXPECT_EQ(As("owner", "PUT", "/orgs/open/packages/container/app").status, 404);
  StandInFor("quay");
  EXPECT_TRUE(As("", "GET", "/api/v1/repository/open/app/tag/").body.contains("\"v1\""));
}

// Paths are hostile until read.
TEST_F(OwnApiTest, StrangePaths) {
  StandInFor("quay");
  for (const char* const path :
       {"/api/v1/", "/api/v1/repository/a%00b/c", "/api/v1/repository/../x", "/api/v1/%zz",
        "/api/v1/repository/A/B", "/api/v1/repository/a/b/tag/%ff"}) {
    EXPECT_GE(As("owner", "GET", path).status, 400) << path;
    EXPECT_LT(As("owner", "GET", path).status, 500) << path;
  }
  StandInFor("hub");
  for (const char* const path : {"/v2/repositories", "/v2/repositories/", "/v2/namespaces/a",
                                 "/v2/repositories/a/b/tags/..", "/v2/repositories/A/B/tags"}) {
    EXPECT_GE(As("owner", "GET", path).status, 400) << path;
    EXPECT_LT(As("owner", "GET", path).status, 500) << path;
  }
}

}  // namespace
}  // namespace portolan::server
