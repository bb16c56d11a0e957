#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "portolan/cli/testing/command_fixture.h"
#include "portolan/config/testing/credential_fixture.h"

namespace portolan::cli {
namespace {

using config::kDockerAuth;
using config::kRuntimeAuth;

struct Fixture : CommandFixture {
  Fixture() : CommandFixture([](const http::Request&) { return http::TextResponse(500, ""); }) {}
  Status Logout(std::vector<std::string> arguments) {
    return Run(NewLogoutCommand(), std::move(arguments));
  }
  void Write(const std::string& path, const char* text) { files.files[path].content = text; }
  std::string Text(const std::string& path) { return files.files[path].content; }
};

// YTpi is base64 of a:b.
constexpr const char* kTwo =
    R"({"auths":{"reg.example":{"auth":"YTpi"},"reg.example/team":{"auth":"YTpi"},"docker.io":{"auth":"YTpi"}}})";

TEST(Logout, RemovesOneEntry) {
  struct Row {
    const char* name;
    std::vector<std::string> arguments;
    const char* removed;
    const char* said;
  };
  const Row rows[] = {
      {"registry",
       {"reg.example"},
       R"("reg.example":)",
       "Removed login credentials for reg.example\n"},
      {"namespace",
       {"reg.example/team"},
       R"("reg.example/team":)",
       "Removed login credentials for reg.example/team\n"},
      {"transport",
       {"docker://reg.example"},
       R"("reg.example":)",
       "Removed login credentials for reg.example\n"},
      {"skopeo's flag",
       {"reg.example", "--tls-verify=false"},
       R"("reg.example":)",
       "Removed login credentials for reg.example\n"},
      {"Docker Hub", {}, R"("docker.io":)", "Removed login credentials for docker.io\n"},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.name);
    Fixture fixture;
    fixture.Write(kRuntimeAuth, kTwo);
    const Status status = fixture.Logout(row.arguments);
    ASSERT_TRUE(status) << status.error().message;
    EXPECT_EQ(fixture.terminal.out, row.said);
    std::string left = fixture.Text(kRuntimeAuth);
    std::erase_if(left, [](char c) { return c == ' ' || c == '\t' || c == '\n'; });
    EXPECT_FALSE(left.contains(row.removed)) << left;
    EXPECT_TRUE(left.contains(R"("auth":"YTpi")")) << left;
    EXPECT_TRUE(fixture.Requests().empty());
  }
}

TEST(Logout, RemovesEverything) {
  Fixture fixture;
  fixture.Write(kRuntimeAuth, kTwo);
  const Status status = fixture.Logout({"--all"});
  ASSERT_TRUE(status) << status.error().message;
  EXPECT_EQ(fixture.terminal.out, "Remove login credentials for all registries\n");
  EXPECT_FALSE(fixture.Text(kRuntimeAuth).contains("YTpi"));
}

TEST(Logout, ChangesTheFileThatIsNamed) {
  Fixture fixture;
  fixture.Write(kRuntimeAuth, kTwo);
  fixture.Write("/a.json", kTwo);
  ASSERT_TRUE(fixture.Logout({"--authfile", "/a.json", "--all"}));
  EXPECT_EQ(fixture.Text(kRuntimeAuth), kTwo);
  EXPECT_FALSE(fixture.Text("/a.json").contains("YTpi"));

  fixture.Write("/c.json", R"({"auths":{"https://index.docker.io/v1/":{"auth":"YTpi"}}})");
  const Status status = fixture.Logout({"--compat-auth-file", "/c.json", "docker.io"});
  ASSERT_TRUE(status) << status.error().message;
  EXPECT_FALSE(fixture.Text("/c.json").contains("YTpi"));
}

TEST(Logout, SaysWhatToDoWhereNobodyIsLoggedIn) {
  Fixture fixture;
  const Status nowhere = fixture.Logout({"reg.example"});
  ASSERT_FALSE(nowhere);
  EXPECT_EQ(nowhere.error().code, ErrorCode::kNameUnknown);
  EXPECT_EQ(nowhere.error().message, "not logged in to reg.example");
  EXPECT_EQ(nowhere.error().hint,
            "portolan auth explain reg.example shows where credentials are looked for");

  fixture.Write(kDockerAuth, kTwo);
  const Status elsewhere = fixture.Logout({"reg.example"});
  ASSERT_FALSE(elsewhere);
  EXPECT_TRUE(elsewhere.error().hint.contains(kDockerAuth)) << elsewhere.error().hint;
  EXPECT_EQ(fixture.terminal.out, "");
}

TEST(Logout, RefusesWrongUse) {
  Fixture fixture;
  fixture.Write(kRuntimeAuth, kTwo);
  const std::vector<std::vector<std::string>> uses = {
      {"--all", "reg.example"}, {"--authfile", "/a", "--compat-auth-file", "/b"}};
  for (const auto& arguments : uses) {
    SCOPED_TRACE(arguments.front());
    const Status status = fixture.Logout(arguments);
    ASSERT_FALSE(status);
    EXPECT_EQ(status.error().code, ErrorCode::kUsage);
  }
  EXPECT_EQ(fixture.Text(kRuntimeAuth), kTwo);
}

}  // namespace
}  // namespace portolan::cli
