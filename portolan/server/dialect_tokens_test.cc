// How long the tokens of other registries' dialects count. Their forms are in the stories of
// tests/transcripts/dialects.
#include <chrono>
#include <string>

#include <gtest/gtest.h>

#include "portolan/server/testing/test_registry.h"

namespace portolan::server {
namespace {

using std::chrono::seconds;

// Of a body with one token.
std::string TokenIn(const std::string& body) {
  static constexpr std::string_view kBefore = "\"token\":\"";
  const std::size_t at = body.find(kBefore);
  if (at == std::string::npos) return {};
  const std::size_t begin = at + kBefore.size();
  return body.substr(begin, body.find('"', begin) - begin);
}

struct Lifetime {
  const char* dialect;
  const char* endpoint;
  seconds counts;  // with what the registry allows for clocks that differ
};

class DialectTokensTest : public testing::TestWithParam<Lifetime> {
 protected:
  int Status(const std::string& token) {
    answer = registry.Get("/v2/library/ubuntu/tags/list", {{"Authorization", "Bearer " + token}});
    return answer.status;
  }
  TestRegistry registry;
  Answered answer;
};

// H7 of docs/dialects.md among them.
TEST_P(DialectTokensTest, CountUntilTheySay) {
  registry.PushImage("library/ubuntu", "10.04", "an image");
  registry.SetDialect(*dialect::FindServed(GetParam().dialect));
  const Answered issued =
      registry.Get(std::string(GetParam().endpoint) + "?scope=repository:library/ubuntu:pull");
  ASSERT_EQ(issued.status, 200) << issued.body;
  const std::string token = TokenIn(issued.body);
  EXPECT_EQ(Status(token), 200);
  registry.clock.Advance(GetParam().counts - seconds(1));
  EXPECT_EQ(Status(token), 200);
  registry.clock.Advance(seconds(1));
  EXPECT_EQ(Status(token), 401) << answer.body;
  if (std::string_view(GetParam().dialect).starts_with("hub")) {
    EXPECT_TRUE(answer.Header("WWW-Authenticate").contains("error=\"invalid_token\""));
  }
}

// V2 has the path in the names of repositories; what is beside V2 is below the path.
TEST(RegistryByPathTest, HasItsPathAlone) {
  TestRegistry registry;
  registry.PushImage("hub/library/ubuntu", "10.04", "an image");
  registry.PushImage("library/ubuntu", "12.04", "another");
  registry.SetDialect(*dialect::FindServed("hub@2023-03"), {}, "/hub");
  const Answered refused = registry.Get("/v2/hub/library/ubuntu/tags/list");
  EXPECT_EQ(refused.status, 401);
  EXPECT_TRUE(refused.Header("WWW-Authenticate").contains("/hub/token\""))
      << refused.Header("WWW-Authenticate");
  const Answered issued = registry.Get("/hub/token?scope=repository:hub/library/ubuntu:pull");
  ASSERT_EQ(issued.status, 200) << issued.body;
  const http::Headers bearer{{"Authorization", "Bearer " + TokenIn(issued.body)}};
  EXPECT_EQ(registry.Get("/v2/hub/library/ubuntu/tags/list", bearer).status, 200);
  EXPECT_EQ(registry.Get("/hub/v2/repositories/hub/library/ubuntu/tags").status, 200);
  for (const char* target : {"/hub/v2/", "/hub/v2/library/ubuntu/tags/list",
                             "/hub/v2/hub/library/ubuntu/tags/list", "/v2/repositories/a/b/tags"}) {
    EXPECT_NE(registry.Get(target, bearer).status, 200) << target;
  }
  EXPECT_EQ(registry.Get("/hub/v2/library/ubuntu/tags/list", bearer).status, 404);
}

INSTANTIATE_TEST_SUITE_P(Dialects, DialectTokensTest,
                         testing::Values(Lifetime{"hub@2023-03", "/token", seconds(300)},
                                         Lifetime{"hub@2026", "/token", seconds(300)},
                                         Lifetime{"ghcr@2023-03", "/token", seconds(300)},
                                         Lifetime{"quay@2024-06", "/v2/auth", seconds(3600 + 30)},
                                         Lifetime{"gitlab", "/jwt/auth", seconds(300 + 60)}),
                         [](const testing::TestParamInfo<Lifetime>& info) {
                           std::string name = info.param.dialect;
                           std::erase_if(name, [](char c) { return c == '@' || c == '-'; });
                           return name;
                         });

}  // namespace
}  // namespace portolan::server
