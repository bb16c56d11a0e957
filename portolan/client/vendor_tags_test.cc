// Tags from vendors' own APIs, each as it answers (dialects.md §1.5, §2.5, §3.7).
#include "portolan/client/vendor_tags.h"

#include <gtest/gtest.h>

#include "portolan/base/date.h"
#include "portolan/client/testing/client_fixture.h"
#include "portolan/client/vendor_api.h"

namespace portolan::client {
namespace {

const std::string kA = "sha256:" + std::string(64, 'a');
const std::string kB = "sha256:" + std::string(64, 'b');

class VendorTagsTest : public testing::Test {
 protected:
  // Lists the tags of `reference`.
  Result<TagList> List(std::string_view reference,
                       TagSourceChoice choice = TagSourceChoice::kVendor) {
    return world_.loop.Run([&]() -> async::Task<Result<TagList>> {
      PORTOLAN_CO_CHECK(co_await Open(reference, choice));
      Result<TagList> list = co_await source_->List({});
      name_ = source_->name();
      co_return list;
    }());
  }
  Status Delete(std::string_view reference, std::string_view tag,
                TagSourceChoice choice = TagSourceChoice::kVendor) {
    return world_.loop.Run([&]() -> async::Task<Status> {
      PORTOLAN_CO_CHECK(co_await Open(reference, choice));
      co_return co_await source_->Delete(oci::Tag::Parse(tag).value());
    }());
  }
  async::Task<Status> Open(std::string_view reference, TagSourceChoice choice) {
    source_.reset();
    const oci::Reference parsed = oci::Reference::Parse(reference).value();
    repository_ = world_.registries().Open(parsed);
    PORTOLAN_CO_TRY(source_, co_await world_.registries().OpenTags(parsed, *repository_, choice));
    co_return Status();
  }
  static std::string HubPage(std::string_view tag, std::string_view next) {
    return R"({"count":2,"next":)" + (next.empty() ? "null" : "\"" + std::string(next) + "\"") +
           R"(,"previous":null,"results":[{"name":")" + std::string(tag) + R"(","digest":")" + kA +
           R"(","full_size":10,"tag_last_pushed":"2023-06-14T05:00:00Z","images":[{"os":"linux","architecture":"amd64","variant":null,"size":7,"digest":")" +
           kB + R"("}]}]})";
  }
  static std::string Version(int id, std::string_view digest, std::string_view tags) {
    return R"([{"id":)" + std::to_string(id) + R"(,"name":")" + std::string(digest) +
           R"(","created_at":"2020-05-19T22:19:11Z","metadata":{"container":{"tags":[)" +
           std::string(tags) + "]}}}]";
  }
  std::string Authorization(std::size_t index) {
    return std::string(world_.registry.requests().at(index).headers.Get("Authorization"));
  }

  static constexpr const char* kHub = "https://hub.docker.com/v2/repositories/library/x/tags";
  static constexpr const char* kGitHub = "https://api.github.com/orgs/o/packages/container/";

  ClientFixture world_;
  std::unique_ptr<repo::Repository> repository_;
  std::unique_ptr<TagSource> source_;
  std::string name_;
};

TEST_F(VendorTagsTest, DockerHubPageByPage) {
  world_.registry.On("GET", std::string(kHub) + "?page_size=100")
      .Reply(200, HubPage("b", std::string(kHub) + R"(?page=2\u0026page_size=100)"));
  world_.registry.On("GET", std::string(kHub) + "?page=2&page_size=100")
      .Reply(200, HubPage("a", ""));
  const auto list = List("docker.io/library/x");
  ASSERT_TRUE(list) << list.error().message;
  EXPECT_EQ(name_, "docker-hub");
  ASSERT_EQ(list->rows.size(), 2U);
  EXPECT_EQ(list->rows[0].tag, "b");
  EXPECT_EQ(list->rows[0].digest->text(), kA);
  EXPECT_EQ(FormatDate(*list->rows[0].pushed), "2023-06-14T05:00:00Z");
  EXPECT_EQ(list->rows[0].images[0].size, 7U);
  EXPECT_EQ(Authorization(0), "");
}

