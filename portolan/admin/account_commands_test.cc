// The commands about accounts, from words to an exit status, and what a server makes of them.
#include <algorithm>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "portolan/admin/account_directory.h"
#include "portolan/admin/commands.h"
#include "portolan/auth/api_key.h"
#include "portolan/auth/basic_authenticator.h"
#include "portolan/base/base64.h"
#include "portolan/settings/settings.h"
#include "portolan/store/testing/temporary_folder.h"

namespace portolan::admin {
namespace {

std::vector<std::unique_ptr<cli::Command>> Commands() {
  std::vector<std::unique_ptr<cli::Command>> commands;
  commands.push_back(NewUserAddCommand());
  commands.push_back(NewUserRemoveCommand());
  commands.push_back(NewUserListCommand());
  commands.push_back(NewUserPasswordCommand());
  commands.push_back(NewUserDisableCommand());
  commands.push_back(NewUserEnableCommand());
  commands.push_back(NewTokenCreateCommand());
  commands.push_back(NewTokenListCommand());
  commands.push_back(NewTokenRevokeCommand());
  return commands;
}

class AccountCommandsTest : public testing::Test {
 protected:
  // The exit status. What was printed is in terminal_.
  int Run(std::vector<std::string> words, std::string input = {}) {
    terminal_.out.clear();
    terminal_.error.clear();
    terminal_.input = std::move(input);
    words.insert(words.end(), {"--root", root_});
    const cli::World world{.terminal = terminal_,
                           .environment = environment_,
                           .files = SystemFiles(),
                           .clock = clock_,
                           .random = random_,
                           .new_helper_runner = {},
                           .new_http_client = {}};
    return cli::RunProgram(words, world, Commands());
  }
  // Whose name these credentials prove to a server.
  std::string Proves(const std::string& text) {
    const auto store = store::AccountStore::Open(store::AccountStore::PathIn(root_), clock_);
    EXPECT_TRUE(store);
    AccountDirectory accounts(**store);
    const auto authenticator = auth::NewBasicAuthenticator(
        {.accounts = &accounts, .htpasswd = std::nullopt}, "Portolan",
        {.files = SystemFiles(), .clock = clock_, .random = random_, .log = log_});
    EXPECT_TRUE(authenticator);
    const auto identity = (*authenticator)->Authenticate("Basic " + Base64Encode(text));
    return identity ? identity->name : "";
  }
  std::string KeyOf(const std::string& account) {
    EXPECT_EQ(Run({"token", "create", account}), 0) << terminal_.error;
    std::string key = terminal_.out;
    EXPECT_TRUE(key.ends_with('\n'));
    key.pop_back();
    EXPECT_TRUE(auth::IsApiKeyText(key)) << key;
    EXPECT_FALSE(terminal_.error.contains(key));
    return key;
  }

