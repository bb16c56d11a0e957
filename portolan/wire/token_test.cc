#include "portolan/wire/token.h"

#include <gtest/gtest.h>

namespace portolan::wire {
namespace {

using std::chrono::seconds;

Url ParseUrl(std::string_view text) {
  auto url = Url::Parse(text);
  EXPECT_TRUE(url) << text;
  return url.value_or(Url());
}

TEST(TokenRequest, BuildsTheUrl) {
  struct Row {
    const char* name;
    const char* realm;
    const char* service;
    std::vector<std::string> scopes;
    const char* account;
    const char* want;
  };
  const Row rows[] = {
      {"as the founding document has it",
       "https://auth.docker.io/token",
       "registry.docker.io",
       {"repository:library/ubuntu:pull"},
       "",
       "https://auth.docker.io/token?scope=repository%3Alibrary%2Fubuntu%3Apull&service=registry."
       "docker.io"},
      {"account and two scopes",
       "https://quay.io/v2/auth",
       "quay.io",
       {"repository:a/b:pull,push", "repository:c/d:pull"},
       "me+robot",
       "https://quay.io/v2/auth?account=me%2Brobot&scope=repository%3Aa%2Fb%3Apull%2Cpush"
       "&scope=repository%3Ac%2Fd%3Apull&service=quay.io"},
      {"nothing to say", "https://x/token", "", {}, "", "https://x/token"},
      {"empty ones left out", "https://x/token", "", {"", "s"}, "", "https://x/token?scope=s"},
      {"query of the realm stays",
       "https://x/token?a=b%3d",
       "s",
       {},
       "",
       "https://x/token?a=b%3d&service=s"},
      {"question mark of the realm", "https://x/token?", "s", {}, "", "https://x/token?service=s"},
      {"ampersand of the realm", "https://x/token?a&", "s", {}, "", "https://x/token?a&service=s"},
      {"no path", "https://x", "a b&c=d", {}, "", "https://x/?service=a%20b%26c%3Dd"},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.name);
    const TokenRequest request{ParseUrl(row.realm), row.service, row.scopes, row.account};
    EXPECT_EQ(request.GetUrl().ToString(), row.want);
  }
}

TEST(TokenRequest, BuildsTheRefreshForm) {
  const TokenRequest request{
      ParseUrl("https://x/token"), "s v", {"a:b:pull", "", "c:d:pull"}, "me"};
  EXPECT_EQ(request.RefreshTokenForm(Secret("r&t"), "portolan"),
            "client_id=portolan&grant_type=refresh_token&refresh_token=r%26t"
            "&scope=a%3Ab%3Apull%20c%3Ad%3Apull&service=s%20v");
}

TEST(TokenReply, ReadsWhatRegistriesSend) {
  struct Row {
    const char* name;
    const char* json;
    const char* token;
    std::optional<seconds> expires_in;
    seconds lifetime;
  };
  const Row rows[] = {
      {"Docker Hub",
       R"({"token":"t","access_token":"t","expires_in":300,"issued_at":"2023-03-28T01:47:20.1Z"})",
       "t", seconds(300), seconds(300)},
      {"GHCR and Quay", "{\"token\":\"djE6bGk=\"}\n", "djE6bGk=", std::nullopt, seconds(60)},
      {"ACR", R"({"access_token":"a.b-c"})", "a.b-c", std::nullopt, seconds(60)},
      {"token wins", R"({"access_token":"a","token":"t"})", "t", std::nullopt, seconds(60)},
      {"empty token", R"({"token":"","access_token":"a"})", "a", std::nullopt, seconds(60)},
      {"null token", R"({"token":null,"access_token":"a"})", "a", std::nullopt, seconds(60)},
      {"byte order mark", "\xef\xbb\xbf{\"token\":\"t\"}", "t", std::nullopt, seconds(60)},
      {"number as text", R"({"token":"t","expires_in":"300"})", "t", seconds(300), seconds(300)},
      {"fraction", R"({"token":"t","expires_in":299.9})", "t", seconds(299), seconds(299)},
      {"short", R"({"token":"t","expires_in":5})", "t", seconds(5), seconds(60)},
      {"zero", R"({"token":"t","expires_in":0})", "t", std::nullopt, seconds(60)},
      {"less than one", R"({"token":"t","expires_in":0.5})", "t", std::nullopt, seconds(60)},
      {"negative", R"({"token":"t","expires_in":-300})", "t", std::nullopt, seconds(60)},
      {"two days", R"({"token":"t","expires_in":172800})", "t", seconds(172'800), seconds(86'400)},
      {"beyond 64 bits", R"({"token":"t","expires_in":99999999999999999999999})", "t",
       seconds(3'153'600'000), seconds(86'400)},
      {"unsigned", R"({"token":"t","expires_in":18446744073709551615})", "t",
       seconds(3'153'600'000), seconds(86'400)},
      {"infinite", R"({"token":"t","expires_in":1e999})", "t", seconds(3'153'600'000),
       seconds(86'400)},
      {"minus infinite", R"({"token":"t","expires_in":-1e999})", "t", std::nullopt, seconds(60)},
      {"not a number", R"({"token":"t","expires_in":"nan"})", "t", std::nullopt, seconds(60)},
      {"number and more", R"({"token":"t","expires_in":"300s"})", "t", std::nullopt, seconds(60)},
      {"object", R"({"token":"t","expires_in":{}})", "t", std::nullopt, seconds(60)},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.name);
    const auto reply = TokenReply::Parse(row.json);
    ASSERT_TRUE(reply) << reply.error().message;
    EXPECT_EQ(reply->token.Reveal(), row.token);
    EXPECT_EQ(reply->expires_in, row.expires_in);
    EXPECT_EQ(reply->Lifetime(), row.lifetime);
    EXPECT_TRUE(reply->refresh_token.empty());
  }
}

TEST(TokenReply, ReadsOAuth2) {
  const auto reply = TokenReply::Parse(
      R"({"access_token":"a","refresh_token":"r","scope":"repository:a/b:pull"})");
  ASSERT_TRUE(reply);
  EXPECT_EQ(reply->refresh_token.Reveal(), "r");
  EXPECT_EQ(reply->scope, "repository:a/b:pull");
}

TEST(TokenReply, RefusesWithoutShowingTheToken) {
  const std::string deep =
      "{\"token\":\"secret\",\"x\":" + std::string(100, '[') + std::string(100, ']') + "}";
  const std::string_view rows[] = {"",
                                   "secret",
                                   "true",
                                   "[\"secret\"]",
                                   "{}",
                                   R"({"token":""})",
                                   R"({"token":5})",
                                   R"({"token":"secret")",
                                   R"({"token":"secret"}x)",
                                   R"({"token":"secret\r\nX: y"})",
                                   R"({"token":"secret secret"})",
                                   R"({"token":"secret\u0000"})",
                                   R"({"token":"secreté"})",
                                   R"({"token":"secret\u007f"})",
                                   deep};
  for (const std::string_view row : rows) {
    SCOPED_TRACE(row);
    const auto reply = TokenReply::Parse(row);
    ASSERT_FALSE(reply);
    EXPECT_EQ(reply.error().code, ErrorCode::kProtocol);
    EXPECT_FALSE(reply.error().message.contains("secret"));
  }
}

}  // namespace
}  // namespace portolan::wire