TEST_F(VendorTagsTest, DockerHubAsSomebody) {
  world_.UsePassword("ann", "pass");
  world_.registry.On("POST", "https://hub.docker.com/v2/auth/token")
      .Reply(200, R"({"access_token":"one"})")
      .Reply(200, R"({"access_token":"two"})");
  world_.registry.On("GET", std::string(kHub) + "?page_size=100")
      .Authorized("")
      .Reply(404, R"({"message":"object not found","errinfo":{}})");
  world_.registry.On("GET", std::string(kHub) + "?page_size=100")
      .Authorized("Bearer one")
      .Reply(200, HubPage("b", std::string(kHub) + "?page=2"));
  world_.registry.On("GET", std::string(kHub) + "?page=2")
      .Authorized("Bearer one")
      .Reply(401, "{}");  // it has ended
  world_.registry.On("GET", std::string(kHub) + "?page=2")
      .Authorized("Bearer two")
      .Reply(200, HubPage("a", ""));
  const auto list = List("docker.io/library/x");
  ASSERT_TRUE(list) << list.error().message;
  EXPECT_EQ(list->rows.size(), 2U);
  EXPECT_EQ(world_.registry.bodies()[1], R"({"identifier":"ann","secret":"pass"})");
}

TEST_F(VendorTagsTest, WhatIsPublicNeedsNoLogin) {
  world_.UsePassword("ann", "pass");
  world_.registry.On("GET", std::string(kHub) + "?page_size=100").Reply(200, HubPage("a", ""));
  ASSERT_TRUE(List("docker.io/library/x"));
  EXPECT_EQ(Authorization(0), "");
  EXPECT_EQ(world_.registry.requests().size(), 1U);
}

TEST_F(VendorTagsTest, ALoginSeesMoreThanAThousand) {
  world_.UsePassword("ann", "pass");
  world_.registry.On("POST", "https://hub.docker.com/v2/auth/token")
      .Reply(200, R"({"access_token":"one"})");
  world_.registry.On("GET", std::string(kHub) + "?page_size=100")
      .Reply(200, HubPage("b", std::string(kHub) + "?page=2"));
  world_.registry.On("GET", std::string(kHub) + "?page=2").Authorized("").Reply(403, "{}");
  world_.registry.On("GET", std::string(kHub) + "?page=2")
      .Authorized("Bearer one")
      .Reply(200, HubPage("a", ""));
  const auto list = List("docker.io/library/x");
  ASSERT_TRUE(list) << list.error().message;
  EXPECT_EQ(list->rows.size(), 2U);
  EXPECT_FALSE(list->incomplete);
}

TEST_F(VendorTagsTest, ARefusedLoginIsTold) {
  world_.UsePassword("ann", "wrong");
  world_.registry.On("GET", std::string(kHub) + "?page_size=100")
      .Authorized("")
      .Reply(404, R"({"message":"object not found","errinfo":{}})");
  world_.registry.On("POST", "https://hub.docker.com/v2/auth/token")
      .Reply(401, R"({"detail":"Incorrect authentication credentials"})");
  const auto list = List("docker.io/library/x");
  ASSERT_FALSE(list);
  EXPECT_EQ(list.error().code, ErrorCode::kUnauthorized);
  EXPECT_FALSE(list.error().message.contains("wrong"));
}

TEST_F(VendorTagsTest, CredentialsNeverGoToAnotherHost) {
  world_.UsePassword("ann", "pass");
  world_.registry.On("GET", std::string(kHub) + "?page_size=100")
      .Authorized("")
      .Reply(404, R"({"message":"object not found","errinfo":{}})");
  world_.registry.On("POST", "https://hub.docker.com/v2/auth/token")
      .Reply(200, R"({"access_token":"one"})");
  world_.registry.On("GET", std::string(kHub) + "?page_size=100")
      .Reply(200, HubPage("b", "https://evil.test/v2/repositories/library/x/tags?page=2"));
  const auto list = List("docker.io/library/x");
  ASSERT_FALSE(list);
  EXPECT_EQ(list.error().code, ErrorCode::kUnsafeTarget);
  EXPECT_EQ(world_.registry.CountOf("evil.test"), 0);
}

