#include <map>
#include <string>

#include <gtest/gtest.h>

#include "portolan/settings/settings.h"

namespace portolan::settings {
namespace {

Result<ServerSettings> Load(const std::string& issuers) {
  MemoryFiles files;
  files.files["/c.yaml"] = {
      .content =
          "auth:\n  token: {realm: \"https://tokens.example/token\"}\n  issuers:\n" + issuers};
  return LoadSettings("/c.yaml", Environment(), {}, files);
}

TEST(IssuersTest, AreReadWhole) {
  const auto settings = Load(R"(
    - issuer: https://builds.example
      audiences: [registry.example, other]
      jwks: https://builds.example/keys
      certificates: /c.pem
      algorithms: [RS256, EdDSA]
      repositories: ["team/**"]
      names:
        - {user: "ci:${repository}", claims: {owner: acme, ref: "refs/heads/*"}}
    - {issuer: second, jwks: /k.json}
)");
  ASSERT_TRUE(settings) << settings.error().message;
  const Issuer first{.issuer = "https://builds.example",
                     .audiences = {"registry.example", "other"},
                     .jwks = "https://builds.example/keys",
                     .certificates = "/c.pem",
                     .algorithms = {auth::Algorithm::kRs256, auth::Algorithm::kEdDsa},
                     .repositories = {"team/**"},
                     .names = {{.claims = {{"owner", "acme"}, {"ref", "refs/heads/*"}},
                                .user = "ci:${repository}"}}};
  ASSERT_EQ(settings->auth.issuers.size(), 2U);
  EXPECT_EQ(settings->auth.issuers[0], first);
  EXPECT_EQ(settings->auth.issuers[1].jwks, "/k.json");
  EXPECT_TRUE(settings->auth.knows_names());
  EXPECT_EQ(settings->auth.rules[0].users[0], "*");
}

TEST(IssuersTest, MistakesAreToldWithTheirPlace) {
  struct Row {
    const char* name;
    const char* issuers;
    const char* message;
  };
  const Row rows[] = {
      {"no keys", "    - {issuer: a}\n", ":4: an issuer needs jwks or certificates"},
      {"no name", "    - {jwks: /k}\n", ":4: an issuer needs issuer"},
      {"unknown part", "    - {issuer: a, jwks: /k, audience: b}\n",
       "audience is no part of an issuer (did you mean audiences?)"},
      {"twice", "    - {issuer: a, issuer: b, jwks: /k}\n", "issuer is there twice in an issuer"},
      {"algorithm", "    - {issuer: a, jwks: /k, algorithms: [none]}\n", "has \"none\""},
      {"shared secret", "    - {issuer: a, jwks: /k, algorithms: [HS256]}\n", "has \"HS256\""},
      {"pattern", "    - {issuer: a, jwks: /k, repositories: [\"a//b\"]}\n", "a//b"},
      {"a pattern that is a rule's",
       "    - {issuer: a, jwks: /k, repositories: [\"a/b\", \"${user}/**\"]}\n",
       ":4: repositories of an issuer has \"${user}/**\": ${user} is for auth.rules"},
      {"a claim that is not closed",
       "    - {issuer: a, jwks: /k, names: [{user: \"${a}-${b\", claims: {a: b}}]}\n",
       ":4: user of a name is \"${a}-${b\": expected ${claim}, closed"},
      {"a claim without a name",
       "    - {issuer: a, jwks: /k, names: [{user: \"x${}\", claims: {a: b}}]}\n",
       "user of a name is \"x${}\""},
      {"a name for everybody", "    - {issuer: a, jwks: /k, names: [{user: u}]}\n",
       "needs user and claims"},
      {"a part of a name", "    - {issuer: a, jwks: /k, names: [{user: u, claim: {a: b}}]}\n",
       "claim is no part of a name (did you mean claims?)"},
      {"two of one name", "    - {issuer: a, jwks: /k}\n    - {issuer: a, jwks: /l}\n",
       "there are two issuers \"a\""},
      {"not a list", "    issuer\n", "must be a list of issuers"},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.name);
    const auto settings = Load(row.issuers);
    ASSERT_FALSE(settings);
    EXPECT_EQ(settings.error().code, ErrorCode::kConfigInvalid);
    EXPECT_NE(settings.error().message.find(row.message), std::string::npos)
        << settings.error().message;
  }
}

TEST(IssuersTest, ClientsMustBeToldWhereToGetTokens) {
  MemoryFiles files;
  files.files["/c.yaml"] = {.content = "auth: {issuers: [{issuer: a, jwks: /k}]}"};
  const auto settings = LoadSettings("/c.yaml", Environment(), {}, files);
  ASSERT_FALSE(settings);
  EXPECT_NE(settings.error().message.find("set auth.token.realm"), std::string::npos);
}

}  // namespace
}  // namespace portolan::settings
