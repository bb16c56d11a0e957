#include <chrono>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "portolan/base/base64.h"
#include "portolan/cli/testing/command_fixture.h"

namespace portolan::cli {
namespace {

using Strings = std::vector<std::string>;

// A token endpoint that gives this token to everybody.
struct Fixture : CommandFixture {
  explicit Fixture(const std::string& token)
      : CommandFixture(TokenRegistry(
            token, [](const http::Request&) { return http::TextResponse(200, "{}"); })) {}
  Status Token(Strings arguments) { return Run(NewAuthTokenCommand(), std::move(arguments)); }
};

// Issued 10 s before the clock of the tests stands still, for 300 s.
std::string HubToken(const std::string& access) {
  return Base64Encode(R"({"alg":"RS256","typ":"JWT"})") + "." +
         Base64Encode(R"({"access":)" + access + R"(,"exp":1679982224,"iat":1679981924})") +
         ".c2ln";
}
constexpr const char* kPull =
    R"([{"actions":["pull"],"name":"library/ubuntu","type":"repository"}])";
constexpr const char* kGhcrToken = "djE6bGludXhzZXJ2ZXIvaGVkZ2Vkb2M6MTY3OTk4MTkzNDQwODE1MzI0OA==";

TEST(AuthToken, PrintsTheTokenAlone) {
  Fixture fixture("t0k.en");
  const Status status = fixture.Token({"ubuntu"});
  ASSERT_TRUE(status) << status.error().message;
  EXPECT_EQ(fixture.terminal.out, "t0k.en\n");
  EXPECT_EQ(fixture.terminal.error, "");
  EXPECT_EQ(
      fixture.Requests().back(),
      "GET https://auth.example/token?scope=repository%3Alibrary%2Fubuntu%3Apull&service=reg");
}

TEST(AuthToken, AsksForTheScopesGiven) {
  Fixture fixture("t0k");
  const Status status = fixture.Token(
      {"--scope", "repository:a/b:pull,push", "--scope", "repository:c:pull", "quay.io/a/b"});
  ASSERT_TRUE(status) << status.error().message;
  EXPECT_EQ(fixture.Requests().back(),
            "GET "
            "https://auth.example/"
            "token?scope=repository%3Aa%2Fb%3Apull%2Cpush&scope=repository%3Ac%3Apull"
            "&service=reg");
}

TEST(AuthToken, TakesAJwtApart) {
  Fixture fixture(HubToken(kPull));
  const Status status = fixture.Token({"ubuntu", "--decode"});
  ASSERT_TRUE(status) << status.error().message;
  EXPECT_EQ(fixture.terminal.out, R"(JSON Web Token (signature not verified)
header: {
    "alg": "RS256",
    "typ": "JWT"
}
payload: {
    "access": [
        {
            "actions": [
                "pull"
            ],
            "name": "library/ubuntu",
            "type": "repository"
        }
    ],
    "exp": 1679982224,
    "iat": 1679981924
}
access: asked repository:library/ubuntu:pull, granted repository:library/ubuntu:pull
lifetime: 300 s, issued 2023-03-28T05:38:44Z, expires 2023-03-28T05:43:44Z (290 s left)
)");
}

TEST(AuthToken, SaysWhatWasNotGranted) {
  struct Row {
    const char* name;
    std::string access;
    Strings arguments;
    const char* line;
  };
  const Row rows[] = {
      {"nothing",
       "[]",
       {"ubuntu"},
       "access: asked repository:library/ubuntu:pull, granted nothing: the repository is hidden or "
       "missing\n"},
      {"a part",
       kPull,
       {"ubuntu", "--scope", "repository:library/ubuntu:pull,push"},
       "access: asked repository:library/ubuntu:pull,push, granted repository:library/ubuntu:pull: "
       "repository:library/ubuntu:push is refused\n"},
      {"an entry without actions",
       R"([{"type":"repository","name":"library/ubuntu","actions":[]}])",
       {"ubuntu"},
       "access: asked repository:library/ubuntu:pull, granted nothing: the repository is hidden or "
       "missing\n"},
      {"not stated",
       "7",
       {"ubuntu"},
       "access: asked repository:library/ubuntu:pull; the token does not say what it grants\n"},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.name);
    Fixture fixture(HubToken(row.access));
    Strings arguments = row.arguments;
    arguments.emplace_back("--decode");
    const Status status = fixture.Token(arguments);
    ASSERT_TRUE(status) << status.error().message;
    EXPECT_TRUE(fixture.terminal.out.contains(row.line)) << fixture.terminal.out;
  }
}

TEST(AuthToken, SaysThatATokenHasExpired) {
  Fixture fixture("unused");
  fixture.clock.Advance(std::chrono::hours(1));
  const Status status = fixture.Token({"ubuntu", "--decode", "--registry-token", HubToken(kPull)});
  ASSERT_TRUE(status) << status.error().message;
  EXPECT_TRUE(fixture.terminal.out.contains(
      "access: asked nothing, granted repository:library/ubuntu:pull\n"))
      << fixture.terminal.out;
  EXPECT_TRUE(fixture.terminal.out.ends_with("expires 2023-03-28T05:43:44Z (expired)\n"))
      << fixture.terminal.out;
  EXPECT_EQ(fixture.Requests(), Strings{});
}

TEST(AuthToken, TakesGhcrsTokenApart) {
  Fixture fixture(kGhcrToken);
  const Status status = fixture.Token({"ghcr.io/linuxserver/hedgedoc", "--decode"});
  ASSERT_TRUE(status) << status.error().message;
  EXPECT_EQ(fixture.terminal.out, R"(GHCR token (not signed, not verified)
payload: {
    "version": "v1",
    "repository": "linuxserver/hedgedoc",
    "issued": "2023-03-28T05:38:54Z",
    "issued_nanoseconds": 1679981934408153248
}
access: asked repository:linuxserver/hedgedoc:pull; the token is for linuxserver/hedgedoc and does not say what it grants
lifetime: 300 s, issued 2023-03-28T05:38:54Z
)");
}

TEST(AuthToken, SaysThatATokenIsOpaque) {
  Fixture fixture("s3cret-opaque");
  const Status status = fixture.Token({"quay.io/a", "--decode"});
  ASSERT_TRUE(status) << status.error().message;
  EXPECT_EQ(fixture.terminal.out,
            "opaque: only the registry can read it\n"
            "access: asked repository:a:pull; the token does not say what it grants\n"
            "lifetime: 300 s\n");
}

TEST(AuthToken, GivesTheTokenAsJson) {
  Fixture fixture("t0k");
  const Status status = fixture.Token({"quay.io/a", "-o", "json"});
  ASSERT_TRUE(status) << status.error().message;
  EXPECT_EQ(fixture.terminal.out, R"({
    "token": "t0k",
    "realm": "https://auth.example/token",
    "service": "reg",
    "asked": [
        "repository:a:pull"
    ],
    "from_cache": false,
    "lifetime": 300
}
)");
}

