#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "portolan/base/base64.h"
#include "portolan/cli/testing/command_fixture.h"
#include "portolan/config/testing/credential_fixture.h"

namespace portolan::cli {
namespace {

using config::kDockerAuth;
using config::kRuntimeAuth;
using Strings = std::vector<std::string>;

// Takes alice with the password "pa:ss", and nobody else.
http::Response BasicRegistry(const http::Request& request) {
  if (request.headers.Get("Authorization") == "Basic " + Base64Encode("alice:pa:ss")) {
    return http::TextResponse(200, "{}");
  }
  return http::TextResponse(401, R"({"errors":[{"code":"UNAUTHORIZED","message":"no"}]})",
                            {{"WWW-Authenticate", R"(Basic realm="registry")"}});
}

struct Fixture : CommandFixture {
  Fixture() : CommandFixture(BasicRegistry) {}
  Status Login(Strings arguments) { return Run(NewLoginCommand(), std::move(arguments)); }
  std::string Text(const std::string& path) { return files.files[path].content; }
};

TEST(Login, ChecksThenStores) {
  Fixture fixture;
  fixture.terminal.input = "pa:ss\n";
  const Status status = fixture.Login({"-u", "alice", "--password-stdin", "reg.example", "-v"});
  ASSERT_TRUE(status) << status.error().message;
  EXPECT_EQ(fixture.terminal.out, std::string("Login Succeeded!\nUsed: ") + kRuntimeAuth + "\n");
  EXPECT_EQ(fixture.terminal.error, "");
  EXPECT_TRUE(fixture.Text(kRuntimeAuth).contains(R"("reg.example")"));
  EXPECT_TRUE(fixture.Text(kRuntimeAuth).contains(Base64Encode("alice:pa:ss")));
  EXPECT_EQ(fixture.files.files[kRuntimeAuth].mode, 0600U);
  EXPECT_EQ(fixture.Requests().front(), "GET https://reg.example/v2/");
}

TEST(Login, StoresNothingThatTheRegistryRefuses) {
  Fixture fixture;
  fixture.terminal.input = "wrong";
  const Status status = fixture.Login({"-u", "alice", "--password-stdin", "reg.example"});
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().code, ErrorCode::kUnauthorized);
  EXPECT_EQ(InfoOf(status.error().code).exit_status, kExitDenied);
  EXPECT_NE(status.error().hint, "");
  EXPECT_EQ(fixture.terminal.out, "");
  EXPECT_FALSE(fixture.files.files.contains(kRuntimeAuth));
}

TEST(Login, AsksOnATerminal) {
  Fixture fixture;
  fixture.terminal.terminal = true;
  fixture.terminal.input = "alice\npa:ss\n";
  const Status status = fixture.Login({"reg.example"});
  ASSERT_TRUE(status) << status.error().message;
  EXPECT_EQ(fixture.terminal.error, "Username: Password: ");
  EXPECT_EQ(fixture.terminal.out, "Login Succeeded!\n");
}

TEST(Login, LeavesAGoodLoginAlone) {
  for (const bool on_terminal : {true, false}) {
    Fixture fixture;
    fixture.terminal.terminal = on_terminal;
    fixture.files.files[kDockerAuth].content =
        R"({"auths":{"reg.example":{"auth":")" + Base64Encode("alice:pa:ss") + R"("}}})";
    const Status status = fixture.Login({"reg.example"});
    ASSERT_TRUE(status) << status.error().message;
    EXPECT_EQ(fixture.terminal.out,
              "Authenticating with existing credentials for reg.example\n"
              "Existing credentials are valid. Already logged in to reg.example\n");
    EXPECT_EQ(fixture.terminal.error, "");
    EXPECT_FALSE(fixture.files.files.contains(kRuntimeAuth));
  }
}

TEST(Login, SaysThatAStoredLoginIsNoLongerGoodWhereNobodyCanBeAsked) {
  Fixture fixture;
  fixture.files.files[kDockerAuth].content =
      R"({"auths":{"reg.example":{"auth":")" + Base64Encode("alice:old") + R"("}}})";
  const Status status = fixture.Login({"reg.example"});
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().code, ErrorCode::kUnauthorized);
  EXPECT_TRUE(status.error().message.starts_with("the stored credentials are no longer good: "))
      << status.error().message;
  EXPECT_EQ(status.error().hint, "use --username NAME --password-stdin");
}

TEST(Login, AsksNobodyAboutStoredLoginsWhereTheRegistryCannotTell) {
  CommandFixture fixture([](const http::Request&) { return http::TextResponse(503, ""); });
  fixture.terminal.terminal = true;
  fixture.files.files[kDockerAuth].content =
      R"({"auths":{"reg.example":{"auth":")" + Base64Encode("alice:old") + R"("}}})";
  const Status status = fixture.Run(NewLoginCommand(), {"reg.example"});
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().code, ErrorCode::kServerError);
  EXPECT_EQ(fixture.terminal.error, "");
}