  store::TemporaryFolder folder_;
  const std::string root_ = folder_.Under("root");
  cli::MemoryTerminal terminal_;
  Environment environment_{.variables = {}, .home = "/", .uid = 1000};
  ManualClock clock_;
  FixedRandom random_;
  MemoryLog log_;
};

TEST_F(AccountCommandsTest, AUsersLife) {
  ASSERT_EQ(Run({"user", "add", "kim", "--password-stdin"}, "harbour\n"), 0) << terminal_.error;
  EXPECT_TRUE(terminal_.error.contains("the first account in"));
  EXPECT_EQ(terminal_.out, "");
  EXPECT_EQ(Proves("kim:harbour"), "kim");
  ASSERT_EQ(Run({"user", "password", "kim", "--password-stdin"}, "anchor\r\n"), 0);
  EXPECT_EQ(Proves("kim:harbour"), "");
  EXPECT_EQ(Proves("kim:anchor"), "kim");
  ASSERT_EQ(Run({"user", "disable", "kim"}), 0);
  EXPECT_EQ(Proves("kim:anchor"), "");
  ASSERT_EQ(Run({"user", "disable", "kim"}), 0);
  EXPECT_EQ(terminal_.error, "kim was disabled before\n");
  ASSERT_EQ(Run({"user", "enable", "kim"}), 0);
  EXPECT_EQ(Proves("kim:anchor"), "kim");
  ASSERT_EQ(Run({"user", "remove", "kim"}), 0);
  EXPECT_EQ(Proves("kim:anchor"), "");
}

TEST_F(AccountCommandsTest, ARobotsKeys) {
  ASSERT_EQ(Run({"user", "add", "--robot", "apps+ci"}), 0) << terminal_.error;
  const std::string first = KeyOf("apps+ci");
  const std::string second = KeyOf("apps+ci");
  EXPECT_NE(first, second);
  EXPECT_EQ(Proves("apps+ci:" + first), "apps+ci");
  EXPECT_EQ(Proves(":" + second), "apps+ci");
  ASSERT_EQ(Run({"token", "revoke", "1"}), 0);
  EXPECT_EQ(Proves("apps+ci:" + first), "");
  EXPECT_EQ(Proves("apps+ci:" + second), "apps+ci");
  ASSERT_EQ(Run({"token", "create", "apps+ci", "--expires", "1h", "--name", "builds"}), 0);
  const std::string hour = terminal_.out.substr(0, terminal_.out.size() - 1);
  EXPECT_EQ(Proves(":" + hour), "apps+ci");
  clock_.Advance(std::chrono::hours(1));
  EXPECT_EQ(Proves(":" + hour), "");
}

TEST_F(AccountCommandsTest, Lists) {
  ASSERT_EQ(Run({"user", "add", "kim", "--password-stdin"}, "harbour"), 0);
  ASSERT_EQ(Run({"user", "list", "-o", "json"}), 0);
  EXPECT_EQ(terminal_.out,
            "[\n  {\"name\":\"kim\",\"kind\":\"user\",\"created\":\"2023-03-28T05:38:54.000Z\","
            "\"disabled\":null,\"password\":true,\"keys\":0}\n]\n");
  ASSERT_EQ(Run({"token", "list", "-o", "json"}), 0);
  EXPECT_EQ(terminal_.out, "[]\n");
  KeyOf("kim");
  ASSERT_EQ(Run({"token", "revoke", "1"}), 0);
  ASSERT_EQ(Run({"token", "list", "kim"}), 0);
  EXPECT_TRUE(terminal_.out.contains("revoked")) << terminal_.out;
  ASSERT_EQ(Run({"user", "list"}), 0);
  EXPECT_TRUE(terminal_.out.starts_with("NAME ")) << terminal_.out;
  EXPECT_FALSE(terminal_.out.contains("$2b$"));
}

TEST_F(AccountCommandsTest, SaysWhatIsWrong) {
  EXPECT_EQ(Run({"user", "list"}), kExitNotFound);
  EXPECT_TRUE(terminal_.error.contains("portolan user add makes the first one"));
  EXPECT_EQ(Run({"user", "add", "kim", "--password-stdin"}, ""), kExitUsage);
  EXPECT_FALSE(SystemFiles().IsFolder(root_));  // nothing was made
  ASSERT_EQ(Run({"user", "add", "kim", "--password-stdin"}, "harbour"), 0);
  struct Row {
    std::vector<std::string> words;
    std::string input;
    int status;
    const char* message;
  };
  const Row rows[] = {
      {{"user", "add", "kim"}, "", kExitUsage, "there is an account kim already"},
      {{"user", "add", "*", "--password-stdin"}, "x", kExitUsage, "is what access rules mean"},
      {{"user", "add", "lee"}, "", kExitUsage, "use --password-stdin"},
      {{"user", "add", "lee", "--password-stdin"}, "", kExitUsage, "the password is empty"},
      {{"user", "add", "lee", "--password-stdin"}, std::string(73, 'x'), kExitUsage, "72 bytes"},
      {{"user", "add", "lee", "--password-stdin"},
       "ptk_" + std::string(40, 'x'),
       kExitUsage,
       "looks like an API key"},
      {{"user", "add", "ci", "--robot", "--password-stdin"}, "x", kExitUsage, "has no password"},
      {{"user", "remove", "eve"}, "", kExitNotFound, "there is no account eve"},
      {{"user", "password", "eve", "--password-stdin"}, "x", kExitNotFound, "no account eve"},
      {{"token", "create", "eve"}, "", kExitNotFound, "portolan user add eve makes it"},
      {{"token", "create", "kim", "--expires", "soon"}, "", kExitUsage, "--expires is \"soon\""},
      {{"token", "revoke", "9"}, "", kExitNotFound, "there is no API key 9"},
      {{"token", "list", "eve"}, "", kExitNotFound, "there is no account eve"},
  };
  for (const Row& row : rows) {
    EXPECT_EQ(Run(row.words, row.input), row.status) << row.message;
    EXPECT_TRUE(terminal_.error.contains(row.message)) << terminal_.error;
    EXPECT_EQ(terminal_.out, "");
  }
}

TEST_F(AccountCommandsTest, AsksTwiceOnATerminal) {
  terminal_.terminal = true;
  ASSERT_EQ(Run({"user", "add", "kim"}, "harbour\nharbour\n"), 0) << terminal_.error;
  EXPECT_EQ(Proves("kim:harbour"), "kim");
  EXPECT_EQ(Run({"user", "password", "kim"}, "one\ntwo\n"), kExitUsage);
  EXPECT_TRUE(terminal_.error.contains("the two passwords differ"));
}

TEST_F(AccountCommandsTest, AServerAsksForNamesAsSoonAsThereAreAccounts) {
  const auto settings = [&](const std::string& listen, const std::string& accounts) {
    std::map<std::string, std::string> flags = {{"root", root_}, {"listen", listen}};
    if (!accounts.empty()) flags["auth.accounts"] = accounts;
    return settings::LoadSettings(std::nullopt, environment_, flags, SystemFiles());
  };
  EXPECT_FALSE(settings(":5000", ""));
  EXPECT_TRUE(settings(":5000", "true")->auth.accounts);
  EXPECT_EQ(settings("127.0.0.1:5000", "")->auth.rules[0].users[0], "anonymous");
  ASSERT_EQ(Run({"user", "add", "--robot", "ci"}), 0);
  ASSERT_TRUE(settings(":5000", ""));
  EXPECT_TRUE(settings(":5000", "")->auth.accounts);
  EXPECT_EQ(settings(":5000", "")->auth.rules[0].users[0], "*");
  EXPECT_FALSE(settings(":5000", "false"));
}

TEST_F(AccountCommandsTest, ChangesAreAudited) {
  const std::string audit = folder_.Under("audit.log");
  const std::vector<std::string> log = {"--set", "log.audit=" + audit};
  const auto run = [&](std::vector<std::string> words) {
    words.insert(words.end(), log.begin(), log.end());
    EXPECT_EQ(Run(words), 0) << terminal_.error;
    return terminal_.out;
  };
  run({"user", "add", "--robot", "ci"});
  const std::string key = run({"token", "create", "ci"});
  run({"token", "list"});
  run({"user", "disable", "ci"});
  run({"user", "disable", "ci"});
  const std::string text = *SystemFiles().Read(audit, 1U << 20U);
  const std::string before = "{\"time\":\"2023-03-28T05:38:54.000Z\",\"event\":\"";
  const std::string after = "\",\"outcome\":\"done\",\"who\":\"uid 1000\",\"subject\":\"";
  EXPECT_EQ(text, before + "robot.add" + after + "ci\"}\n" +            //
                      before + "key.create" + after + "1 of ci\"}\n" +  //
                      before + "user.disable" + after + "ci\"}\n");
}

TEST_F(AccountCommandsTest, AnothersFolderIsLeftAlone) {
  folder_.Write("root/notes.txt", "mine");
  EXPECT_EQ(Run({"user", "add", "--robot", "ci"}), kExitFailure);
  EXPECT_EQ(SystemFiles().List(root_)->size(), 1U);
}

}  // namespace
}  // namespace portolan::admin
