#include <gtest/gtest.h>

#include "portolan/cli/session.h"

namespace portolan::cli {
namespace {

TEST(ClientOptions, RefusesFlagsThatExcludeEachOther) {
  struct Row {
    RegistryFlags flags;
    const char* message;
  };
  const Row rows[] = {
      {{.creds = "a:b", .no_creds = true}, "--creds and --no-creds exclude each other"},
      {{.creds = "a:b", .username = "a"}, "--creds and --username exclude each other"},
      {{.creds = "a:b", .password = "a"}, "--creds and --password exclude each other"},
      {{.creds = "a:b", .registry_token = "t"}, "--creds and --registry-token exclude each other"},
      {{.username = "a", .no_creds = true}, "--no-creds and --username exclude each other"},
      {{.no_creds = true, .registry_token = "t"},
       "--no-creds and --registry-token exclude each other"},
      {{.username = "a", .registry_token = "t"},
       "--username and --registry-token exclude each other"},
      {{.password = "a"}, "--password needs --username"},
      {{.username = "", .password = "a"}, "--username is empty"},
      {{.creds = ":b"}, "--creds has no user name"},
      {{.registry_token = ""}, "--registry-token is empty"},
      {{.retry_times = -1}, "--retry-times must not be negative"},
      {{.retry_delay = "soon"}, "--retry-delay: \"soon\" is not a duration"}};
  for (const Row& row : rows) {
    SCOPED_TRACE(row.message);
    MemoryTerminal terminal;
    const auto options = ClientOptions(row.flags, {}, terminal);
    ASSERT_FALSE(options.has_value());
    EXPECT_EQ(options.error().code, ErrorCode::kUsage);
    EXPECT_EQ(options.error().message, row.message);
  }
}

TEST(ClientOptions, TakesCredentials) {
  MemoryTerminal terminal;
  auto options = ClientOptions({.creds = "user:pass:word"}, {}, terminal);
  ASSERT_TRUE(options.has_value());
  EXPECT_EQ(options->credentials->username, "user");
  EXPECT_EQ(options->credentials->password.Reveal(), "pass:word");
  options = ClientOptions({.username = "u", .password = "p"}, {}, terminal);
  EXPECT_EQ(options->credentials->username, "u");
  EXPECT_EQ(options->credentials->password.Reveal(), "p");
  options = ClientOptions({.registry_token = "t"}, {}, terminal);
  EXPECT_EQ(options->credentials->registry_token.Reveal(), "t");
  EXPECT_FALSE(ClientOptions({}, {}, terminal)->credentials.has_value());
  EXPECT_EQ(terminal.error, "");
}

TEST(ClientOptions, AsksForAPasswordThatIsMissing) {
  for (const RegistryFlags& flags :
       {RegistryFlags{.creds = "user"}, RegistryFlags{.username = "user"}}) {
    MemoryTerminal terminal;
    terminal.input = "hush\n";
    EXPECT_EQ(ClientOptions(flags, {}, terminal).error().code, ErrorCode::kUsage)
        << "nobody is there to be asked";
    EXPECT_EQ(terminal.error, "");
    terminal.terminal = true;
    const auto options = ClientOptions(flags, {}, terminal);
    ASSERT_TRUE(options.has_value());
    EXPECT_EQ(options->credentials->password.Reveal(), "hush");
    EXPECT_EQ(terminal.error, "Password of user: ");
    EXPECT_EQ(ClientOptions(flags, {}, terminal).error().code, ErrorCode::kIo);
  }
}

TEST(ClientOptions, PassesTheRestOn) {
  MemoryTerminal terminal;
  const RegistryFlags flags{.cert_dir = "/certs",
                            .no_creds = true,
                            .tls_verify = false,
                            .retry_times = 3,
                            .retry_delay = "1.5s",
                            .no_token_cache = true};
  GlobalFlags global;
  global.user_agent_prefix = "ci";
  const auto options = ClientOptions(flags, global, terminal);
  ASSERT_TRUE(options.has_value());
  EXPECT_EQ(options->cert_dir, "/certs");
  EXPECT_TRUE(options->anonymous);
  EXPECT_EQ(options->tls_verify, false);
  EXPECT_EQ(options->retry_times, 3);
  EXPECT_EQ(options->retry_delay, std::chrono::milliseconds(1500));
  EXPECT_FALSE(options->token_cache);
  EXPECT_EQ(options->user_agent, "ci portolan/0.1.0");
}

}  // namespace
}  // namespace portolan::cli