TEST_F(VendorTagsTest, PagesThatDoNotEnd) {
  world_.registry.On("GET", std::string(kHub) + "?page_size=100")
      .Reply(200, HubPage("b", std::string(kHub) + "?page_size=100"));
  EXPECT_EQ(List("docker.io/library/x").error().code, ErrorCode::kProtocol);
  // Quay's have no address: a page without tags is the last.
  const std::string quay = "https://quay.io/api/v1/repository/a/b/tag/?limit=100&page=";
  world_.registry.On("GET", quay + "1&onlyActiveTags=true")
      .Reply(200, R"({"tags":[],"has_additional":true})");
  EXPECT_TRUE(List("quay.io/a/b"));
}

TEST_F(VendorTagsTest, WhatStrangersAreNotToldComesFromTheRegistry) {
  world_.registry.On("GET", std::string(kHub) + "?page_size=100")
      .Reply(200, HubPage("b", std::string(kHub) + "?page=2"));
  world_.registry.On("GET", std::string(kHub) + "?page=2")
      .Reply(
          403,
          R"({"message":"pagination offset too large for anonymous requests; sign in to page further","errinfo":{}})");
  world_.registry.On("GET", "https://registry-1.docker.io/v2/library/x/tags/list?n=1000")
      .Reply(200, TagsJson("library/x", {"a", "b", "c"}));
  const auto list = List("docker.io/library/x", TagSourceChoice::kAuto);
  ASSERT_TRUE(list) << list.error().message;
  ASSERT_EQ(list->rows.size(), 3U);
  EXPECT_TRUE(list->rows[0].digest);
  EXPECT_EQ(list->rows[1].tag, "a");
  EXPECT_FALSE(list->rows[1].digest);
  EXPECT_FALSE(list->incomplete);
  EXPECT_TRUE(world_.Warned("without a login"));
}

TEST_F(VendorTagsTest, AVendorThatDoesNotAnswerIsNoReasonToFail) {
  world_.registry.On("GET", std::string(kHub) + "?page_size=100").Reply(200, "<html>");
  world_.registry.On("GET", "https://registry-1.docker.io/v2/library/x/tags/list?n=1000")
      .Reply(200, TagsJson("library/x", {"a"}));
  const auto list = List("docker.io/library/x", TagSourceChoice::kAuto);
  ASSERT_TRUE(list) << list.error().message;
  EXPECT_EQ(name_, "v2");
  EXPECT_TRUE(world_.Warned("own API"));
}

TEST_F(VendorTagsTest, GitHubNeedsAToken) {
  const auto refused = List("ghcr.io/o/x");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kUnauthorized);
  EXPECT_TRUE(refused.error().hint.contains("GITHUB_TOKEN"));
  EXPECT_TRUE(world_.registry.requests().empty());
  world_.registry.On("GET", "https://ghcr.io/v2/o/x/tags/list?n=1000")
      .Reply(200, TagsJson("o/x", {"a"}));
  ASSERT_TRUE(List("ghcr.io/o/x", TagSourceChoice::kAuto));
  EXPECT_EQ(name_, "v2");
}

TEST_F(VendorTagsTest, GitHubByLinks) {
  world_.environment.variables["GH_TOKEN"] = "ghp";
  const std::string first = std::string(kGitHub) + "x%2Fy/versions?per_page=100&state=active";
  const std::string second = "https://api.github.com/organizations/1/packages?page=2";
  world_.registry.On("GET", first)
      .Reply(200,
             {{"Link",
               "<" + second + R"(>; rel="next", <https://api.github.com/x?page=7>; rel="last")"}},
             Version(1, kA, R"("latest","1.0")"));
  world_.registry.On("GET", second).Reply(200, Version(2, kB, R"("0.9")"));
  const auto list = List("ghcr.io/o/x/y");
  ASSERT_TRUE(list) << list.error().message;
  ASSERT_EQ(list->rows.size(), 3U);
  EXPECT_EQ(list->rows[1].tag, "1.0");
  EXPECT_EQ(list->rows[1].digest->text(), kA);
  EXPECT_EQ(list->rows[2].digest->text(), kB);
  EXPECT_EQ(Authorization(0), "Bearer ghp");
}

