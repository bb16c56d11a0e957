#include "portolan/cli/decoded_token.h"

#include <chrono>
#include <string>

#include <gtest/gtest.h>

#include "portolan/base/base64.h"
#include "portolan/base/date.h"

namespace portolan::cli {
namespace {

using Form = DecodedToken::Form;

std::string Jwt(std::string_view payload, std::string_view header = R"({"alg":"RS256"})") {
  return Base64Encode(header) + "." + Base64Encode(payload) + ".c2ln";
}

std::string GrantsText(const DecodedToken& decoded) {
  if (!decoded.granted) return "(not stated)";
  std::string text;
  for (const wire::Scope& scope : *decoded.granted) text += scope.ToString() + " ";
  return text;
}

TEST(DecodeToken, ReadsTheGrantsOfAJwt) {
  struct Row {
    const char* name;
    const char* payload;
    const char* granted;
  };
  const Row rows[] = {
      {"Docker Hub",
       R"({"access":[{"actions":["pull"],"name":"library/ubuntu","type":"repository"}]})",
       "repository:library/ubuntu:pull "},
      {"Azure's capitals",
       R"({"access":[{"Type":"repository","Name":"a","Actions":["pull","push"]}]})",
       "repository:a:pull,push "},
      {"nothing", R"({"access":[]})", ""},
      {"null", R"({"access":null})", ""},
      {"no member", R"({"sub":"x"})", "(not stated)"},
      {"another type", R"({"access":"all"})", "(not stated)"},
      {"odd entries",
       R"({"access":[1,{"type":5,"name":"a","actions":"pull"},{"type":"t","name":"n","actions":[7,"x"]}]})",
       ":a: t:n:x "},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.name);
    const DecodedToken decoded = DecodeToken(Jwt(row.payload));
    EXPECT_EQ(decoded.form, Form::kJwt);
    EXPECT_EQ(decoded.header, R"({"alg":"RS256"})");
    EXPECT_EQ(decoded.payload, row.payload);
    EXPECT_EQ(GrantsText(decoded), row.granted);
  }
}

TEST(DecodeToken, ReadsTheDatesOfAJwt) {
  const DecodedToken decoded = DecodeToken(Jwt(R"({"iat":1716000000,"exp":1716000300.5})"));
  ASSERT_TRUE(decoded.issued && decoded.expires);
  EXPECT_EQ(FormatDate(*decoded.issued), "2024-05-18T02:40:00Z");
  EXPECT_EQ(FormatDate(*decoded.expires), "2024-05-18T02:45:00Z");
}

TEST(DecodeToken, PassesOverDatesThatNoClockHas) {
  for (const char* date :
       {"1e300", "-1", "9000000000", "\"1716000000\"", "null", "18446744073709551615"}) {
    SCOPED_TRACE(date);
    const DecodedToken decoded = DecodeToken(Jwt(std::string(R"({"exp":)") + date + "}"));
    EXPECT_EQ(decoded.form, Form::kJwt);
    EXPECT_FALSE(decoded.expires);
  }
}

// The very token of the founding document.
TEST(DecodeToken, ReadsGhcrsOwnForm) {
  const DecodedToken decoded =
      DecodeToken("djE6bGludXhzZXJ2ZXIvaGVkZ2Vkb2M6MTY3OTk4MTkzNDQwODE1MzI0OA==");
  EXPECT_EQ(decoded.form, Form::kGhcr);
  EXPECT_EQ(decoded.repository, "linuxserver/hedgedoc");
  EXPECT_FALSE(decoded.granted);
  ASSERT_TRUE(decoded.issued);
  EXPECT_EQ(FormatDate(*decoded.issued), "2023-03-28T05:38:54Z");
  EXPECT_EQ(
      decoded.payload,
      R"({"version":"v1","repository":"linuxserver/hedgedoc","issued":"2023-03-28T05:38:54Z",)"
      R"("issued_nanoseconds":1679981934408153248})");
}

TEST(DecodeToken, LeavesTheRestOpaque) {
  const std::string tokens[] = {
      "",
      ".",
      "..",
      "ghp_abcdefghijklmnop",
      "one.two.three",
      Base64Encode("{}") + "." + Base64Encode("[]") + ".x",
      Base64Encode("{}") + "." + Base64Encode("{}"),
      Base64Encode("{}") + "." + Base64Encode("{}") + ".x.y",
      Base64Encode("v1:a"),
      Base64Encode("v:a:1"),
      Base64Encode("v1:A B:1"),
      Base64Encode("x1:a:1"),
      Base64Encode("v1:a:"),
      Base64Encode("v1:a:12x"),
      Base64Encode("v1:a:-5"),
      Base64Encode("v1:a:99999999999999999999"),
      Base64Encode(std::string(100, '[')) + "." + Base64Encode("{}") + ".x",
  };
  for (const std::string& token : tokens) {
    SCOPED_TRACE(token);
    const DecodedToken decoded = DecodeToken(token);
    EXPECT_EQ(decoded.form, Form::kOpaque);
    EXPECT_EQ(decoded.payload, "");
  }
}

TEST(NotGranted, ComparesAskedWithGranted) {
  struct Row {
    const char* name;
    std::vector<std::string> asked;
    std::vector<wire::Scope> granted;
    std::vector<std::string> missing;
  };
  const Row rows[] = {
      {"all", {"repository:a:pull"}, {{"repository", "a", {"pull"}}}, {}},
      {"more than asked", {"repository:a:pull"}, {{"repository", "a", {"push", "pull"}}}, {}},
      {"nothing", {"repository:a:pull"}, {}, {"repository:a:pull"}},
      {"some actions",
       {"repository:a:pull,push"},
       {{"repository", "a", {"pull"}}},
       {"repository:a:push"}},
      {"star", {"repository:a:pull,push"}, {{"repository", "a", {"*"}}}, {}},
      {"another repository",
       {"repository:a:pull"},
       {{"repository", "b", {"pull"}}},
       {"repository:a:pull"}},
      {"another type",
       {"registry:catalog:*"},
       {{"repository", "catalog", {"*"}}},
       {"registry:catalog:*"}},
      {"colon in the name",
       {"repository:h:5000/a:pull"},
       {{"repository", "h:5000/a", {"pull"}}},
       {}},
      {"two grants",
       {"repository:a:pull,push"},
       {{"repository", "a", {"pull"}}, {"repository", "a", {"push"}}},
       {}},
      {"a form of its own", {"aws"}, {}, {}},
      {"nothing asked", {}, {}, {}},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.name);
    EXPECT_EQ(NotGranted(row.asked, row.granted), row.missing);
  }
}

}  // namespace
}  // namespace portolan::cli
