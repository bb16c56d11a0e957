// The rows of the matrix on manifests, uploads and mounts whose raw answer is given as it came:
// a raw request shows what the registry said, and repairs nothing.
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "portolan/client/testing/raw_exchange.h"

namespace portolan::client {
namespace {

using Names = std::vector<std::string>;

constexpr const char* kRepository = "https://r.test/v2/a/b/";
constexpr const char* kUpload = "blobs/uploads/5f3a?_state=x%3D%3D";
constexpr const char* kDigest =
    "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
constexpr const char* kOciManifest = "application/vnd.oci.image.manifest.v1+json";

struct PassRow {
  const char* name;
  const char* method;
  std::string path;
  std::optional<std::string> sent;  ///< the request's body
  int status;
  http::Headers headers;
  std::string body;
};

void PrintTo(const PassRow& row, std::ostream* out) { *out << row.name; }

std::string RowName(const testing::TestParamInfo<PassRow>& info) { return info.param.name; }

class RawPassThroughTest : public testing::TestWithParam<PassRow> {};

// One request, and its answer as it came: no second try in another form, no header added or lost,
// and no byte of a body changed, though a digest may be over it.
TEST_P(RawPassThroughTest, IsGivenAsItCame) {
  const PassRow& row = GetParam();
  ClientFixture world;
  const std::string url = kRepository + row.path;
  world.registry.On(row.method, url).Reply(row.status, row.headers, row.body).InPieces(3);
  auto answer = SendRaw(world, "r.test/a/b", NewRaw(row.method, row.path, row.sent));
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_EQ(answer->response.status, row.status);
  EXPECT_EQ(answer->response.headers, row.headers);
  EXPECT_EQ(answer->url.ToString(), url);
  EXPECT_EQ(ReadBody(world, *answer).value_or("(broken off)"), row.body);
  EXPECT_EQ(world.registry.Story(), Names{std::string(row.method) + " " + url});
  EXPECT_EQ(world.registry.bodies()[0], row.sent.value_or(""));
  EXPECT_EQ(world.registry.requests()[0].content_length.has_value(), row.sent.has_value());
}

// --- manifests ---

constexpr const char* kImage = R"({"schemaVersion":2,"mediaType":)"
                               R"("application/vnd.oci.image.manifest.v1+json"} )"
                               "\r\n\n";

INSTANTIATE_TEST_SUITE_P(
    HeadOfManifest, RawPassThroughTest,
    testing::Values(
        PassRow{"Status405", "HEAD", "manifests/1", {}, 405, {{"Allow", "GET, PUT"}}, ""},
        PassRow{"Status403", "HEAD", "manifests/none", {}, 403, {{"Content-Length", "93"}}, ""},
        PassRow{"WithoutDigestHeader",
                "HEAD",
                "manifests/1",
                {},
                200,
                {{"Content-Type", kOciManifest}, {"Content-Length", "528"}},
                ""},
        PassRow{"WithDigestHeader",
                "HEAD",
                "manifests/1",
                {},
                200,
                {{"docker-content-digest", kDigest}, {"Content-Type", kOciManifest}},
                ""}),
    RowName);

INSTANTIATE_TEST_SUITE_P(
    GetOfManifest, RawPassThroughTest,
    testing::Values(
        PassRow{"ApplicationJson",
                "GET",
                "manifests/1",
                {},
                200,
                {{"Content-Type", "application/json"}, {"Docker-Content-Digest", kDigest}},
                kImage},
        PassRow{"ApplicationJsonWithCharset",
                "GET",
                "manifests/1",
                {},
                200,
                {{"Content-Type", "application/json; charset=utf-8"}},
                std::string("\xef\xbb\xbf") + kImage},
        PassRow{"NoContentType", "GET", "manifests/1", {}, 200, {}, kImage},
        PassRow{"TwoContentTypes",
                "GET",
                "manifests/1",
                {},
                200,
                {{"Content-Type", "text/plain"}, {"Content-Type", kOciManifest}},
                kImage},
        // A raw answer is not verified: the caller sees both the digest and what was sent for it.
        PassRow{"BodyOfAnotherDigest",
                "GET",
                std::string("manifests/") + kDigest,
                {},
                200,
                {{"Docker-Content-Digest", kDigest}},
                std::string("\0\xff not JSON", 11)},
        PassRow{"UnknownForTheAcceptedTypes",
                "GET",
                "manifests/1",
                {},
                404,
                {{"Content-Type", "application/json"}},
                R"({"errors":[{"code":"MANIFEST_UNKNOWN","message":"OCI manifest found"}]})"}),
    RowName);

INSTANTIATE_TEST_SUITE_P(
    ChangeOfManifest, RawPassThroughTest,
    testing::Values(PassRow{"PutWithoutDigestHeader",
                            "PUT",
                            "manifests/1",
                            kImage,
                            201,
                            {{"Location", "https://internal:5000/v2/a/b/manifests/1"}},
                            ""},
                    PassRow{"DeleteByTagRefused",
                            "DELETE",
                            "manifests/1",
                            {},
                            405,
                            {},
                            R"({"errors":[{"code":"UNSUPPORTED"}]})"},
                    PassRow{"DeleteAccepted", "DELETE", "manifests/1", {}, 202, {}, ""}),
    RowName);

TEST(RawManifestTest, AcceptIsSentAsGivenAndNoneIsAdded) {
  ClientFixture world;
  world.registry.On("GET", std::string(kRepository) + "manifests/1").Reply(200, "{}");
  RawRequest request = NewRaw("GET", "manifests/1");
  ASSERT_TRUE(SendRaw(world, "r.test/a/b", request));
  request.headers.Add("Accept", kOciManifest);
  request.headers.Add("Accept", "application/json;q=0.5, */*");
  ASSERT_TRUE(SendRaw(world, "r.test/a/b", request));
  EXPECT_FALSE(world.registry.requests()[0].headers.Has("Accept"));
  EXPECT_EQ(world.registry.requests()[1].headers.GetAll("Accept"),
            (std::vector<std::string_view>{kOciManifest, "application/json;q=0.5, */*"}));
}

// Half a manifest must not look like a whole one.
TEST(RawManifestTest, ATruncatedBodyIsAnError) {
  ClientFixture world;
  world.registry.On("GET", std::string(kRepository) + "manifests/1")
      .Reply(200, R"({"schemaVersion":)")
      .Truncated();
  auto answer = SendRaw(world, "r.test/a/b", NewRaw("GET", "manifests/1"));
  ASSERT_TRUE(answer);
  const auto body = ReadBody(world, *answer);
  ASSERT_FALSE(body) << *body;
  EXPECT_EQ(body.error().code, ErrorCode::kConnectFailed);
}

// --- uploads ---

constexpr const char* kRangeInvalid =
    R"({"errors":[{"code":"BLOB_UPLOAD_INVALID","message":"range out of order"}]})";
constexpr const char* kElsewhere = "https://storage.test/v2/a/b/blobs/uploads/5f3a?_state=s%2F";

INSTANTIATE_TEST_SUITE_P(
    StartOfUpload, RawPassThroughTest,
    testing::Values(
        PassRow{"LocationRelative",
                "POST",
                "blobs/uploads/",
                "",
                202,
                {{"Location", "/v2/a/b/blobs/uploads/5f3a?_state=x%3D%3D"},
                 {"Docker-Upload-UUID", "5f3a"},
                 {"Range", "0-0"}},
                ""},
        PassRow{"LocationAbsolute",
                "POST",
                "blobs/uploads/",
                "",
                202,
                {{"Location", "https://r.test/v2/a/b/blobs/uploads/5f3a?_state=%2b"}},
                ""},
        PassRow{"LocationWithWrongPortAndScheme",
                "POST",
                "blobs/uploads/",
                "",
                202,
                {{"Location", "http://r.test:5000/v2/a/b/blobs/uploads/5f3a"}},
                ""},
        PassRow{
            "LocationElsewhere", "POST", "blobs/uploads/", "", 202, {{"Location", kElsewhere}}, ""},
        PassRow{"WithoutBody", "POST", "blobs/uploads/", {}, 202, {{"Location", kElsewhere}}, ""},
        // A redirect of a request that changes something would carry its body to whoever is named.
        PassRow{"Redirected307",
                "POST",
                "blobs/uploads/",
                "",
                307,
                {{"Location", kElsewhere}},
                "moved"},
        PassRow{"Redirected303WithoutBody",
                "POST",
                "blobs/uploads/",
                {},
                303,
                {{"Location", "/v2/a/b/blobs/uploads/5f3a"}},
                ""}),
    RowName);

INSTANTIATE_TEST_SUITE_P(
    PatchOfUpload, RawPassThroughTest,
    testing::Values(
        PassRow{"Status201",
                "PATCH",
                kUpload,
                "chunk",
                201,
                {{"Location", "/v2/a/b/blobs/uploads/5f3a?_state=y"}, {"Range", "0-4"}},
                ""},
        PassRow{"Status202",
                "PATCH",
                kUpload,
                "chunk",
                202,
                {{"Location", "/v2/a/b/blobs/uploads/5f3a?_state=y"}, {"Range", "0-4"}},
                ""},
        PassRow{"StaleRange",
                "PATCH",
                kUpload,
                "second chunk",
                202,
                {{"Location", "/v2/a/b/blobs/uploads/5f3a?_state=y"}, {"Range", "0-4"}},
                ""},
        PassRow{"Status416",
                "PATCH",
                kUpload,
                "chunk",
                416,
                {{"Location", "/v2/a/b/blobs/uploads/5f3a?_state=x"}, {"Range", "0-1"}},
                kRangeInvalid},
        PassRow{"Status416Over4MiB",
                "PATCH",
                kUpload,
                std::string((4U << 20U) + 1, 'x'),
                416,
                {},
                "chunk too large"},
        PassRow{"Redirected307", "PATCH", kUpload, "chunk", 307, {{"Location", kElsewhere}}, ""}),
    RowName);

INSTANTIATE_TEST_SUITE_P(EndOfUpload, RawPassThroughTest,
                         testing::Values(PassRow{"Status201",
                                                 "PUT",
                                                 std::string(kUpload) + "&digest=" + kDigest,
                                                 "",
                                                 201,
                                                 {{"Location",
                                                   "https://internal:5000/v2/a/b/blobs/x"},
                                                  {"Docker-Content-Digest", kDigest}},
                                                 ""},
                                         PassRow{"DigestInvalid",
                                                 "PUT",
                                                 std::string(kUpload) + "&digest=" + kDigest,
                                                 "all of it",
                                                 400,
                                                 {},
                                                 R"({"errors":[{"code":"DIGEST_INVALID"}]})"}),
                         RowName);

// --- mounts ---

std::string MountPath() {
  return std::string("blobs/uploads/?mount=") + kDigest + "&from=other%2Fsource";
}

INSTANTIATE_TEST_SUITE_P(
    Mount, RawPassThroughTest,
    testing::Values(
        PassRow{"Status201",
                "POST",
                MountPath(),
                "",
                201,
                {{"Location", std::string("/v2/a/b/blobs/") + kDigest},
                 {"Docker-Content-Digest", kDigest}},
                ""},
        // An upload session instead: it is the caller's to go on with or to leave.
        PassRow{"Status202",
                "POST",
                MountPath(),
                "",
                202,
                {{"Location", "/v2/a/b/blobs/uploads/5f3a"}, {"Range", "0-0"}},
                ""},
        PassRow{"Status400",
                "POST",
                MountPath(),
                "",
                400,
                {{"Content-Type", "application/json"}},
                R"({"errors":[{"code":"NAME_INVALID","message":"invalid repository name"}]})"},
        PassRow{"Status404",
                "POST",
                MountPath(),
                "",
                404,
                {},
                R"({"errors":[{"code":"BLOB_UNKNOWN"}]})"},
        PassRow{"Status405",
                "POST",
                MountPath(),
                "",
                405,
                {{"Allow", "GET"}},
                R"({"errors":[{"code":"UNSUPPORTED"}]})"}),
    RowName);

}  // namespace
}  // namespace portolan::client
