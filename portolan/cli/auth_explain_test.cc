#include <string>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "portolan/base/base64.h"
#include "portolan/cli/testing/command_fixture.h"
#include "portolan/config/testing/credential_fixture.h"

namespace portolan::cli {
namespace {

using config::kDockerAuth;
using config::kRuntimeAuth;
using config::kUserAuth;
using Strings = std::vector<std::string>;

constexpr const char* kRegistriesConf = "/etc/containers/registries.conf";

struct Fixture : CommandFixture {
  Fixture() : CommandFixture([](const http::Request&) { return http::TextResponse(500, ""); }) {}
  Status Explain(Strings arguments) { return Run(NewAuthExplainCommand(), std::move(arguments)); }
  void Write(const std::string& path, std::string text) {
    files.files[path].content = std::move(text);
  }
};

std::string Entry(std::string_view key, std::string_view user, std::string_view password) {
  return R"({"auths":{")" + std::string(key) + R"(":{"auth":")" +
         Base64Encode(std::string(user) + ":" + std::string(password)) + R"("}}})";
}

TEST(AuthExplain, TellsEveryPlaceAndWhichOneIsUsed) {
  Fixture fixture;
  fixture.Write(kUserAuth, Entry("ghcr.io", "other", "s3cret0"));
  fixture.Write(kDockerAuth, Entry("quay.io/team", "alice", "s3cret1"));
  fixture.Write(config::kDockerCfg,
                R"({"https://quay.io/v1/":{"auth":")" + Base64Encode("bob:s3cret2") + R"("}})");
  const Status status = fixture.Explain({"quay.io/team/app:1.0"});
  ASSERT_TRUE(status) << status.error().message;
  EXPECT_EQ(fixture.terminal.out, R"(reference: quay.io/team/app:1.0

name: quay.io/team/app
endpoints:
  1. quay.io/team/app
credentials for quay.io/team/app:
  – /run/user/1000/containers/auth.json: absent
  – /home/u/.config/containers/auth.json: no entry
  ✓ /home/u/.docker/config.json: used (quay.io/team)
  – /home/u/.dockercfg: shadowed (https://quay.io/v1/)
used: auths["quay.io/team"] of /home/u/.docker/config.json: user name and password, as alice
)");
  EXPECT_EQ(fixture.Requests(), Strings{});
}

TEST(AuthExplain, SaysThatRequestsAreAnonymous) {
  Fixture fixture;
  ASSERT_TRUE(fixture.Explain({"docker.io/ubuntu"}));
  EXPECT_TRUE(fixture.terminal.out.contains("name: docker.io/library/ubuntu\n"))
      << fixture.terminal.out;
  EXPECT_TRUE(fixture.terminal.out.contains(
      "  1. docker.io/library/ubuntu  (served by registry-1.docker.io)\n"))
      << fixture.terminal.out;
  EXPECT_TRUE(fixture.terminal.out.ends_with(
      "used: nothing; no place has credentials for it, so requests are anonymous\n"))
      << fixture.terminal.out;
}

TEST(AuthExplain, TellsMirrorsAndInsecureRegistries) {
  Fixture fixture;
  fixture.Write(kRegistriesConf, R"([[registry]]
prefix = "quay.io"
location = "real.example"
insecure = true
[[registry.mirror]]
location = "mirror.example:5000/cache"
)");
  const Status status = fixture.Explain({"quay.io/a/b"});
  ASSERT_TRUE(status) << status.error().message;
  EXPECT_TRUE(
      fixture.terminal.out.contains("endpoints:\n"
                                    "  1. mirror.example:5000/cache/a/b  (mirror)\n"
                                    "  2. real.example/a/b  (insecure)\n"
                                    "credentials for real.example/a/b:\n"))
      << fixture.terminal.out;
}

TEST(AuthExplain, TellsOfEveryMeaningOfAShortName) {
  Fixture fixture;
  fixture.Write(kRegistriesConf,
                "unqualified-search-registries = [\"a.example\", \"b.example\"]\n"
                "short-name-mode = \"permissive\"\n");
  const Status status = fixture.Explain({"tool"});
  ASSERT_TRUE(status) << status.error().message;
  EXPECT_TRUE(fixture.terminal.out.contains("name: a.example/tool\n")) << fixture.terminal.out;
  EXPECT_TRUE(fixture.terminal.out.contains("\nname: b.example/tool\n")) << fixture.terminal.out;
}

TEST(AuthExplain, ExplainsARegistryAlone) {
  Fixture fixture;
  fixture.Write(kRuntimeAuth, Entry("quay.io", "alice", "s3cret"));
  ASSERT_TRUE(fixture.Explain({"quay.io"}));
  EXPECT_TRUE(fixture.terminal.out.contains("name: quay.io\n")) << fixture.terminal.out;
  EXPECT_TRUE(
      fixture.terminal.out.contains("✓ /run/user/1000/containers/auth.json: used (quay.io)\n"))
      << fixture.terminal.out;
}

TEST(AuthExplain, GivesTheSameAsJson) {
  Fixture fixture;
  fixture.Write(kDockerAuth, Entry("quay.io", "alice", "s3cret"));
  fixture.files.unreadable.push_back(kUserAuth);
  fixture.Write(kUserAuth, "{}");
  const Status status = fixture.Explain({"quay.io/a", "-o", "json"});
  ASSERT_TRUE(status) << status.error().message;
  const std::string& out = fixture.terminal.out;
  EXPECT_TRUE(out.starts_with(R"({
    "reference": "quay.io/a",
    "candidates": [
        {
            "name": "quay.io/a",
            "endpoints": [
                {
                    "name": "quay.io/a",
                    "host": "quay.io",
                    "mirror": false,
                    "insecure": false
                }
            ],
            "looked_at": [
                {
                    "place": "/run/user/1000/containers/auth.json",
                    "outcome": "absent"
                },
                {
                    "place": "/home/u/.config/containers/auth.json",
                    "outcome": "error",
)")) << out;
  EXPECT_TRUE(out.ends_with(R"(
            "used": {
                "source": "auths[\"quay.io\"] of /home/u/.docker/config.json",
                "kind": "user name and password",
                "username": "alice"
            }
        }
    ]
}
)")) << out;
}

TEST(AuthExplain, SaysThatFlagsEndTheSearch) {
  struct Row {
    const char* name;
    Strings flags;
    const char* used;
  };
  const Row rows[] = {
      {"creds",
       {"--creds", "u:s3cret"},
       "used: --creds of the command line: user name and password\n"},
      {"user",
       {"--username", "u", "--password", "s3cret"},
       "used: --username of the command line: user name and password\n"},
      {"token",
       {"--registry-token", "s3cret"},
       "used: --registry-token of the command line: registry token\n"},
      {"none",
       {"--no-creds"},
       "used: nothing; no place has credentials for it, so requests are anonymous\n"},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.name);
    Fixture fixture;
    fixture.Write(kDockerAuth, Entry("quay.io", "alice", "s3cret"));
    Strings arguments = row.flags;
    arguments.emplace_back("quay.io/a");
    const Status status = fixture.Explain(arguments);
    ASSERT_TRUE(status) << status.error().message;
    EXPECT_TRUE(fixture.terminal.out.ends_with(row.used)) << fixture.terminal.out;
    EXPECT_FALSE(fixture.terminal.out.contains(kDockerAuth)) << fixture.terminal.out;
    EXPECT_FALSE(fixture.terminal.out.contains("s3cret"));
  }
}

// Every kind of entry, each with secrets whose text cannot come from anywhere else.
TEST(AuthExplain, NeverShowsASecret) {
  struct Row {
    const char* name;
    std::string entry;
    const char* kind;
  };
  const Row rows[] = {
      {"auth", R"({"auth":")" + Base64Encode("u:s3cret") + R"("})",
       "user name and password, as u\n"},
      {"plain", R"({"username":"u","password":"s3cret"})", "user name and password, as u\n"},
      {"identity token", R"({"auth":")" + Base64Encode("u:") + R"(","identitytoken":"s3cret"})",
       "identity token"},
      {"registry token", R"({"registrytoken":"s3cret"})", "registry token"},
      {"token as the user", R"({"auth":")" + Base64Encode("s3cret:x-oauth-basic") + R"("})",
       "user name and password, as ***\n"},
      {"token as the user, no password", R"({"username":"s3cret","password":""})", ""},
  };
  for (const Row& row : rows) {
    for (const char* format : {"text", "json"}) {
      SCOPED_TRACE(std::string(row.name) + " " + format);
      Fixture fixture;
      fixture.Write(kRuntimeAuth, R"({"auths":{"quay.io":)" + row.entry + "}}");
      fixture.Write(kUserAuth, Entry("quay.io", "v", "s3cret"));
      fixture.Write(kDockerAuth, R"({"credsStore":"pass"})");
      fixture.helpers.held["pass"]["quay.io"] = {"w", "s3cret"};
      const Status status = fixture.Explain({"quay.io/a", "-o", format});
      ASSERT_TRUE(status) << status.error().message;
      EXPECT_FALSE(fixture.terminal.out.contains("s3cret")) << fixture.terminal.out;
      EXPECT_FALSE(fixture.terminal.out.contains(Base64Encode("u:s3cret"))) << fixture.terminal.out;
      EXPECT_TRUE(fixture.terminal.out.contains("docker-credential-pass")) << fixture.terminal.out;
      if (std::string_view(format) == "text") {
        EXPECT_TRUE(fixture.terminal.out.contains(row.kind)) << fixture.terminal.out;
      }
      EXPECT_EQ(fixture.terminal.error, "");
    }
  }
}

TEST(AuthExplain, ShowsABrokenFileAndWhatItStops) {
  for (const char* format : {"text", "json"}) {
    SCOPED_TRACE(format);
    Fixture fixture;
    fixture.Write(kUserAuth, "{");
    fixture.Write(kDockerAuth, Entry("quay.io", "v", "s3cret"));
    const Status status = fixture.Explain({"quay.io/a", "-o", format});
    ASSERT_TRUE(status) << status.error().message;
    const std::string& out = fixture.terminal.out;
    if (std::string_view(format) == "text") {
      EXPECT_TRUE(out.contains(fmt::format("  ✗ {}: error ({}:1: ", kUserAuth, kUserAuth))) << out;
      EXPECT_TRUE(out.contains(fmt::format("  – {}: shadowed (quay.io)\n", kDockerAuth))) << out;
      EXPECT_TRUE(
          out.contains(fmt::format("\nused: nothing; requests end with: {}:1: ", kUserAuth)))
          << out;
    } else {
      EXPECT_TRUE(out.contains(R"("used": null)")) << out;
      EXPECT_TRUE(out.contains(R"("code": "CONFIG_INVALID")")) << out;
    }
  }
}

TEST(AuthExplain, ShowsANamedFileThatIsNotThere) {
  Fixture fixture;
  ASSERT_TRUE(fixture.Explain({"quay.io/a", "--authfile", "/gone.json"}));
  EXPECT_TRUE(fixture.terminal.out.contains("✗ /gone.json: error (")) << fixture.terminal.out;
}

TEST(AuthExplain, PassesErrorsOn) {
  struct Row {
    const char* name;
    const char* reference;
    const char* file;
    const char* text;
    ErrorCode code;
  };
  const Row rows[] = {
      {"blocked registry", "quay.io/a", kRegistriesConf,
       "[[registry]]\nprefix=\"quay.io\"\nblocked=true\n", ErrorCode::kBlocked},
      {"no reference", "quay.io/A", kDockerAuth, "{}", ErrorCode::kReferenceInvalid},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.name);
    Fixture fixture;
    fixture.Write(row.file, row.text);
    const Status status = fixture.Explain({row.reference});
    ASSERT_FALSE(status);
    EXPECT_EQ(status.error().code, row.code);
    EXPECT_EQ(fixture.terminal.out, "");
  }
}

}  // namespace
}  // namespace portolan::cli