TEST(Login, AUserNameMeansANewLogin) {
  Fixture fixture;
  fixture.terminal.input = "pa:ss";
  fixture.files.files[kDockerAuth].content =
      R"({"auths":{"reg.example":{"auth":")" + Base64Encode("alice:old") + R"("}}})";
  ASSERT_TRUE(fixture.Login({"reg.example", "-u", "alice", "--password-stdin"}));
  EXPECT_EQ(fixture.terminal.out, "Login Succeeded!\n");
}

TEST(Login, OffersTheNameThatIsLoggedIn) {
  Fixture fixture;
  fixture.terminal.terminal = true;
  fixture.terminal.input = "\npa:ss\n";
  fixture.files.files[kDockerAuth].content =
      R"({"auths":{"reg.example":{"auth":")" + Base64Encode("alice:old") + R"("}}})";
  const Status status = fixture.Login({"reg.example"});
  ASSERT_TRUE(status) << status.error().message;
  EXPECT_EQ(fixture.terminal.error, "Username [alice]: Password: ");
  EXPECT_TRUE(fixture.terminal.out.contains("\nExisting credentials are invalid, please"));
  EXPECT_TRUE(fixture.Text(kRuntimeAuth).contains(Base64Encode("alice:pa:ss")));
}

TEST(Login, OffersTheNameForAPasswordOfTheCommandLine) {
  Fixture fixture;
  fixture.terminal.terminal = true;
  fixture.terminal.input = "\n";
  fixture.files.files[kDockerAuth].content =
      R"({"auths":{"reg.example":{"auth":")" + Base64Encode("alice:old") + R"("}}})";
  const Status status = fixture.Login({"reg.example", "-p", "pa:ss"});
  ASSERT_TRUE(status) << status.error().message;
  EXPECT_TRUE(fixture.terminal.error.ends_with("Username [alice]: ")) << fixture.terminal.error;
  EXPECT_EQ(fixture.terminal.out, "Login Succeeded!\n");
}

TEST(Login, WarnsOfAPasswordOnTheCommandLine) {
  Fixture fixture;
  const Status status = fixture.Login({"reg.example", "-u", "alice", "-p", "pa:ss"});
  ASSERT_TRUE(status) << status.error().message;
  EXPECT_TRUE(fixture.terminal.error.contains("--password-stdin")) << fixture.terminal.error;
  EXPECT_FALSE(fixture.terminal.error.contains("pa:ss"));
}

TEST(Login, RefusesWrongUseBeforeAnythingIsSent) {
  struct Row {
    const char* name;
    Strings arguments;
    const char* input;
    const char* message;
  };
  const Row rows[] = {
      {"nobody to ask", {"h.io"}, "", "no password was given, and there is no terminal to ask on"},
      {"nobody to ask for the password",
       {"h.io", "-u", "a"},
       "x\n",
       "no password was given, and there is no terminal to ask on"},
      {"nobody to ask for the name", {"h.io", "-p", "x"}, "", "--password needs --username"},
      {"password from standard input without name",
       {"h.io", "--password-stdin"},
       "x",
       "--password-stdin needs --username"},
      {"empty password", {"h.io", "-u", "a", "-p", ""}, "", "the password is empty"},
      {"empty standard input",
       {"h.io", "-u", "a", "--password-stdin"},
       "\r\n",
       "the password on standard input is empty"},
      {"empty token",
       {"h.io", "--identity-token-stdin"},
       " \n",
       "the identity token on standard input is empty"},
      {"two passwords",
       {"h.io", "-u", "a", "-p", "x", "--password-stdin"},
       "x",
       "only one of --password, --password-stdin and --identity-token-stdin can be given"},
      {"two files",
       {"h.io", "--authfile", "a", "--compat-auth-file", "b"},
       "",
       "--authfile and --compat-auth-file exclude each other"},
      {"get and set",
       {"h.io", "--get-login", "-u", "a"},
       "",
       "--get-login takes no user name, password or token"},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.name);
    Fixture fixture;
    fixture.terminal.input = row.input;
    const Status status = fixture.Login(row.arguments);
    ASSERT_FALSE(status);
    EXPECT_EQ(status.error().code, ErrorCode::kUsage);
    EXPECT_EQ(status.error().message, row.message);
    EXPECT_EQ(fixture.Requests(), Strings{});
    EXPECT_TRUE(fixture.files.files.empty());
  }
}

