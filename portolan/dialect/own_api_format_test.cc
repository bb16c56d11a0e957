// The texts of the vendors' own APIs.
#include <string>

#include <gtest/gtest.h>

#include "portolan/dialect/hub_format.h"
#include "portolan/dialect/packages_format.h"
#include "portolan/dialect/quay_format.h"

namespace portolan::dialect {
namespace {

constexpr std::int64_t kTime = 1'679'982'593'456;  // 28 March 2023, 05:49:53

oci::Digest DigestOf(char c) { return oci::Digest::Parse("sha256:" + std::string(64, c)).value(); }

TagFacts Tag() {
  return {
      .name = "1.0",
      .id = 7,
      .digest = DigestOf('a'),
      .media_type = std::string(oci::kImageIndexType),
      .set = kTime,
      .pushed = kTime + 1000,
      .by = "kim",
      .manifest = {.is_index = true,
                   .images = {{.digest = DigestOf('b'),
                               .platform = {.os = "linux", .architecture = "arm", .variant = "v7"},
                               .size = 12}},
                   .size = 12}};
}

RepositoryFacts Repository() {
  return {.id = 3,
          .ns = "team",
          .name = "group/app",
          .is_public = false,
          .manifests = 2,
          .bytes = 99,
          .first = kTime,
          .last = kTime + 60'000,
          .media_type = "a/b",
          .rights = {.read = true, .write = true, .admin = false}};
}

TEST(HubFormatTest, Tags) {
  const std::string user = std::to_string(NumberFor("kim"));
  EXPECT_EQ(
      hub::TagObject(Tag(), 3),
      R"({"creator":)" + user +
          R"(,"id":7,"images":[{"architecture":"arm","features":"","variant":"v7","digest":"sha256:)" +
          std::string(64, 'b') +
          R"(","os":"linux","os_features":"","os_version":null,"size":12,"status":"active","last_pulled":null,"last_pushed":"2023-03-28T05:49:54.456000Z"}],"last_updated":"2023-03-28T05:49:53.456000Z","last_updater":)" +
          user +
          R"(,"last_updater_username":"kim","name":"1.0","repository":3,"full_size":12,"v2":true,"tag_status":"active","tag_last_pulled":null,"tag_last_pushed":"2023-03-28T05:49:54.456000Z","media_type":"application/vnd.oci.image.index.v1+json","content_type":"image","digest":"sha256:)" +
          std::string(64, 'a') + R"("})");
}

TEST(HubFormatTest, Repositories) {
  const std::string item = hub::RepositoryItem(Repository());
  EXPECT_TRUE(item.starts_with(
      R"({"name":"group/app","namespace":"team","repository_type":"image","status":1,)"))
      << item;
  EXPECT_TRUE(item.contains(R"("is_private":true,"star_count":0,"pull_count":0,)")) << item;
  EXPECT_TRUE(item.contains(R"("media_types":["a/b"],"content_types":["image"])")) << item;
  EXPECT_TRUE(item.ends_with(R"("storage_size":99})")) << item;
  const std::string object = hub::RepositoryObject(Repository());
  EXPECT_TRUE(object.contains(R"("permissions":{"read":true,"write":true,"admin":false})"))
      << object;
  EXPECT_TRUE(object.contains(
      R"("last_updated":"2023-03-28T05:50:53.456000Z","last_modified":"2023-03-28T05:50:53.456000Z","date_registered":"2023-03-28T05:49:53.456000Z")"))
      << object;
}

TEST(HubFormatTest, Pages) {
  EXPECT_EQ(hub::PageText({.count = 3,
                           .next = "https://h/v2/x?page=3&page_size=1",
                           .previous = "https://h/v2/x?page=1&page_size=1",
                           .results = {"{}", "{}"}}),
            R"({"count":3,"next":"https://h/v2/x?page=3\u0026page_size=1",)"
            R"("previous":"https://h/v2/x?page=1\u0026page_size=1","results":[{},{}]})");
  EXPECT_EQ(hub::PageText({}), R"({"count":0,"next":null,"previous":null,"results":[]})");
  EXPECT_EQ(hub::Namespaces({"a", "b"}), R"({"namespaces":["a","b"]})");
  EXPECT_EQ(hub::Message(404, "object not found").body,
            R"({"message":"object not found","errinfo":{}})");
}

TEST(QuayFormatTest, TagPages) {
  const quay::TagEntry alive{.name = "v1",
                             .start = kTime,
                             .end = {},
                             .digest = DigestOf('a'),
                             .is_list = false,
                             .size = 12345};
  quay::TagEntry gone = alive;
  gone.name = "v0";
  gone.end = kTime + 1000;
  gone.is_list = true;
  gone.size.reset();
  const std::string a = std::string(64, 'a');
  EXPECT_EQ(
      quay::TagPage(std::vector{alive, gone}, 1, false),
      R"({"tags": [{"name": "v1", "reversion": false, "start_ts": 1679982593, "manifest_digest": "sha256:)" +
          a +
          R"(", "is_manifest_list": false, "size": 12345, "last_modified": "Tue, 28 Mar 2023 05:49:53 -0000"}, {"name": "v0", "reversion": false, "start_ts": 1679982593, "end_ts": 1679982594, "manifest_digest": "sha256:)" +
          a +
          R"(", "is_manifest_list": true, "size": null, "last_modified": "Tue, 28 Mar 2023 05:49:53 -0000", "expiration": "Tue, 28 Mar 2023 05:49:54 -0000"}], "page": 1, "has_additional": false})"
          "\n");
  EXPECT_EQ(quay::TagPage({}, 2, true), "{\"tags\": [], \"page\": 2, \"has_additional\": true}\n");
}

