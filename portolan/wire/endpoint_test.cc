#include "portolan/wire/endpoint.h"

#include <string>

#include <gtest/gtest.h>

namespace portolan::wire {
namespace {

const std::string kDigest = "sha256:" + std::string(64, 'a');

struct Row {
  const char* name;
  std::string method;
  std::string path;
  Resource resource;
  std::string repository;  // empty: none
  std::string last;        // tag, digest or upload id
};

void Check(const Row& row) {
  SCOPED_TRACE(row.name);
  const Result<Endpoint> endpoint = ParseEndpoint(row.method, row.path);
  ASSERT_TRUE(endpoint) << endpoint.error().message;
  EXPECT_EQ(endpoint->resource, row.resource);
  EXPECT_EQ(NameOf(endpoint->method), row.method);
  EXPECT_EQ(endpoint->repository ? endpoint->repository->text() : "", row.repository);
  const std::string tag = endpoint->tag ? endpoint->tag->text() : "";
  const std::string digest = endpoint->digest ? endpoint->digest->text() : "";
  EXPECT_EQ(tag + digest + endpoint->upload_id, row.last);
  EXPECT_EQ(endpoint->digest.has_value(), row.last.contains(':'));
  EXPECT_EQ(endpoint->upload_id.empty(), row.resource != Resource::kUpload);
}

TEST(EndpointTest, KnowsEveryResource) {
  const Row rows[] = {
      {"base", "GET", "/v2/", Resource::kBase, "", ""},
      {"base without slash", "HEAD", "/v2", Resource::kBase, "", ""},
      {"catalog", "GET", "/v2/_catalog", Resource::kCatalog, "", ""},
      {"discovery", "GET", "/v2/_oci/ext/discover", Resource::kDiscover, "", ""},
      {"discovery of a repository", "GET", "/v2/a/b/_oci/ext/discover", Resource::kDiscover, "a/b",
       ""},
      {"tags", "GET", "/v2/a/tags/list", Resource::kTagList, "a", ""},
      {"tags, nested", "HEAD", "/v2/a/b/c/d/e/tags/list", Resource::kTagList, "a/b/c/d/e", ""},
      {"manifest by tag", "GET", "/v2/a/b/manifests/latest", Resource::kManifest, "a/b", "latest"},
      {"manifest by digest", "PUT", "/v2/a/manifests/" + kDigest, Resource::kManifest, "a",
       kDigest},
      {"manifest by sha512", "DELETE", "/v2/a/manifests/sha512:" + std::string(128, '0'),
       Resource::kManifest, "a", "sha512:" + std::string(128, '0')},
      {"blob", "DELETE", "/v2/a/blobs/" + kDigest, Resource::kBlob, "a", kDigest},
      {"uploads", "POST", "/v2/a/blobs/uploads/", Resource::kUploads, "a", ""},
      {"uploads without slash", "POST", "/v2/a/blobs/uploads", Resource::kUploads, "a", ""},
      {"upload", "PATCH", "/v2/a/blobs/uploads/Az09_-", Resource::kUpload, "a", "Az09_-"},
      {"upload, longest", "PUT", "/v2/a/blobs/uploads/" + std::string(64, 'x'), Resource::kUpload,
       "a", std::string(64, 'x')},
      {"upload status", "GET", "/v2/a/blobs/uploads/1", Resource::kUpload, "a", "1"},
      {"upload, cancel", "DELETE", "/v2/a/blobs/uploads/1", Resource::kUpload, "a", "1"},
      {"referrers", "GET", "/v2/a/referrers/" + kDigest, Resource::kReferrers, "a", kDigest},
      {"tag history", "GET", "/v2/a/_portolan/tags/history", Resource::kTagHistory, "a", ""},
      {"tag restore", "POST", "/v2/a/_portolan/tags/restore", Resource::kTagRestore, "a", ""},
  };
  for (const Row& row : rows) Check(row);
}

TEST(EndpointTest, TheEndOfThePathCounts) {
  const Row rows[] = {
      {"blobs in blobs", "GET", "/v2/a/blobs/blobs/" + kDigest, Resource::kBlob, "a/blobs",
       kDigest},
      {"blobs in uploads", "GET", "/v2/a/blobs/uploads/blobs/" + kDigest, Resource::kBlob,
       "a/blobs/uploads", kDigest},
      {"named blobs", "GET", "/v2/blobs/blobs/" + kDigest, Resource::kBlob, "blobs", kDigest},
      {"tags of tags", "GET", "/v2/a/tags/list/tags/list", Resource::kTagList, "a/tags/list", ""},
      {"tags of manifests", "GET", "/v2/a/manifests/tags/list", Resource::kTagList, "a/manifests",
       ""},
      {"named tags", "GET", "/v2/tags/tags/list", Resource::kTagList, "tags", ""},
      {"a tag list", "GET", "/v2/tags/manifests/list", Resource::kManifest, "tags", "list"},
      {"a tag uploads", "GET", "/v2/a/blobs/manifests/uploads", Resource::kManifest, "a/blobs",
       "uploads"},
      {"a tag manifests", "GET", "/v2/a/manifests/manifests", Resource::kManifest, "a",
       "manifests"},
      {"manifests in manifests", "GET", "/v2/manifests/manifests/manifests", Resource::kManifest,
       "manifests", "manifests"},
      {"an upload uploads", "GET", "/v2/a/blobs/uploads/uploads", Resource::kUpload, "a",
       "uploads"},
      {"uploads of blobs/uploads", "POST", "/v2/a/blobs/uploads/blobs/uploads/", Resource::kUploads,
       "a/blobs/uploads", ""},
      {"named v2", "GET", "/v2/v2/manifests/v2", Resource::kManifest, "v2", "v2"},
      {"referrers of referrers", "GET", "/v2/referrers/referrers/" + kDigest, Resource::kReferrers,
       "referrers", kDigest},
      {"encoded", "GET", "/%76%32/%61/manifests/l%61test", Resource::kManifest, "a", "latest"},
      {"encoded colon", "GET", "/v2/a/blobs/sha256%3A" + std::string(64, 'a'), Resource::kBlob, "a",
       kDigest},
      {"plus is no space", "GET", "/v2/a/blobs/multihash+x:" + std::string(32, 'a'),
       Resource::kBlob, "a", "multihash+x:" + std::string(32, 'a')},
      {"longest name", "GET", "/v2/" + std::string(255, 'a') + "/tags/list", Resource::kTagList,
       std::string(255, 'a'), ""},
  };
  for (const Row& row : rows) Check(row);
}

TEST(EndpointTest, SaysWhatIsWrong) {
  struct ErrorRow {
    const char* name;
    std::string method;
    std::string path;
    ErrorCode code;
    const char* part;  // of the message
  };
  const ErrorRow rows[] = {
      {"empty", "GET", "", ErrorCode::kNameUnknown, "\"\" is no resource"},
      {"root", "GET", "/", ErrorCode::kNameUnknown, "\"/\" is no resource"},
      {"version 1", "GET", "/v1/", ErrorCode::kNameUnknown, "no resource"},
      {"v2 and more", "GET", "/v2x/", ErrorCode::kNameUnknown, "no resource"},
      {"upper case", "GET", "/V2/", ErrorCode::kNameUnknown, "no resource"},
      {"absolute form", "GET", "http://x/v2/", ErrorCode::kNameUnknown, "no resource"},
      {"name alone", "GET", "/v2/a", ErrorCode::kNameUnknown, "no resource"},
      {"catalog with slash", "GET", "/v2/_catalog/", ErrorCode::kNameUnknown, "no resource"},
      {"no name: tags", "GET", "/v2/tags/list", ErrorCode::kNameUnknown, "no resource"},
      {"no name: manifest", "GET", "/v2/manifests/latest", ErrorCode::kNameUnknown, "no resource"},
      {"no name: uploads", "POST", "/v2/blobs/uploads/", ErrorCode::kNameUnknown, "no resource"},
      {"no name: history", "GET", "/v2/_portolan/tags/history", ErrorCode::kNameUnknown,
       "no resource"},
      {"tags without list", "GET", "/v2/a/tags/", ErrorCode::kNameUnknown, "no resource"},
      {"upload with slash", "GET", "/v2/a/blobs/uploads/1/", ErrorCode::kNameUnknown,
       "no resource"},
      {"steers a terminal", "GET", "/\x1b[2J", ErrorCode::kNameUnknown, "\"/\\x1b[2J\""},
      {"empty name", "GET", "/v2//manifests/latest", ErrorCode::kNameInvalid, "it is empty"},
      {"empty component", "GET", "/v2/a//b/manifests/latest", ErrorCode::kNameInvalid, "empty"},
      {"upper-case name", "GET", "/v2/A/manifests/latest", ErrorCode::kNameInvalid, "upper-case"},
      {"dots", "GET", "/v2/a/../b/manifests/latest", ErrorCode::kNameInvalid, "a/../b"},
      {"encoded dots", "GET", "/v2/a/%2e%2E/b/manifests/latest", ErrorCode::kNameInvalid, "a/../b"},
      {"one dot", "GET", "/v2/./manifests/latest", ErrorCode::kNameInvalid, "\".\""},
      {"reserved _catalog", "GET", "/v2/_catalog/tags/list", ErrorCode::kNameInvalid, "_catalog"},
      {"reserved _oci", "GET", "/v2/_oci/a/tags/list", ErrorCode::kNameInvalid, "_oci/a"},
      {"too long", "GET", "/v2/" + std::string(256, 'a') + "/tags/list", ErrorCode::kNameInvalid,
       "255"},
      {"encoded slash", "GET", "/v2/a%2Fb/manifests/latest", ErrorCode::kNameInvalid,
       "encoded slash"},
      {"encoded slash in no resource", "GET", "/x%2f", ErrorCode::kNameInvalid, "encoded slash"},
      {"NUL", "GET", "/v2/a/manifests/x%00", ErrorCode::kNameInvalid, "control character"},
      {"line end", "GET", "/v2/a/manifests/x%0d%0a", ErrorCode::kNameInvalid, "control character"},
      {"DEL", "GET", "/v2/a/manifests/x%7f", ErrorCode::kNameInvalid, "control character"},
      {"half an encoding", "GET", "/v2/a/manifests/x%4", ErrorCode::kNameInvalid,
       "two hexadecimal digits"},
      {"no digits", "GET", "/v2/a/manifests/x%zz", ErrorCode::kNameInvalid,
       "two hexadecimal digits"},
      {"encoded twice", "GET", "/v2/a/manifests/%2541", ErrorCode::kTagInvalid, "\"%41\""},
      {"not ASCII", "GET", "/v2/\xc3\xa9/manifests/latest", ErrorCode::kNameInvalid, "only"},
      {"empty tag", "GET", "/v2/a/manifests/", ErrorCode::kTagInvalid, "empty"},
      {"bad tag", "GET", "/v2/a/manifests/-x", ErrorCode::kTagInvalid, "\"-x\""},
      {"tag of dots", "GET", "/v2/a/manifests/..", ErrorCode::kTagInvalid, "\"..\""},
      {"long tag", "GET", "/v2/a/manifests/" + std::string(129, 'a'), ErrorCode::kTagInvalid,
       "128"},
      {"bad digest", "PUT", "/v2/a/manifests/sha256:baddigeststring", ErrorCode::kDigestInvalid,
       "sha256:baddigeststring"},
      {"blob without digest", "GET", "/v2/a/blobs/", ErrorCode::kDigestInvalid, "no colon"},
      {"blob by tag", "GET", "/v2/a/blobs/latest", ErrorCode::kDigestInvalid, "no colon"},
      {"referrers of a tag", "GET", "/v2/a/referrers/latest", ErrorCode::kDigestInvalid,
       "no colon"},
      {"upload id", "PATCH", "/v2/a/blobs/uploads/a.b", ErrorCode::kBlobUploadUnknown, "\"a.b\""},
      {"long upload id", "PATCH", "/v2/a/blobs/uploads/" + std::string(65, 'x'),
       ErrorCode::kBlobUploadUnknown, "session"},
      {"method of the base", "POST", "/v2/", ErrorCode::kUnsupported,
       "POST is not supported for /v2/"},
      {"method of a manifest", "PATCH", "/v2/a/manifests/x", ErrorCode::kUnsupported,
       "PATCH is not supported for /v2/<name>/manifests/<reference>"},
      {"DELETE of tags", "DELETE", "/v2/a/tags/list", ErrorCode::kUnsupported, "DELETE"},
      {"PUT of a blob", "PUT", "/v2/a/blobs/" + kDigest, ErrorCode::kUnsupported, "PUT"},
      {"POST to an upload", "POST", "/v2/a/blobs/uploads/1", ErrorCode::kUnsupported, "POST"},
      {"GET of uploads", "GET", "/v2/a/blobs/uploads/", ErrorCode::kUnsupported, "GET"},
      {"unknown method", "TRACE", "/v2/", ErrorCode::kUnsupported, "TRACE"},
      {"lower-case method", "get", "/v2/", ErrorCode::kUnsupported, "get"},
      {"part of a method", "ET, HEA", "/v2/", ErrorCode::kUnsupported, "ET, HEA"},
      {"empty method", "", "/v2/", ErrorCode::kUnsupported, ""},
  };
  for (const ErrorRow& row : rows) {
    SCOPED_TRACE(row.name);
    const Result<Endpoint> endpoint = ParseEndpoint(row.method, row.path);
    ASSERT_FALSE(endpoint);
    EXPECT_EQ(endpoint.error().code, row.code);
    EXPECT_NE(endpoint.error().message.find(row.part), std::string::npos)
        << endpoint.error().message;
  }
}

TEST(EndpointTest, TheHintNamesTheMethods) {
  EXPECT_EQ(ParseEndpoint("POST", "/v2/").error().hint, "supported: GET, HEAD");
}

TEST(EndpointTest, TellsTheMethods) {
  EXPECT_EQ(AllowedMethods("/v2/"), "GET, HEAD");
  EXPECT_EQ(AllowedMethods("/v2/a/manifests/x"), "GET, HEAD, PUT, DELETE");
  EXPECT_EQ(AllowedMethods("/v2/%61/blobs/" + kDigest), "GET, HEAD, DELETE");
  EXPECT_EQ(AllowedMethods("/v2/A/blobs/uploads/1"), "GET, HEAD, PUT, PATCH, DELETE");
  EXPECT_EQ(AllowedMethods("/"), "");
  EXPECT_EQ(AllowedMethods("/v2/a%2fb/tags/list"), "");
}

TEST(EndpointTest, TheTableAndTheParserAgree) {
  const std::pair<std::string_view, std::string> values[] = {
      {"<name>", "a/b"}, {"<reference>", "1.0"}, {"<digest>", kDigest}, {"<id>", "x"}};
  for (const EndpointInfo& info : Endpoints()) {
    std::string path(info.path);
    for (const auto& [name, value] : values) {
      if (const std::size_t at = path.find(name); at != std::string::npos) {
        path.replace(at, name.size(), value);
      }
    }
    SCOPED_TRACE(path);
    EXPECT_EQ(AllowedMethods(path), info.methods);
    for (const char* method : {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"}) {
      const Result<Endpoint> endpoint = ParseEndpoint(method, path);
      ASSERT_EQ(endpoint.has_value(), info.methods.contains(method)) << method;
      if (endpoint) EXPECT_EQ(endpoint->resource, info.resource);
    }
  }
}

TEST(MethodTest, IsNamed) {
  EXPECT_EQ(MethodOf("GET"), Method::kGet);
  EXPECT_EQ(MethodOf("DELETE"), Method::kDelete);
  EXPECT_EQ(MethodOf("OPTIONS"), std::nullopt);
  EXPECT_EQ(MethodOf(""), std::nullopt);
}

TEST(QueryTest, IsDecoded) {
  struct QueryRow {
    const char* name;
    std::string text;
    std::vector<std::string_view> values;  // of "a"
  };
  const QueryRow rows[] = {
      {"empty", "", {}},
      {"other", "b=1", {}},
      {"plain", "a=1", {"1"}},
      {"several", "a=1&b=2&a=3&a=", {"1", "3", ""}},
      {"no value", "a", {""}},
      {"equals in the value", "a=b=c", {"b=c"}},
      {"encoded", "%61=%2F%3d%26+x%2B", {"/=& x+"}},
      {"encoded once", "a=%2541", {"%41"}},
      {"half an encoding", "a=%4&a=%&a=%zz", {"%4", "%", "%zz"}},
      {"only separators", "&&&", {}},
      {"separators between", "&&a=1&&", {"1"}},
      {"no name", "=x&a=1", {"1"}},
      {"semicolon does not separate", "a=1;a=2", {"1;a=2"}},
  };
  for (const QueryRow& row : rows) {
    SCOPED_TRACE(row.name);
    const Query query(row.text);
    EXPECT_EQ(query.GetAll("a"), row.values);
    EXPECT_EQ(query.Get("a"), row.values.empty()
                                  ? std::nullopt
                                  : std::optional<std::string_view>(row.values.front()));
  }
  EXPECT_TRUE(Query("").empty());
  EXPECT_FALSE(Query("a").empty());
}

TEST(QueryTest, KeepsFiveHundredAndTwelveParameters) {
  std::string text;
  for (int i = 0; i < 1000; ++i) text += "a=" + std::to_string(i) + "&";
  const Query query(text + "b=1");
  EXPECT_EQ(query.GetAll("a").size(), 512U);
  EXPECT_EQ(query.GetAll("a").back(), "511");
  EXPECT_EQ(query.Get("b"), std::nullopt);
}

}  // namespace
}  // namespace portolan::wire
