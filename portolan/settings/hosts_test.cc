#include <string>

#include <gtest/gtest.h>

#include "portolan/settings/settings.h"

namespace portolan::settings {
namespace {

Result<ServerSettings> Load(const std::string& text) {
  MemoryFiles files;
  files.files["/c.yaml"] = {.content = text};
  return LoadSettings("/c.yaml", Environment(), {}, files);
}

TEST(HostsSettingTest, AreReadWhole) {
  const auto settings = Load(R"(
hosts:
  - names: [Registry-1.docker.io, auth.docker.io]
    dialect: hub
    token_realm: https://auth.docker.io/token
  - {path: mirrors/quay, dialect: quay@2024-06}
  - {names: "[::1]"}
)");
  ASSERT_TRUE(settings) << settings.error().message;
  ASSERT_EQ(settings->hosts.size(), 3U);
  EXPECT_EQ(settings->hosts[0], (Host{.names = {"registry-1.docker.io", "auth.docker.io"},
                                      .path = {},
                                      .dialect = "hub@2023-03",
                                      .token_realm = *Url::Parse("https://auth.docker.io/token")}));
  EXPECT_EQ(settings->hosts[1].path, "mirrors/quay");
  EXPECT_EQ(settings->hosts[2].names, std::vector<std::string>{"[::1]"});
  EXPECT_TRUE(settings->has_dialects());
}

// Everybody may pull from the registries that it stands in for, and who has logged in may push.
TEST(HostsSettingTest, ADialectIsOpenToThosePulling) {
  const auto settings = Load("dialect: ghcr\nauth: {accounts: true}\n");
  ASSERT_TRUE(settings) << settings.error().message;
  ASSERT_EQ(settings->auth.rules.size(), 2U);
  EXPECT_EQ(settings->auth.rules[0].users, std::vector<std::string>{"*"});
  EXPECT_EQ(settings->auth.rules[1].users, std::vector<std::string>{"anonymous"});
  EXPECT_TRUE(settings->auth.rules[1].allow.Has(auth::Action::kPull));
  EXPECT_FALSE(settings->auth.rules[1].allow.Has(auth::Action::kCreate));
  const auto own = Load("auth: {accounts: true}\n");
  ASSERT_TRUE(own);
  EXPECT_EQ(own->auth.rules.size(), 1U);
}

// What a profile stands in for is there as long as the settings are.
TEST(HostsSettingTest, ADialectMayBeAProfile) {
  MemoryFiles files;
  files.files["/c.yaml"] = {.content = "dialect: ./p.json\nhosts: [{names: a, dialect: /q}]\n"};
  files.files["./p.json"] = {.content = R"({"schema":1,"like":"quay@2024-06","answers":{}})"};
  files.files["/q"] = {.content = R"({"schema":1,"like":"hub@2026","answers":{}})"};
  const auto settings = LoadSettings("/c.yaml", Environment(), {}, files);
  ASSERT_TRUE(settings) << settings.error().message;
  EXPECT_EQ(settings->ServedBy(settings->dialect)->name, "quay@2024-06");
  EXPECT_EQ(settings->ServedBy(settings->hosts[0].dialect)->name, "hub@2026");
  EXPECT_EQ(settings->ServedBy("ghcr")->name, "ghcr@2023-03");
  EXPECT_EQ(settings->ServedBy(""), nullptr);
  EXPECT_TRUE(settings->has_dialects());

  files.files["/q"].content = "{}";
  files.files.erase("./p.json");
  const auto wrong = LoadSettings("/c.yaml", Environment(), {}, files);
  ASSERT_FALSE(wrong);
  EXPECT_TRUE(wrong.error().message.contains("./p.json: ")) << wrong.error().message;
  EXPECT_TRUE(wrong.error().message.contains("/q: it has no \"schema\"")) << wrong.error().message;
}

TEST(FaultsSettingTest, AreAListOfTexts) {
  const auto settings = Load("faults: [GET status=503, /v2/** cut=10]\n");
  ASSERT_TRUE(settings) << settings.error().message;
  ASSERT_EQ(settings->faults.size(), 2U);
  EXPECT_EQ(settings->faults[1].text, "/v2/** cut=10");
  const auto wrong = Load("faults: [status=200]\n");
  ASSERT_FALSE(wrong);
  EXPECT_TRUE(wrong.error().message.contains("a status from 400 to 599")) << wrong.error().message;
}

TEST(HostsSettingTest, MistakesAreToldWithTheirPlace) {
  struct Row {
    const char* text;
    const char* message;
  };
  const Row rows[] = {
      {"dialect: hub@1999\n", "dialect is \"hub@1999\": expected one of hub@2023-03"},
      {"hosts: a\n", ":1: hosts must be a list of hosts"},
      {"hosts: [a]\n", ":1: a host must have names or a path"},
      {"hosts:\n  - {dialect: hub}\n", ":2: a host needs either names or a path"},
      {"hosts:\n  - {names: a, path: b}\n", ":2: a host needs either names or a path"},
      {"hosts:\n  - {name: a}\n", "name is no part of a host (did you mean names?)"},
      {"hosts:\n  - {names: a, names: b}\n", "names is there twice in a host"},
      {"hosts:\n  - {names: \"a:5000\"}\n", "expected a host without a port"},
      {"hosts:\n  - {names: \"a/b\"}\n", "expected a host without a port"},
      {"hosts:\n  - {path: /hub/}\n", "expected how names of repositories begin"},
      {"hosts:\n  - {names: a, dialect: docker}\n",
       "dialect of a host is \"docker\": expected one"},
      {"hosts:\n  - {names: a, token_realm: b}\n", "token_realm of a host is \"b\": expected"},
      {"hosts:\n  - {names: a}\n  - {names: [b, A]}\n", "hosts: a is there twice"},
      {"hosts:\n  - {path: a/b}\n  - {path: a/b}\n", "hosts: a/b is there twice"},
      {"hosts:\n  - {path: v2}\n", "hosts: v2 is a path that registries need themselves"},
      {"hosts:\n  - {path: jwt/hub}\n", "hosts: jwt/hub is a path that registries need"},
      {"blob_listen: \":5001\"\n", ":1: blob_listen is :5001, which is no address that clients"},
      {"blob_listen: \"[::]:5001\"\n", "blob_listen is [::]:5001, which is no address"},
      {"blob_listen: \"unix:/run/blobs\"\n", "blob_listen is unix:/run/blobs, which is no address"},
      {"seed_tags: /t\nread_only: true\n", ":1: seed_tags would write into a registry that is"},
  };
  for (const Row& row : rows) {
    const auto settings = Load(row.text);
    ASSERT_FALSE(settings) << row.text;
    EXPECT_TRUE(settings.error().message.contains(row.message)) << settings.error().message;
  }
}

}  // namespace
}  // namespace portolan::settings
