#include "portolan/settings/settings.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace portolan::settings {
namespace {

using Flags = std::map<std::string, std::string>;

Result<ServerSettings> Load(const std::string& yaml, const Environment& environment = {},
                            const Flags& flags = {}) {
  MemoryFiles files;
  files.files["config.yaml"] = {.content = yaml};
  return LoadSettings("config.yaml", environment, flags, files);
}

std::string Message(const Result<ServerSettings>& settings) {
  return settings ? "no error" : settings.error().message;
}

TEST(LoadSettingsTest, HasDefaults) {
  MemoryFiles files;
  const auto settings = LoadSettings(std::nullopt, {.home = "/home/ada", .uid = 1000}, {}, files);
  ASSERT_TRUE(settings) << settings.error().message;
  EXPECT_EQ(settings->listen, std::vector<std::string>{"127.0.0.1:5000"});
  EXPECT_EQ(settings->storage.tag_history, std::chrono::days(30));
  EXPECT_EQ(settings->gc.untagged_after, std::nullopt);
  EXPECT_EQ(settings->limits.manifest_size, 4U << 20U);
  EXPECT_FALSE(settings->tls);
  EXPECT_EQ(settings->auth.rules,
            (std::vector<auth::Rule>{
                {.users = {"anonymous"}, .repositories = {}, .allow = auth::ActionSet::All()}}));
}

TEST(LoadSettingsTest, TrustsTheProxiesThatAreNamed) {
  const auto settings = Load("", {.variables = {{"PORTOLAN_TRUSTED_PROXIES", "10.0.0.0/8,unix"}}});
  ASSERT_TRUE(settings) << settings.error().message;
  EXPECT_TRUE(settings->trusted_proxies.Trusts("10.1.2.3"));
  EXPECT_TRUE(settings->trusted_proxies.Trusts(""));
  EXPECT_FALSE(settings->trusted_proxies.Trusts("11.1.2.3"));
  EXPECT_TRUE(Load("")->trusted_proxies.empty());
}

TEST(LoadSettingsTest, FindsARoot) {
  struct Row {
    const char* name;
    Environment environment;
    const char* want;
  };
  const Row rows[] = {
      {"superuser", {.home = "/root", .uid = 0}, "/var/lib/portolan"},
      {"superuser with XDG",
       {.variables = {{"XDG_DATA_HOME", "/x"}}, .home = "/root", .uid = 0},
       "/var/lib/portolan"},
      {"user", {.home = "/home/ada", .uid = 1}, "/home/ada/.local/share/portolan/registry"},
      {"user with XDG",
       {.variables = {{"XDG_DATA_HOME", "/x"}}, .home = "/home/ada", .uid = 1},
       "/x/portolan/registry"},
      {"set", {.variables = {{"PORTOLAN_ROOT", "/y"}}, .home = "/root", .uid = 0}, "/y"},
  };
  for (const Row& row : rows) {
    EXPECT_EQ(Load("", row.environment)->root, row.want) << row.name;
  }
}

TEST(LoadSettingsTest, FlagsGoBeforeVariablesBeforeTheFile) {
  const std::string yaml = "storage: {tag_history: 1d, upload_expiry: 1d}\ngc: {lease: 2h}\n";
  const Environment environment = {.variables = {{"PORTOLAN_STORAGE_TAG_HISTORY", "2d"},
                                                 {"PORTOLAN_STORAGE_UPLOAD_EXPIRY", "2d"},
                                                 {"PORTOLAN_GC_LEASE", ""}}};
  const auto settings = Load(yaml, environment, {{"storage.tag_history", "3d"}});
  ASSERT_TRUE(settings) << settings.error().message;
  EXPECT_EQ(settings->storage.tag_history, std::chrono::days(3));
  EXPECT_EQ(settings->storage.upload_expiry, std::chrono::days(2));
  EXPECT_EQ(settings->gc.lease, std::chrono::hours(2));
}

TEST(LoadSettingsTest, ListsAreReplacedAsAWhole) {
  const std::string yaml = "listen: [\"127.0.0.1:1\", \"[::1]:1\"]\n";
  EXPECT_EQ(Load(yaml)->listen, (std::vector<std::string>{"127.0.0.1:1", "[::1]:1"}));
  EXPECT_EQ(Load("listen: localhost:1")->listen, std::vector<std::string>{"localhost:1"});
  const Environment environment = {.variables = {{"PORTOLAN_LISTEN", "127.0.0.1:2, [::1]:2"}}};
  EXPECT_EQ(Load(yaml, environment)->listen, (std::vector<std::string>{"127.0.0.1:2", "[::1]:2"}));
  EXPECT_EQ(Load(yaml, environment, {{"listen", "unix:/s"}})->listen,
            std::vector<std::string>{"unix:/s"});
}

TEST(LoadSettingsTest, ReadsRules) {
  const auto settings = Load(R"(
auth:
  htpasswd: /users
  rules:
    - {users: anonymous, repositories: public/**, allow: pull}
    - users: [ada, "*"]
      repositories: ["a/*", "users/${user}/**"]
      allow: [pull, create, overwrite, delete, catalog]
    - {users: root, allow: all}
)");
  ASSERT_TRUE(settings) << settings.error().message;
  auth::ActionSet pull;
  pull.Add(auth::Action::kPull);
  const std::vector<auth::Rule> want = {
      {.users = {"anonymous"}, .repositories = {"public/**"}, .allow = pull},
      {.users = {"ada", "*"},
       .repositories = {"a/*", "users/${user}/**"},
       .allow = auth::ActionSet::All()},
      {.users = {"root"}, .repositories = {}, .allow = auth::ActionSet::All()}};
  EXPECT_EQ(settings->auth.rules, want);
}

TEST(LoadSettingsTest, WithoutRulesWhoeverHasLoggedInMayDoEverything) {
  const auto settings = Load("auth: {htpasswd: /users}");
  EXPECT_EQ(settings->auth.rules,
            (std::vector<auth::Rule>{
                {.users = {"*"}, .repositories = {}, .allow = auth::ActionSet::All()}}));
}

TEST(LoadSettingsTest, AnOpenRegistryMustBeMeant) {
  struct Row {
    const char* yaml;
    bool allowed;
  };
  const Row rows[] = {
      {"listen: :5000", false},
      {"listen: 0.0.0.0:5000", false},
      {"listen: '[::]:5000'", false},
      {"listen: [127.0.0.1:5000, 10.0.0.1:5000]", false},
      {"{listen: :5000, auth: {rules: [{users: anonymous, allow: pull}]}}", false},
      {"{listen: :5000, tls: {certificate: c, key: k}}", false},
      {"{listen: :5000, insecure_no_auth: false}", false},
      {"{listen: :5000, insecure_no_auth: true}", true},
      {"{listen: :5000, auth: {htpasswd: /users}}", true},
      {"listen: [127.0.0.1:5000, '[::1]:5000', localhost:1, unix:/s]", true},
  };
  for (const Row& row : rows) {
    const auto settings = Load(row.yaml);
    EXPECT_EQ(settings.has_value(), row.allowed) << row.yaml;
    if (!settings) {
      EXPECT_EQ(settings.error().code, ErrorCode::kConfigInvalid);
      EXPECT_EQ(
          settings.error().hint,
          "make an account (portolan user add), set auth.htpasswd, listen on 127.0.0.1, or set "
          "insecure_no_auth if this is meant");
    }
  }
}

TEST(LoadSettingsTest, SaysWhereAMistakeStands) {
  struct Row {
    const char* name;
    std::map<std::string, std::string> variables;
    Flags flags;
    const char* want;
  };
  const Row rows[] = {
      {"variable",
       {{"PORTOLAN_GC_LEASE", "1 hour"}},
       {},
       "PORTOLAN_GC_LEASE: gc.lease is \"1 hour\": expected a duration like 90s, 10m, 12h or 30d"},
      {"flag",
       {{"PORTOLAN_GC_LEASE", "1 hour"}},
       {{"gc.lease", "5s"}},
       "flag gc.lease: gc.lease is \"5s\": expected a duration of at least 60s"},
      {"list in a variable",
       {{"PORTOLAN_LISTEN", "127.0.0.1:1,x"}},
       {},
       "PORTOLAN_LISTEN: listen is \"127.0.0.1:1, x\": expected an address like 127.0.0.1:5000, "
       "[::1]:5000, :5000 or unix:/path"},
      {"rules in a variable",
       {{"PORTOLAN_AUTH_RULES", "x"}},
       {},
       "PORTOLAN_AUTH_RULES: auth.rules can be set in the file only"},
      {"rules in a flag",
       {},
       {{"auth.rules", "x"}},
       "flag auth.rules: auth.rules can be set in the file only"},
      {"unknown flag",
       {},
       {{"gc.leese", "1h"}},
       "flag gc.leese is no setting (did you mean gc.lease?)"},
      {"misspelt variable",
       {{"PORTOLAN_GC_LEESE", "1h"}},
       {},
       "PORTOLAN_GC_LEESE is no setting (did you mean PORTOLAN_GC_LEASE?)"},
      {"a service's variables in Kubernetes",
       {{"PORTOLAN_PORT", "tcp://10.0.0.1:5000"}, {"PORTOLAN_SERVICE_HOST", "10.0.0.1"}},
       {},
       "no error"},
      {"nothing in it steers a terminal",
       {{"PORTOLAN_READ_ONLY", "\x1b[2J"}},
       {},
       "PORTOLAN_READ_ONLY: read_only is \"\\x1b[2J\": expected true or false"},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.name);
    EXPECT_EQ(Message(Load("", {.variables = row.variables}, row.flags)), row.want);
  }
}

TEST(LoadSettingsTest, AFileMustBeReadable) {
  MemoryFiles files;
  EXPECT_EQ(LoadSettings("none.yaml", {}, {}, files).error().code, ErrorCode::kNameUnknown);
}

// golden/NAME.txt: a file, a line of dashes, and the message that it gives.
TEST(LoadSettingsTest, GoldenMistakes) {
  int count = 0;
  for (const auto& entry :
       std::filesystem::directory_iterator(PORTOLAN_SOURCE_DIR "/portolan/settings/golden")) {
    SCOPED_TRACE(entry.path().string());
    std::ifstream file(entry.path());
    const std::string text{std::istreambuf_iterator<char>(file), {}};
    const std::string_view line = "----------\n";
    const std::size_t at = text.find(line);
    ASSERT_NE(at, std::string::npos);
    const auto settings = Load(text.substr(0, at));
    std::string got = Message(settings) + "\n";
    if (!settings && !settings.error().hint.empty()) got += "hint: " + settings.error().hint + "\n";
    EXPECT_EQ(got, text.substr(at + line.size()));
    ++count;
  }
  EXPECT_GE(count, 6);
}

TEST(LoadSettingsTest, MemoryMustHoldAManifest) {
  const auto settings = Load("limits: {manifest_size: 8MiB, upload_memory: 4MiB}\n");
  EXPECT_EQ(Message(settings),
            "config.yaml:1: limits.upload_memory is less than limits.manifest_size");
  EXPECT_TRUE(Load("limits: {manifest_size: 8MiB, upload_memory: 8MiB}\n"));
}

}  // namespace
}  // namespace portolan::settings
