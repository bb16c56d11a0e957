#include "portolan/wire/error_body.h"

#include <algorithm>

#include <gtest/gtest.h>

namespace portolan::wire {
namespace {

using Items = std::vector<ErrorBody::Item>;

struct Row {
  const char* name;
  std::string_view body;
  Items errors;
  const char* summary;
};

const Row kEnvelopes[] = {
    {"detail null",
     "{\"errors\":[{\"code\":\"UNAUTHORIZED\",\"message\":\"authentication required\",\"detail\":"
     "null}]}\n",
     {{"UNAUTHORIZED", "authentication required", ""}},
     "authentication required"},
    {"no detail",
     R"({"errors":[{"code":"DENIED","message":"requested access to the resource is denied"}]})",
     {{"DENIED", "requested access to the resource is denied", ""}},
     "requested access to the resource is denied"},
    {"detail object",
     R"({"errors":[{"code":"NAME_UNKNOWN","detail":{"name":"a/b"},"message":"m"}]})",
     {{"NAME_UNKNOWN", "m", R"({"name":"a/b"})"}},
     "m"},
    {"detail array",
     R"({"errors":[{"code":"C","message":"m","detail":[{"Type":"repository","Action":"pull"}]}]})",
     {{"C", "m", R"([{"Type":"repository","Action":"pull"}])"}},
     "m"},
    {"detail text",
     R"({"errors":[{"code":"C","message":"m","detail":"d"}]})",
     {{"C", "m", "\"d\""}},
     "m"},
    {"two errors",
     R"({"errors":[{"code":"A","message":"m"},{"code":"B"}]})",
     {{"A", "m", ""}, {"B", "", ""}},
     "m; B"},
    {"Artifactory: status instead of code",
     R"({"errors":[{"status":404,"message":"Not Found"}]})",
     {{"", "Not Found", ""}},
     "Not Found"},
    {"numbers and texts",
     R"({"errors":[{"code":7,"message":["x"]},"plain",null]})",
     {{"7", "", ""}, {"", "plain", ""}, {"", "", ""}},
     "7; plain"},
    {"no errors in it", R"({"errors":[],"message":"m"})", {}, "m"},
    {"byte order mark", "\xef\xbb\xbf{\"errors\":[{\"code\":\"A\"}]}", {{"A", "", ""}}, "A"},
    {"terminal controls",
     "{\"errors\":[{\"code\":\"\\u001b[1m\",\"message\":\"a\\nb\\u009bc\\u007f\"}]}",
     {{"\\x1b[1m", "a b\\xc2\\x9bc\\x7f", ""}},
     "a b\\xc2\\x9bc\\x7f"},
};

const Row kOthers[] = {
    {"Docker Hub, token",
     "{\"details\":\"incorrect username or password\"}\n",
     {},
     "incorrect username or password"},
    {"Quay, bearer",
     R"({"error": "Invalid bearer token format"})",
     {},
     "Invalid bearer token format"},
    {"OAuth2",
     R"({"error":"invalid_grant","error_description":"token expired"})",
     {},
     "invalid_grant: token expired"},
    {"error object", R"({"error":{"code":404,"message":"no such thing"}})", {}, "no such thing"},
    {"message", R"({"message":"object not found"})", {}, "object not found"},
    {"detail", R"({"detail":"Invalid token","status":401})", {}, "Invalid token"},
    {"errors that is no list", R"({"errors":"x","message":"m"})", {}, "m"},
    {"unknown members", R"({"a":1})", {}, R"({"a":1})"},
    {"empty object", "{}", {}, ""},
    {"Quay, true", "true", {}, ""},
    {"null", "null", {}, ""},
    {"JSON text", R"("not  found")", {}, "not found"},
    {"array", R"(["a"])", {}, R"(["a"])"},
    {"HTML", " \n<!DOCTYPE html><p>404</p>", {}, ""},
    {"nginx", "<html>\r\n<head><title>429 Too Many Requests</title></head></html>", {}, ""},
    {"nothing", "", {}, ""},
    {"white space", " \r\n\t", {}, ""},
    {"text",
     "retry-after: 880\u00b5s, allowed: 44000/minute\n\n",
     {},
     "retry-after: 880\u00b5s, allowed: 44000/minute"},
    {"lines of text", "404 page\r\n  not\tfound\n", {}, "404 page not found"},
    {"truncated JSON", R"({"errors":[{"code":"DENIED")", {}, R"({"errors":[{"code":"DENIED")"},
    {"bytes", std::string_view("a\0\xff\x1b[2J", 7), {}, "a\\x00\\xff\\x1b[2J"},
};

void Check(const Row& row) {
  SCOPED_TRACE(row.name);
  const ErrorBody got = ErrorBody::Parse(row.body);
  EXPECT_EQ(got.summary, row.summary);
  EXPECT_EQ(got.json.empty(),
            !row.body.contains("\"errors\":[") || row.body.ends_with("\"DENIED\""));
  ASSERT_EQ(got.errors.size(), row.errors.size());
  for (std::size_t i = 0; i < got.errors.size(); ++i) {
    EXPECT_EQ(got.errors[i].code, row.errors[i].code);
    EXPECT_EQ(got.errors[i].message, row.errors[i].message);
    EXPECT_EQ(got.errors[i].detail, row.errors[i].detail);
  }
}

TEST(ErrorBody, ReadsEnvelopes) {
  for (const Row& row : kEnvelopes) Check(row);
}

TEST(ErrorBody, ReadsOtherShapes) {
  for (const Row& row : kOthers) Check(row);
}

TEST(ErrorBody, KeepsTheErrorsAsJson) {
  const ErrorBody body =
      ErrorBody::Parse("{ \"errors\": [ {\"code\": \"A\", \"detail\": \"\x7f \u0085é\"} ] }");
  EXPECT_EQ(body.json, "[{\"code\":\"A\",\"detail\":\"\\u007f \\u0085é\"}]");
}

TEST(ErrorBody, KeepsNoInfinities) {
  const ErrorBody body =
      ErrorBody::Parse(R"({"errors":[{"code":"A","detail":{"n":[1e999,-1e999,1]}}]})");
  EXPECT_EQ(body.json, R"([{"code":"A","detail":{"n":[null,null,1]}}])");
  EXPECT_EQ(ErrorBody::Parse("1e999").summary, "");
}

TEST(ErrorBody, KnowsItsCodes) {
  const ErrorBody body = ErrorBody::Parse(R"({"errors":[{"code":"A"},{"code":"B"}]})");
  EXPECT_TRUE(body.Has("A"));
  EXPECT_TRUE(body.Has("B"));
  EXPECT_FALSE(body.Has("C"));
}

TEST(ErrorBody, LimitsWhatItKeeps) {
  std::string text = "{\"errors\":[";
  for (int i = 0; i < 40; ++i) {
    if (i > 0) text += ',';
    text += "{\"code\":\"C\",\"message\":\"" + std::string(600, 'm') + "\",\"detail\":\"" +
            std::string(600, 'd') + "\"}";
  }
  const ErrorBody body = ErrorBody::Parse(text + "]}");
  ASSERT_EQ(body.errors.size(), 16U);
  EXPECT_EQ(body.errors[0].message, std::string(512, 'm') + "…");
  EXPECT_EQ(body.errors[0].detail, "\"" + std::string(511, 'd') + "…");
  EXPECT_EQ(body.summary, std::string(512, 'm') + "…");
  EXPECT_EQ(ErrorBody::Parse(std::string(1000, 'x')).summary, std::string(200, 'x') + "…");
}

TEST(ErrorBody, SurvivesDepth) {
  const std::string text = "{\"errors\":" + std::string(100'000, '[');
  const ErrorBody body = ErrorBody::Parse(text);
  EXPECT_TRUE(body.errors.empty());
  EXPECT_TRUE(body.summary.starts_with("{\"errors\":[[["));
}

std::string Envelope(std::string_view codes) {
  std::string out = "{\"errors\":[";
  while (!codes.empty()) {
    const std::size_t end = std::min(codes.find(' '), codes.size());
    out += "{\"code\":\"" + std::string(codes.substr(0, end)) + "\"}";
    codes.remove_prefix(std::min(end + 1, codes.size()));
    if (!codes.empty()) out += ',';
  }
  return out + "]}";
}

TEST(ToError, ChoosesTheCode) {
  struct CodeRow {
    int status;
    const char* codes;
    ErrorCode want;
  };
  const CodeRow rows[] = {
      {401, "", ErrorCode::kUnauthorized},
      {401, "DENIED", ErrorCode::kUnauthorized},
      {403, "", ErrorCode::kDenied},
      {403, "UNAUTHORIZED", ErrorCode::kDenied},
      {404, "", ErrorCode::kNameUnknown},
      {404, "NAME_UNKNOWN", ErrorCode::kNameUnknown},
      {404, "UNAUTHORIZED", ErrorCode::kNameUnknown},
      {404, "TAG_EXPIRED", ErrorCode::kNameUnknown},
      {404, "MANIFEST_UNKNOWN", ErrorCode::kManifestUnknown},
      {404, "BLOB_UNKNOWN", ErrorCode::kBlobUnknown},
      {404, "MANIFEST_BLOB_UNKNOWN", ErrorCode::kManifestBlobUnknown},
      {404, "UNKNOWN DENIED BLOB_UNKNOWN MANIFEST_UNKNOWN", ErrorCode::kBlobUnknown},
      {405, "", ErrorCode::kUnsupported},
      {405, "DENIED", ErrorCode::kUnsupported},
      {408, "", ErrorCode::kTimeout},
      {413, "TOO_MANY_TAGS_REQUESTED", ErrorCode::kTooLarge},
      {429, "", ErrorCode::kTooManyRequests},
      {400, "", ErrorCode::kProtocol},
      {400, "INVALID_REQUEST", ErrorCode::kProtocol},
      {400, "USAGE", ErrorCode::kProtocol},
      {400, "INVALID_REQUEST NAME_INVALID", ErrorCode::kNameInvalid},
      {400, "PAGINATION_NUMBER_INVALID", ErrorCode::kPaginationNumberInvalid},
      {500, "", ErrorCode::kServerError},
      {503, "NAME_UNKNOWN", ErrorCode::kServerError},
      {599, "", ErrorCode::kServerError},
      {600, "", ErrorCode::kProtocol},
      {302, "", ErrorCode::kProtocol},
      {409, "DENIED", ErrorCode::kProtocol},
      {0, "", ErrorCode::kProtocol},
  };
  for (const CodeRow& row : rows) {
    SCOPED_TRACE(std::to_string(row.status) + " " + row.codes);
    const Error error = ToError(row.status, ErrorBody::Parse(Envelope(row.codes)), "x");
    EXPECT_EQ(error.code, row.want);
    EXPECT_EQ(error.http_status, row.status);
  }
}

TEST(ToError, WritesTheMessage) {
  struct MessageRow {
    int status;
    const char* body;
    const char* want;
  };
  const MessageRow rows[] = {
      {404,
       R"({"errors":[{"code":"NAME_UNKNOWN","message":"repository name not known to registry"}]})",
       "tags of quay.io/a/b: not found: repository name not known to registry (NAME_UNKNOWN)"},
      {401, "true", "tags of quay.io/a/b: not found or no access"},
      {401, R"({"details":"incorrect username or password"})",
       "tags of quay.io/a/b: not found or no access: incorrect username or password"},
      {403, R"({"errors":[{"code":"DENIED"}]})", "tags of quay.io/a/b: access denied: DENIED"},
      {400, R"({"errors":[{"code":"A","message":"m"},{"message":"n"}]})",
       "tags of quay.io/a/b: bad request: m (A); n"},
      {405, "<html>", "tags of quay.io/a/b: not supported by the registry"},
      {408, "", "tags of quay.io/a/b: the registry stopped waiting for the request"},
      {413, "", "tags of quay.io/a/b: too large for the registry"},
      {429, "slow down\n", "tags of quay.io/a/b: too many requests: slow down"},
      {503, "", "tags of quay.io/a/b: the registry failed with status 503"},
      {302, "", "tags of quay.io/a/b: unexpected answer with status 302"},
  };
  for (const MessageRow& row : rows) {
    SCOPED_TRACE(row.want);
    const Error error = ToError(row.status, ErrorBody::Parse(row.body), "tags of quay.io/a/b");
    EXPECT_EQ(error.message, row.want);
  }
}

TEST(ToError, KeepsWhatTheRegistrySaid) {
  const Error error = ToError(403, ErrorBody::Parse(R"({"errors":[{"code":"DENIED"}]})"), "x");
  EXPECT_EQ(error.registry_errors, R"([{"code":"DENIED"}])");
  EXPECT_EQ(ToError(403, ErrorBody::Parse("true"), "x").registry_errors, "");
}

TEST(ToError, GivesAHint) {
  struct HintRow {
    int status;
    const char* codes;
    const char* what;
    const char* want;
  };
  constexpr const char* kRead =
      "check the spelling, and that your account may read it: portolan login";
  const HintRow rows[] = {
      {401, "", "tags of quay.io/a/b",
       "check the spelling, and that your account may read it: portolan login quay.io"},
      {404, "", "localhost:5000/x",
       "check the spelling, and that your account may read it: portolan login localhost:5000"},
      {403, "", "localhost/x",
       "check the spelling, and that your account may read it: portolan login localhost"},
      {403, "", "the catalog", kRead},
      {403, "", "tags of a/b", kRead},
      {403, "", "quay.io", kRead},
      {403, "", "tags of $(x).y/b", kRead},
      {404, "MANIFEST_UNKNOWN", "x", "check the tag or digest; it may have been deleted"},
      {404, "BLOB_UNKNOWN", "x", "check the digest; the blob may have been deleted"},
      {400, "NAME_INVALID", "x", "check the spelling"},
      {400, "", "x", ""},
      {405, "", "x",
       "this registry does not offer the operation here; its own web page or API may"},
      {413, "", "x", ""},
      {429, "", "x",
       "wait before trying again; an account often has a higher limit: portolan login"},
      {502, "", "x", "the trouble is on the registry's side: try again later"},
      {302, "", "x", "check that this is the address of a container registry"},
  };
  for (const HintRow& row : rows) {
    SCOPED_TRACE(std::to_string(row.status) + " " + row.what);
    EXPECT_EQ(ToError(row.status, ErrorBody::Parse(Envelope(row.codes)), row.what).hint, row.want);
  }
}

}  // namespace
}  // namespace portolan::wire