TEST_F(VendorTagsTest, AnOwnerMayBeAUser) {
  world_.LogIn("ghcr.io", "ann", "ghp");
  world_.registry.On("GET", std::string(kGitHub) + "x/versions?per_page=100&state=active")
      .Reply(404, R"({"message":"Not Found"})");
  world_.registry
      .On("GET",
          "https://api.github.com/users/o/packages/container/x/versions?per_page=100&state=active")
      .Reply(200, Version(1, kA, R"("latest")"));
  ASSERT_TRUE(List("ghcr.io/o/x"));
  EXPECT_EQ(Authorization(1), "Bearer ghp");
}

TEST_F(VendorTagsTest, GitHubsVersionGoesOnlyWithOneTag) {
  world_.environment.variables["GITHUB_TOKEN"] = "ghp";
  const std::string versions = std::string(kGitHub) + "x/versions";
  world_.registry.On("GET", versions + "?per_page=100&state=active")
      .Reply(200, Version(1, kA, R"("latest","1.0")"))
      .Reply(200, Version(7, kA, R"("latest")"))
      .Reply(200, Version(7, kA, R"("other")"));
  world_.registry.On("DELETE", versions + "/7").Reply(204, "");
  const Status refused = Delete("ghcr.io/o/x", "latest");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kUnsupported);
  EXPECT_TRUE(refused.error().message.contains("1.0")) << refused.error().message;
  EXPECT_TRUE(Delete("ghcr.io/o/x", "latest"));
  EXPECT_EQ(Delete("ghcr.io/o/x", "latest").error().code, ErrorCode::kManifestUnknown);
}

TEST_F(VendorTagsTest, Quay) {
  const std::string quay = "https://quay.io/api/v1/repository/a/b/tag/?limit=100&page=";
  world_.registry.On("GET", quay + "1&onlyActiveTags=true")
      .Reply(
          200,
          R"({"tags": [{"name": "v1", "start_ts": 1679982593, "manifest_digest": ")" + kA +
              R"(", "size": 12345}, {"name": "no tag", "start_ts": 1}], "page": 1, "has_additional": true})");
  world_.registry.On("GET", quay + "2&onlyActiveTags=true")
      .Reply(
          200,
          R"({"tags": [{"name": "v1"}, {"name": "v0", "size": null}], "has_additional": false})");
  const auto list = List("quay.io/a/b");
  ASSERT_TRUE(list) << list.error().message;
  ASSERT_EQ(list->rows.size(), 2U);
  EXPECT_EQ(list->rows[0].size, 12345U);
  EXPECT_EQ(FormatDate(*list->rows[0].pushed), "2023-03-28T05:49:53Z");
  EXPECT_EQ(list->invalid, (std::vector<std::string>{"no tag"}));
}

TEST_F(VendorTagsTest, QuayTakesOnlyOAuthTokens) {
  world_.UsePassword("a+robot", "secret");
  const std::string url =
      "https://quay.io/api/v1/repository/a/b/tag/?limit=100&page=1&onlyActiveTags=true";
  world_.registry.On("GET", url).Reply(200, R"({"tags":[]})");
  ASSERT_TRUE(List("quay.io/a/b"));
  EXPECT_EQ(Authorization(0), "");
  EXPECT_EQ(Delete("quay.io/a/b", "t").error().code, ErrorCode::kUnauthorized);
  world_.environment.variables["QUAY_TOKEN"] = "oauth";
  ASSERT_TRUE(List("quay.io/a/b"));
  EXPECT_EQ(Authorization(1), "Bearer oauth");
  world_.registry.On("DELETE", "https://quay.io/api/v1/repository/a/b/tag/t").Reply(204, "");
  EXPECT_TRUE(Delete("quay.io/a/b", "t"));
}

