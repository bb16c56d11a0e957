// The shapes are those of dialects.md, §1.5, §2.5 and §3.7.
#include "portolan/wire/vendor_tags.h"

#include <string>

#include <gtest/gtest.h>

#include "portolan/base/date.h"

namespace portolan::wire {
namespace {

const std::string kDigest = "sha256:" + std::string(64, 'a');
const std::string kOther = "sha256:" + std::string(64, 'b');

TEST(VendorTags, DockerHub) {
  const auto page = ParseHubTags(
      R"({"count":1755,"next":"https://registry.hub.docker.com/v2/repositories/library/debian/tags?page=2\u0026page_size=2","previous":null,
"results":[{"creator":621950,"id":5956353,
 "images":[{"architecture":"arm","features":"","variant":"v7","digest":")" +
      kOther +
      R"(","os":"linux","os_features":"","os_version":null,"size":29124691,"status":"active","last_pulled":"2023-06-15T01:02:03.456789Z","last_pushed":"2023-06-14T01:02:03Z"},
  {"architecture":"unknown","os":"unknown","variant":null,"size":null}, 7],
 "last_updated":"2023-06-14T01:02:03.456789Z","name":"unstable-slim","repository":6315,"full_size":29124691,"v2":true,
 "tag_status":"active","tag_last_pulled":"2023-06-15T01:02:03Z","tag_last_pushed":"2023-06-14T05:00:00Z",
 "media_type":"application/vnd.docker.distribution.manifest.list.v2+json","content_type":"image","digest":")" +
      kDigest + R"("},
 {"name":"old","image_id":null,"images":[],"full_size":5,"last_updated":"2021-01-01T00:00:00Z"}]})");
  ASSERT_TRUE(page) << page.error().message;
  EXPECT_EQ(
      page->next,
      "https://registry.hub.docker.com/v2/repositories/library/debian/tags?page=2&page_size=2");
  ASSERT_EQ(page->tags.size(), 2U);
  const VendorTag& tag = page->tags[0];
  EXPECT_EQ(tag.name, "unstable-slim");
  EXPECT_EQ(tag.digest->text(), kDigest);
  EXPECT_EQ(tag.media_type, "application/vnd.docker.distribution.manifest.list.v2+json");
  EXPECT_EQ(tag.size, 29124691U);
  EXPECT_EQ(FormatDate(*tag.pushed), "2023-06-14T05:00:00Z");
  ASSERT_EQ(tag.images.size(), 2U);
  EXPECT_EQ(tag.images[0].platform,
            (oci::Platform{.os = "linux", .architecture = "arm", .variant = "v7"}));
  EXPECT_EQ(tag.images[0].digest->text(), kOther);
  EXPECT_EQ(tag.images[0].size, 29124691U);
  EXPECT_EQ(tag.images[1].size, std::nullopt);
  EXPECT_FALSE(page->tags[1].digest);
  EXPECT_EQ(FormatDate(*page->tags[1].pushed), "2021-01-01T00:00:00Z");
}

TEST(VendorTags, QuayLeavesHistoryOut) {
  const std::string body =
      R"({"tags": [{"name": "v1", "reversion": false, "start_ts": 1679982593, "manifest_digest": ")" +
      kDigest +
      R"(", "is_manifest_list": false, "size": 12345, "last_modified": "Tue, 28 Mar 2023 05:49:53 -0000"},
 {"name": "v0", "start_ts": 1, "end_ts": 2, "manifest_digest": ")" +
      kDigest +
      R"(", "is_manifest_list": true, "size": null},
 {"name": "soon", "start_ts": 99999999999, "end_ts": 9999999999, "manifest_digest": "x", "size": -1}], "page": 1, "has_additional": true})";
  const auto page = ParseQuayTags(body, *ParseDate("2023-03-28T06:00:00Z"));
  ASSERT_TRUE(page) << page.error().message;
  EXPECT_TRUE(page->more);
  ASSERT_EQ(page->tags.size(), 2U);
  EXPECT_EQ(page->tags[0].name, "v1");
  EXPECT_EQ(page->tags[0].digest->text(), kDigest);
  EXPECT_EQ(page->tags[0].size, 12345U);
  EXPECT_EQ(FormatDate(*page->tags[0].pushed), "2023-03-28T05:49:53Z");
  EXPECT_EQ(page->tags[1], VendorTag{.name = "soon"});
}

TEST(VendorTags, GitHubsVersionsAreManifests) {
  const auto versions = ParsePackageVersions(
      R"([{"id":836,"name":")" + kDigest +
      R"(","url":"https://api.github.com/orgs/octo-org/packages/container/hello_docker/versions/836",
"created_at":"2020-05-19T22:19:11Z","updated_at":"2020-05-20T22:19:11Z",
"metadata":{"package_type":"container","container":{"tags":["latest","1.0",5]}}},
{"id":835,"name":"latest","metadata":{"container":{"tags":[]}}}, null])");
  ASSERT_TRUE(versions) << versions.error().message;
  ASSERT_EQ(versions->size(), 2U);
  EXPECT_EQ((*versions)[0].id, 836);
  EXPECT_EQ((*versions)[0].digest->text(), kDigest);
  EXPECT_EQ(FormatDate(*(*versions)[0].created), "2020-05-19T22:19:11Z");
  EXPECT_EQ((*versions)[0].tags, (std::vector<std::string>{"latest", "1.0"}));
  EXPECT_FALSE((*versions)[1].digest);
  EXPECT_TRUE((*versions)[1].tags.empty());
}

TEST(VendorTags, WhatIsNoPage) {
  for (const std::string body : {"", "null", "[]", "{}", "<html>", "{\"results\":5,\"tags\":{}}",
                                 "{\"results\":[", "\xff"}) {
    SCOPED_TRACE(body);
    EXPECT_EQ(
        ParseHubTags(body).has_value() ? ErrorCode::kInternal : ParseHubTags(body).error().code,
        ErrorCode::kProtocol);
    EXPECT_FALSE(ParseQuayTags(body, {}));
    EXPECT_EQ(ParsePackageVersions(body).has_value(), body == "[]");
  }
  EXPECT_FALSE(ParsePackageVersions(std::string(40, '[') + std::string(40, ']')));
}

TEST(VendorTags, DockerHubsLogin) {
  EXPECT_EQ(HubLoginBody("ann", "a\"b"), R"({"identifier":"ann","secret":"a\"b"})");
  EXPECT_EQ(ParseHubLogin(R"({"access_token":"t"})"), "t");
  EXPECT_EQ(ParseHubLogin(R"({"token":"u"})"), "u");
  EXPECT_EQ(ParseHubLogin(R"({"detail":"Incorrect authentication credentials"})"), "");
  EXPECT_EQ(ParseHubLogin("[]"), "");
}

}  // namespace
}  // namespace portolan::wire