TEST(AuthToken, GivesWhatATokenSaysAsJson) {
  Fixture fixture(HubToken(kPull));
  const Status status = fixture.Token(
      {"ubuntu", "-o", "json", "--decode", "--scope", "repository:library/ubuntu:pull,push"});
  ASSERT_TRUE(status) << status.error().message;
  const std::string& out = fixture.terminal.out;
  EXPECT_FALSE(out.contains(R"("token")")) << out;
  EXPECT_TRUE(out.contains(R"(
    "lifetime": 300,
    "form": "jwt",
    "verified": false,
    "header": {
        "alg": "RS256",
        "typ": "JWT"
    },
    "payload": {
)")) << out;
  EXPECT_TRUE(out.ends_with(R"(
    "granted": [
        "repository:library/ubuntu:pull"
    ],
    "refused": [
        "repository:library/ubuntu:push"
    ],
    "issued": "2023-03-28T05:38:44Z",
    "expires": "2023-03-28T05:43:44Z"
}
)")) << out;
}

TEST(AuthToken, RefusesScopesThatAreNone) {
  for (const char* scope : {"", "a b", "a\nb", "rép"}) {
    SCOPED_TRACE(scope);
    Fixture fixture("t0k");
    const Status status = fixture.Token({"quay.io/a", "--scope", scope});
    ASSERT_FALSE(status);
    EXPECT_EQ(status.error().code, ErrorCode::kUsage);
    EXPECT_EQ(fixture.Requests(), Strings{});
  }
}

TEST(AuthToken, SaysThatARegistryHasNoTokens) {
  CommandFixture fixture([](const http::Request&) { return http::TextResponse(200, "{}"); });
  const Status status = fixture.Run(NewAuthTokenCommand(), {"quay.io/a"});
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().code, ErrorCode::kUnsupported);
  EXPECT_EQ(fixture.terminal.out, "");
}

TEST(AuthToken, RefusesUnknownFormats) {
  Fixture fixture("t0k");
  const Status status = fixture.Token({"quay.io/a", "-o", "yaml"});
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().code, ErrorCode::kUsage);
}

}  // namespace
}  // namespace portolan::cli