TEST_F(VendorTagsTest, NobodyIsToldWhoAsksWhereThatWasSaid) {
  world_.options.anonymous = true;
  world_.environment.variables["QUAY_TOKEN"] = "oauth";
  world_.registry
      .On("GET", "https://quay.io/api/v1/repository/a/b/tag/?limit=100&page=1&onlyActiveTags=true")
      .Reply(200, R"({"tags":[]})");
  ASSERT_TRUE(List("quay.io/a/b"));
  EXPECT_EQ(Authorization(0), "");
}

TEST_F(VendorTagsTest, DeletingAsksTheRegistryFirst) {
  world_.UsePassword("ann", "pass");
  world_.registry.On("DELETE", "https://registry-1.docker.io/v2/library/x/manifests/t")
      .Reply(405, R"({"errors":[{"code":"UNSUPPORTED"}]})");
  world_.registry.On("DELETE", std::string(kHub) + "/t/").Authorized("").Reply(401, "{}");
  world_.registry.On("POST", "https://hub.docker.com/v2/auth/token")
      .Reply(200, R"({"access_token":"one"})");
  world_.registry.On("DELETE", std::string(kHub) + "/t/").Authorized("Bearer one").Reply(204, "");
  EXPECT_TRUE(Delete("docker.io/library/x", "t", TagSourceChoice::kAuto));
}

// Nobody can log in to it as to a registry.
TEST(VendorErrorTest, HintsAreOfAnApi) {
  const auto hint = [](int status) {
    return VendorError({.status = status, .headers = {}, .body = {}}, "tags of https://api.test/x")
        .hint;
  };
  for (const int status : {401, 403}) {
    EXPECT_TRUE(hint(status).contains("the token or password that this API was shown")) << status;
  }
  EXPECT_EQ(hint(429), "wait before trying again");
  EXPECT_TRUE(hint(500).contains("try again later"));
}

TEST_F(VendorTagsTest, AnInstallationOfOnesOwn) {
  world_.environment.variables["PORTOLAN_TAG_APIS"] =
      " ghcr.io=none, quay.corp.test:8443=quay:https://api.corp.test/quay/";
  world_.registry
      .On("GET",
          "https://api.corp.test/quay/api/v1/repository/a/b/tag/"
          "?limit=100&page=1&onlyActiveTags=true")
      .Reply(200, R"({"tags":[]})");
  EXPECT_TRUE(List("quay.corp.test:8443/a/b"));
  EXPECT_EQ(List("ghcr.io/o/x").error().code, ErrorCode::kUnsupported);
  EXPECT_EQ(List("other.test/o/x").error().code, ErrorCode::kUnsupported);
  for (const char* wrong : {"quay", "quay.io=", "quay.io=gitea:https://x", "quay.io=quay:ftp://x",
                            "a b=quay", "quay.io=quay:https://x?y"}) {
    SCOPED_TRACE(wrong);
    world_.environment.variables["PORTOLAN_TAG_APIS"] = wrong;
    EXPECT_EQ(List("quay.io/a/b").error().code, ErrorCode::kConfigInvalid);
  }
}

// Docker Hub counts pulls, under whatever name it is reached.
TEST_F(VendorTagsTest, AnotherDockerHubCountsToo) {
  world_.environment.variables["PORTOLAN_TAG_APIS"] =
      "hub.test=docker-hub:https://hub.test, quay.test=quay:https://quay.test";
  const auto counted = [&](std::string_view reference) {
    EXPECT_TRUE(world_.loop.Run(Open(reference, TagSourceChoice::kAuto)));
    return source_->manifests_are_counted();
  };
  EXPECT_TRUE(counted("docker.io/library/x"));
  EXPECT_TRUE(counted("hub.test/library/x"));
  EXPECT_FALSE(counted("quay.test/a/b"));
}

TEST_F(VendorTagsTest, WhoHasMirrorsIsListedByThem) {
  world_.Configure(
      "[[registry]]\nlocation = \"quay.io\"\n[[registry.mirror]]\nlocation = \"m.test\"\n");
  world_.registry.On("GET", "https://m.test/v2/a/b/tags/list?n=1000")
      .Reply(200, TagsJson("a/b", {"1"}));
  ASSERT_TRUE(List("quay.io/a/b", TagSourceChoice::kAuto));
  EXPECT_EQ(name_, "v2");
}

}  // namespace
}  // namespace portolan::client