TEST(QuayFormatTest, Repositories) {
  EXPECT_EQ(
      quay::RepositoryItem(Repository(),
                           {.last_modified = true, .popularity = true, .starred = true}),
      R"({"namespace": "team", "name": "group/app", "description": null, "is_public": false, "kind": "image", "state": "NORMAL", "last_modified": 1679982653, "popularity": 0.0, "is_starred": false})");
  EXPECT_EQ(quay::RepositoryPage(std::vector<std::string>{"{}", "{}"}, "gAAA"),
            "{\"repositories\": [{}, {}], \"next_page\": \"gAAA\"}\n");
  const std::string object =
      quay::RepositoryObject(Repository(), {.is_organization = true,
                                            .tag_expiration = 1'209'600,
                                            .tags = std::vector<quay::TagEntry>(),
                                            .stats_until = kTime});
  EXPECT_TRUE(object.starts_with(
      R"({"namespace": "team", "name": "group/app", "kind": "image", "description": null, "is_public": false, "is_organization": true, "is_starred": false, "status_token": "", "trust_enabled": false, "tag_expiration_s": 1209600, "is_free_account": false, "state": "NORMAL", "tags": {}, "can_write": true, "can_admin": false, "stats": [{"date": "2023-03-27", "count": 0}, )"))
      << object;
}

TEST(QuayFormatTest, ErrorsAndTruth) {
  EXPECT_EQ(
      quay::Problem(401, "invalid_token", "Requires authentication").body,
      R"({"detail": "Requires authentication", "error_message": "Requires authentication", "error_type": "invalid_token", "title": "invalid_token", "type": "https://quay.io/api/v1/error/invalid_token", "status": 401})"
      "\n");
  EXPECT_EQ(quay::BadParameter("limit", "Help.").body, "{\"message\": {\"limit\": \"Help.\"}}\n");
  for (const char* const no : {"false", "False", "FALSE", "0", "", "null"}) {
    EXPECT_FALSE(quay::IsTrue(no)) << no;
  }
  for (const char* const yes : {"true", "1", "no", "fAlse"}) EXPECT_TRUE(quay::IsTrue(yes)) << yes;
}

TEST(PackagesFormatTest, Packages) {
  const packages::Owner owner{.login = "team", .is_organization = true, .base = "https://h"};
  const std::string id = std::to_string(NumberFor("team"));
  const std::string object = packages::PackageObject(Repository(), owner);
  EXPECT_TRUE(object.starts_with(
      R"({"id":3,"name":"group/app","package_type":"container","owner":{"login":"team","id":)" +
      id + R"(,"node_id":)"))
      << object;
  EXPECT_TRUE(object.contains(R"("following_url":"https://h/users/team/following{/other_user}")"))
      << object;
  EXPECT_TRUE(object.ends_with(
      R"("type":"Organization","site_admin":false},"version_count":2,"visibility":"private","url":"https://h/orgs/team/packages/container/group%2Fapp","created_at":"2023-03-28T05:49:53Z","updated_at":"2023-03-28T05:50:53Z","html_url":"https://github.com/orgs/team/packages/container/package/group%2Fapp"})"))
      << object;
}

TEST(PackagesFormatTest, Versions) {
  const packages::Owner owner{.login = "kim", .is_organization = false, .base = "https://h"};
  EXPECT_EQ(
      packages::VersionObject({.id = 8,
                               .digest = DigestOf('a'),
                               .created = kTime,
                               .updated = kTime,
                               .deleted = kTime + 1000,
                               .tags = {"1", "latest"}},
                              "app", owner),
      R"({"id":8,"name":"sha256:)" + std::string(64, 'a') +
          R"(","url":"https://h/users/kim/packages/container/app/versions/8","package_html_url":"https://github.com/users/kim/packages/container/package/app","created_at":"2023-03-28T05:49:53Z","updated_at":"2023-03-28T05:49:53Z","html_url":"https://github.com/users/kim/packages/container/app/8","deleted_at":"2023-03-28T05:49:54Z","metadata":{"package_type":"container","container":{"tags":["1","latest"]}}})");
}

TEST(PackagesFormatTest, Links) {
  const std::string url = "https://h/x?page=";
  EXPECT_EQ(packages::LinkOf({.page = 1, .more = false, .last = 1}, url), "");
  EXPECT_EQ(packages::LinkOf({.page = 1, .more = true, .last = 7}, url),
            "<https://h/x?page=2>; rel=\"next\", <https://h/x?page=7>; rel=\"last\"");
  EXPECT_EQ(packages::LinkOf({.page = 2, .more = true, .last = {}}, url),
            "<https://h/x?page=1>; rel=\"prev\", <https://h/x?page=3>; rel=\"next\", "
            "<https://h/x?page=1>; rel=\"first\"");
  EXPECT_EQ(packages::LinkOf({.page = 3, .more = false, .last = 3}, url),
            "<https://h/x?page=2>; rel=\"prev\", <https://h/x?page=1>; rel=\"first\"");
}

TEST(FactsTest, NumbersOfNames) {
  EXPECT_EQ(NumberFor(""), 0);
  EXPECT_GT(NumberFor("kim"), 0);
  EXPECT_EQ(NumberFor("kim"), NumberFor("kim"));
  EXPECT_NE(NumberFor("kim"), NumberFor("kin"));
}

}  // namespace
}  // namespace portolan::dialect
