#include "portolan/probe/answer.h"

#include <string>

#include <gtest/gtest.h>

#include "portolan/base/base64.h"

namespace portolan::probe {
namespace {

TEST(BodyKind, TellsTheFormsOfErrorsApart) {
  EXPECT_EQ(BodyKind(R"({"errors":[{"code":"A","detail":{}}]})"), "json, with detail");
  EXPECT_EQ(BodyKind(R"({"errors":[{"code":"A","detail":null}]})"), "json, detail null");
  EXPECT_EQ(BodyKind(R"({"errors":[{"code":"A"}]})"), "json, no detail");
  EXPECT_EQ(BodyKind(R"({"error": "Invalid bearer token format"})"), "json, own form");
  EXPECT_EQ(BodyKind("true"), "true");
  EXPECT_EQ(BodyKind("{}\n"), "{}");
  EXPECT_EQ(BodyKind("<!DOCTYPE HTML>"), "html");
  EXPECT_EQ(BodyKind("404 page not found\n"), "text");
  EXPECT_EQ(BodyKind(""), "empty");
}

TEST(ErrorCodeOf, IsNeverMoreThanAWord) {
  EXPECT_EQ(ErrorCodeOf(R"({"errors":[{"code":"DENIED"}]})"), "DENIED");
  EXPECT_EQ(ErrorCodeOf(R"({"errors":[{"code":"\u001b[2J"}]})"), "");
  EXPECT_EQ(ErrorCodeOf(R"({"errors":[]})"), "");
  EXPECT_EQ(ErrorCodeOf("true"), "");
}

TEST(TokenForm, NamesTheKeyAndNothingElse) {
  const std::string hub =
      Base64UrlEncode(R"({"alg":"RS256","typ":"JWT","x5c":["a"]})") + ".e30.sig";
  EXPECT_EQ(TokenForm(hub), "JWT RS256 x5c");
  EXPECT_EQ(TokenForm(Base64Encode("v1:a/b:1679981934408153248")), "base64 text");
  EXPECT_EQ(TokenForm("!"), "opaque");
}

TEST(TokenSeconds, AreThoseOfTheClaims) {
  const std::string claims = Base64UrlEncode(R"({"iat":1000,"exp":4600})");
  EXPECT_EQ(TokenSeconds("e30." + claims + ".sig"), 3600);
  EXPECT_EQ(TokenSeconds("e30.e30.sig"), std::nullopt);
  EXPECT_EQ(TokenSeconds("opaque"), std::nullopt);
}

TEST(WithN, KeepsTheCursorAsItIs) {
  EXPECT_EQ(WithN("/v2/a/tags/list", 3), "/v2/a/tags/list?n=3");
  EXPECT_EQ(WithN("/v2/a/tags/list?n=50&next_page=x%3D", 3), "/v2/a/tags/list?n=3&next_page=x%3D");
  EXPECT_EQ(WithN("/v2/a/tags/list?last=t", 3), "/v2/a/tags/list?n=3&last=t");
}

TEST(QueryOf, DecodesWhatIsEncoded) {
  const auto query = QueryOf("/v2/a/tags/list?last=a%2Bb&n=2&x=%zz");
  ASSERT_EQ(query.size(), 3U);
  EXPECT_EQ(query[0].value, "a+b");
  EXPECT_EQ(query[1].name, "n");
  EXPECT_EQ(query[2].value, "%zz");
}

TEST(HeaderCase, IsThatOfAllNames) {
  EXPECT_EQ(HeaderCase({{"content-type", ""}, {"date", ""}}), "lower case");
  EXPECT_EQ(HeaderCase({{"Content-Type", ""}}), "capitals");
  EXPECT_EQ(HeaderCase({{"Content-Type", ""}, {"date", ""}}), "mixed");
}

}  // namespace
}  // namespace portolan::probe