TEST(Login, RefusesEmptyAnswers) {
  for (const char* input : {"\n", "alice\n\n"}) {
    SCOPED_TRACE(input);
    Fixture fixture;
    fixture.terminal.terminal = true;
    fixture.terminal.input = input;
    const Status status = fixture.Login({"reg.example"});
    ASSERT_FALSE(status);
    EXPECT_EQ(status.error().code, ErrorCode::kUsage);
  }
}

TEST(Login, KeepsANamespacesAccountApart) {
  Fixture fixture;
  fixture.terminal.input = "pa:ss";
  const Status status = fixture.Login({"reg.example/team", "-u", "alice", "--password-stdin"});
  ASSERT_TRUE(status) << status.error().message;
  EXPECT_TRUE(fixture.Text(kRuntimeAuth).contains(R"("reg.example/team")"));
  EXPECT_EQ(fixture.Requests().front(), "GET https://reg.example/v2/");
}

TEST(Login, GoesToDockerHubByDefault) {
  Fixture fixture;
  fixture.terminal.input = "pa:ss";
  ASSERT_TRUE(fixture.Login({"-u", "alice", "--password-stdin", "--compat-auth-file", "/c.json"}));
  EXPECT_EQ(fixture.Requests().front(), "GET https://registry-1.docker.io/v2/");
  EXPECT_TRUE(fixture.Text("/c.json").contains("https://index.docker.io/v1/"));
  EXPECT_FALSE(fixture.files.files.contains(kRuntimeAuth));
}

TEST(Login, WritesTheFileThatIsNamed) {
  Fixture fixture;
  fixture.terminal.input = "pa:ss";
  ASSERT_TRUE(
      fixture.Login({"reg.example", "-u", "alice", "--password-stdin", "--authfile", "/a.json"}));
  EXPECT_TRUE(fixture.Text("/a.json").contains("reg.example"));
}

// An identity token is checked by fetching an access token with it.
TEST(Login, StoresAnIdentityToken) {
  CommandFixture fixture([](const http::Request& request) {
    if (request.url.origin.host == "auth.example") {
      return http::TextResponse(request.method == "POST" ? 200 : 401, R"({"access_token":"acc"})");
    }
    if (request.headers.Get("Authorization") == "Bearer acc") return http::TextResponse(200, "{}");
    return http::TextResponse(
        401, "",
        {{"WWW-Authenticate", R"(Bearer realm="https://auth.example/token",service="reg")"}});
  });
  fixture.terminal.input = "ident1ty\n";
  const Status status = fixture.Run(NewLoginCommand(), {"reg.example", "--identity-token-stdin"});
  ASSERT_TRUE(status) << status.error().message;
  EXPECT_TRUE(fixture.files.files[kRuntimeAuth].content.contains(R"("identitytoken")"));
  ASSERT_EQ(fixture.service.seen().size(), 3U);
  EXPECT_TRUE(fixture.service.seen()[1].body.contains("refresh_token=ident1ty"));
}

TEST(GetLogin, PrintsTheNameAlone) {
  struct Row {
    const char* name;
    const char* host;
    std::string entry;
    const char* expected;
  };
  const std::string password = R"({"auth":")" + Base64Encode("alice:pa:ss") + R"("})";
  const Row rows[] = {
      {"registry", "reg.example", R"("reg.example":)" + password, "alice\n"},
      {"namespace", "reg.example/team", R"("reg.example/team":)" + password, "alice\n"},
      {"the registry's for a namespace", "reg.example/team", R"("reg.example":)" + password,
       "alice\n"},
      {"token without a name", "reg.example", R"("reg.example":{"registrytoken":"s3cret"})",
       "<token>\n"},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.name);
    Fixture fixture;
    fixture.files.files[kDockerAuth].content = R"({"auths":{)" + row.entry + "}}";
    const Status status = fixture.Login({row.host, "--get-login"});
    ASSERT_TRUE(status) << status.error().message;
    EXPECT_EQ(fixture.terminal.out, row.expected);
    EXPECT_EQ(fixture.Requests(), Strings{});
  }
}

TEST(GetLogin, FailsWhereNobodyIsLoggedIn) {
  Fixture fixture;
  const Status status = fixture.Login({"--get-login", "reg.example"});
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().code, ErrorCode::kUnauthorized);
  EXPECT_EQ(status.error().message, "not logged in to reg.example");
  EXPECT_EQ(status.error().hint, "portolan login reg.example");
  EXPECT_EQ(fixture.terminal.out, "");
}

TEST(Login, RefusesAHostThatIsNone) {
  Fixture fixture;
  const Status status = fixture.Login({"reg example", "--get-login"});
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().code, ErrorCode::kReferenceInvalid);
}

}  // namespace
}  // namespace portolan::cli
