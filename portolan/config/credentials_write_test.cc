// Login and logout: what is written where.
#include <gtest/gtest.h>

#include "portolan/config/credentials.h"
#include "portolan/config/testing/credential_fixture.h"

namespace portolan::config {
namespace {

Credentials User(const char* name, const char* password) {
  return {
      .username = name, .password = Secret(password), .identity_token = {}, .registry_token = {}};
}

Result<CredentialStore::Written> Save(CredentialFixture& fixture, const char* name,
                                      const Credentials& credentials = User("u", "p"),
                                      const std::optional<std::string>& compat = std::nullopt) {
  const Scope scope = ScopeOf(name);
  return fixture.Store().Save(scope.registry, scope.repository, credentials, compat);
}

Result<CredentialStore::Written> Erase(CredentialFixture& fixture, const char* name,
                                       const std::optional<std::string>& compat = std::nullopt) {
  const Scope scope = ScopeOf(name);
  return fixture.Store().Erase(scope.registry, scope.repository, compat);
}

Credentials Found(CredentialFixture& fixture, const char* name) {
  const Scope scope = ScopeOf(name);
  return fixture.Store().Find(scope.registry, scope.repository)->credentials;
}

TEST(CredentialSaveTest, WritesWherePodmanLoginWould) {
  struct Row {
    const char* name;
    std::map<std::string, std::string> variables;
    std::vector<std::string> read_only;
    std::optional<std::string> authfile;
    const char* path;
  };
  const std::map<std::string, std::string> runtime = {{"XDG_RUNTIME_DIR", "/run/user/1000"}};
  const Row rows[] = {
      {"runtime folder", runtime, {}, {}, kRuntimeAuth},
      {"without XDG_RUNTIME_DIR", {}, {}, {}, "/run/containers/1000/auth.json"},
      {"runtime folder gone", runtime, {"/run/"}, {}, kUserAuth},
      {"neither", {}, {"/run/"}, {}, kUserAuth},
      {"XDG_CONFIG_HOME", {{"XDG_CONFIG_HOME", "/c"}}, {"/run/"}, {}, "/c/containers/auth.json"},
      {"REGISTRY_AUTH_FILE", {{"REGISTRY_AUTH_FILE", "/e.json"}}, {}, {}, "/e.json"},
      {"authfile", {{"REGISTRY_AUTH_FILE", "/e.json"}}, {}, "/o.json", "/o.json"},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.name);
    CredentialFixture fixture;
    fixture.environment.variables = row.variables;
    fixture.files.read_only = row.read_only;
    fixture.options.authfile = row.authfile;
    const auto written = Save(fixture, "quay.io");
    ASSERT_TRUE(written) << written.error().message;
    EXPECT_EQ(written->place, row.path);
    ASSERT_EQ(fixture.files.files.size(), 1U);
    EXPECT_EQ(fixture.Text(row.path),
              "{\n\t\"auths\": {\n\t\t\"quay.io\": {\n\t\t\t\"auth\": \"dTpw\"\n\t\t}\n\t}\n}\n");
    EXPECT_EQ(fixture.files.files[row.path].mode, 0600U);
    EXPECT_EQ(Found(fixture, "quay.io"), User("u", "p"));
  }
}

TEST(CredentialSaveTest, TheEntryAndItsKey) {
  struct Row {
    const char* name;
    const char* scope;
    Credentials credentials;
    bool docker_format;
    const char* entry;
  };
  Credentials token;
  token.identity_token = Secret("refresh");
  Credentials named_token = token;
  named_token.username = "me";
  Credentials bearer;
  bearer.registry_token = Secret("bearer");
  const Row rows[] = {
      {"namespace", "quay.io/a/b", User("u", "p"), false, R"("quay.io/a/b": {"auth": "dTpw"})"},
      {"colons", "h.test:5000", User("u", "p:q"), false, R"("h.test:5000": {"auth": "dTpwOnE="})"},
      {"hub", "docker.io", User("u", "p"), false, R"("docker.io": {"auth": "dTpw"})"},
      {"hub for docker", "docker.io", User("u", "p"), true,
       R"("https://index.docker.io/v1/": {"auth": "dTpw"})"},
      {"hub namespace for docker", "docker.io/me", User("u", "p"), true,
       R"("docker.io/me": {"auth": "dTpw"})"},
      {"other registry for docker", "quay.io", User("u", "p"), true,
       R"("quay.io": {"auth": "dTpw"})"},
      {"identity token", "h.test", token, false,
       R"("h.test": {"auth": "MDAwMDAwMDAtMDAwMC0wMDAwLTAwMDAtMDAwMDAwMDAwMDAwOg==",)"
       R"("identitytoken": "refresh"})"},
      {"identity token of a user", "h.test", named_token, false,
       R"("h.test": {"auth": "bWU6","identitytoken": "refresh"})"},
      {"registry token", "h.test", bearer, false, R"("h.test": {"registrytoken": "bearer"})"},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.name);
    CredentialFixture fixture;
    const auto compat = row.docker_format ? std::optional<std::string>(kDockerAuth) : std::nullopt;
    ASSERT_TRUE(Save(fixture, row.scope, row.credentials, compat));
    std::string text = fixture.Text(row.docker_format ? kDockerAuth : kRuntimeAuth);
    std::erase_if(text, [](char c) { return c == '\n' || c == '\t'; });
    EXPECT_EQ(text, std::string(R"({"auths": {)") + row.entry + "}}");
  }
}

TEST(CredentialSaveTest, EverythingElseOfTheFileStays) {
  CredentialFixture fixture;
  fixture.Write(
      kDockerAuth,
      R"({"HttpHeaders":{"X-Meta":"ü\n"},"auths":{"a.test":{"auth":"dTpw","email":"e"},)"
      R"("quay.io":{"auth":"b2xkOnA="},"z.test":{}},"list":[1,-2,1e400,-1e400,true,null,[],{}],"currentContext":"c"})");
  ASSERT_TRUE(Save(fixture, "quay.io", User("u", "p"), kDockerAuth));
  EXPECT_EQ(fixture.Text(kDockerAuth), R"({
	"HttpHeaders": {
		"X-Meta": "ü\n"
	},
	"auths": {
		"a.test": {
			"auth": "dTpw",
			"email": "e"
		},
		"quay.io": {
			"auth": "dTpw"
		},
		"z.test": {}
	},
	"list": [
		1,
		-2,
		1e999,
		-1e999,
		true,
		null,
		[],
		{}
	],
	"currentContext": "c"
}
)");
}

TEST(CredentialSaveTest, WhatWouldShadowTheNewEntryGoes) {
  CredentialFixture fixture;
  fixture.Write(
      kDockerAuth,
      R"({"auths":{"docker.io":{"auth":"b2xkOnA="},"docker.io/ns":{"auth":"b2xkOnA="}}})");
  ASSERT_TRUE(Save(fixture, "docker.io", User("u", "p"), kDockerAuth));
  EXPECT_EQ(Found(fixture, "docker.io").username, "u");
  EXPECT_EQ(Found(fixture, "docker.io/ns/x").username, "old");
}

TEST(CredentialSaveTest, AHelperThatTheFileNamesGetsTheSecret) {
  for (const char* text : {R"({"credsStore":"pass"})", R"({"credHelpers":{"quay.io":"pass"}})",
                           R"({"credsStore":"pass","auths":{"quay.io":{"auth":"b2xkOnA="}}})"}) {
    SCOPED_TRACE(text);
    CredentialFixture fixture;
    fixture.runner.held["pass"] = {};
    fixture.Write(kRuntimeAuth, text);
    const auto written = Save(fixture, "quay.io");
    ASSERT_TRUE(written) << written.error().message;
    EXPECT_TRUE(written->place.starts_with("helper docker-credential-pass (cred"))
        << written->place;
    EXPECT_EQ(fixture.runner.held["pass"]["quay.io"], FakeHelperRunner::Account("u", "p"));
    EXPECT_TRUE(fixture.Text(kRuntimeAuth).contains("\"quay.io\": {}"))
        << fixture.Text(kRuntimeAuth);
    EXPECT_EQ(Found(fixture, "quay.io"), User("u", "p"));
    // A namespace is something that no helper knows: it stays in the file.
    ASSERT_TRUE(Save(fixture, "quay.io/ns", User("n", "p")));
    EXPECT_EQ(fixture.runner.held["pass"].size(), 1U);
    EXPECT_TRUE(fixture.Text(kRuntimeAuth).contains("\"quay.io/ns\": {\n\t\t\t\"auth\""));
  }
}

TEST(CredentialSaveTest, HelpersOfRegistriesConfAreTriedInOrder) {
  CredentialFixture fixture;
  fixture.options.helpers = {"gone", "pass", "containers-auth.json"};
  fixture.runner.held["pass"] = {};
  const auto written = Save(fixture, "docker.io");
  ASSERT_TRUE(written) << written.error().message;
  EXPECT_EQ(written->place,
            "helper docker-credential-pass (credential-helpers of registries.conf)");
  EXPECT_EQ(fixture.runner.held["pass"]["https://index.docker.io/v1/"],
            FakeHelperRunner::Account("u", "p"));
  EXPECT_TRUE(fixture.files.files.empty());
  EXPECT_EQ(Save(fixture, "quay.io/ns")->place, kRuntimeAuth);
}

TEST(CredentialSaveTest, TokensInHelpers) {
  CredentialFixture fixture;
  fixture.options.helpers = {"pass"};
  fixture.runner.held["pass"] = {};
  Credentials credentials;
  credentials.identity_token = Secret("refresh");
  ASSERT_TRUE(Save(fixture, "h.test", credentials));
  EXPECT_EQ(fixture.runner.held["pass"]["h.test"], FakeHelperRunner::Account("<token>", "refresh"));
  EXPECT_EQ(Found(fixture, "h.test"), credentials);
  Credentials bearer;
  bearer.registry_token = Secret("bearer");
  const auto refused = Save(fixture, "h.test", bearer);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kUnsupported);
}

TEST(CredentialSaveTest, Failures) {
  struct Row {
    const char* name;
    void (*prepare)(CredentialFixture&);
    const char* scope;
    Credentials credentials;
    ErrorCode code;
  };
  const Row rows[] = {
      {"nothing to store", [](CredentialFixture&) {}, "h.test", Credentials{}, ErrorCode::kUsage},
      {"colon in the name", [](CredentialFixture&) {}, "h.test", User("a:b", "p"),
       ErrorCode::kUsage},
      {"broken file is not replaced", [](CredentialFixture& f) { f.Write(kRuntimeAuth, "{"); },
       "h.test", User("u", "p"), ErrorCode::kConfigInvalid},
      {"unreadable file is not replaced",
       [](CredentialFixture& f) { f.files.unreadable = {kRuntimeAuth}; }, "h.test", User("u", "p"),
       ErrorCode::kIo},
      {"nowhere to write", [](CredentialFixture& f) { f.files.read_only = {"/"}; }, "h.test",
       User("u", "p"), ErrorCode::kIo},
      {"helper refuses",
       [](CredentialFixture& f) {
         f.options.helpers = {"x"};
         f.runner.scripted["x"] = {1, "no"};
       },
       "h.test", User("u", "p"), ErrorCode::kIo},
      {"helper says not found to store",
       [](CredentialFixture& f) {
         f.options.helpers = {"x"};
         f.runner.scripted["x"] = {1, "credentials not found in native keychain"};
       },
       "h.test", User("u", "p"), ErrorCode::kIo},
      {"helper is interrupted: the next place does not get it",
       [](CredentialFixture& f) {
         f.options.helpers = {"slow", "containers-auth.json"};
         f.runner.interrupted = {"slow"};
       },
       "h.test", User("u", "p"), ErrorCode::kCancelled},
      {"helper of the file is missing",
       [](CredentialFixture& f) { f.Write(kRuntimeAuth, R"({"credsStore":"gone"})"); }, "h.test",
       User("u", "p"), ErrorCode::kConfigInvalid},
      {"only helpers, and a namespace", [](CredentialFixture& f) { f.options.helpers = {"x"}; },
       "h.test/ns", User("u", "p"), ErrorCode::kUnsupported},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.name);
    CredentialFixture fixture;
    row.prepare(fixture);
    const std::string before = fixture.Text(kRuntimeAuth);
    const auto written = Save(fixture, row.scope, row.credentials);
    ASSERT_FALSE(written);
    EXPECT_EQ(written.error().code, row.code) << written.error().message;
    EXPECT_EQ(fixture.Text(kRuntimeAuth), before);
  }
}

TEST(CredentialEraseTest, RemovesTheEntryAndItsOtherNames) {
  CredentialFixture fixture;
  fixture.Write(
      kDockerAuth,
      R"({"auths":{"https://index.docker.io/v1/":{"auth":"dTpw"},)"
      R"("index.docker.io":{},"docker.io/ns":{"auth":"dTpw"},"quay.io":{"auth":"dTpw"}},"x":1})");
  const auto written = Erase(fixture, "docker.io", kDockerAuth);
  ASSERT_TRUE(written) << written.error().message;
  EXPECT_EQ(written->place, kDockerAuth);
  EXPECT_EQ(fixture.files.files[kDockerAuth].mode, 0600U);
  EXPECT_TRUE(Found(fixture, "docker.io").empty());
  EXPECT_FALSE(Found(fixture, "docker.io/ns/x").empty());
  EXPECT_FALSE(Found(fixture, "quay.io").empty());
  ASSERT_TRUE(Erase(fixture, "docker.io/ns", kDockerAuth));
  EXPECT_EQ(fixture.Text(kDockerAuth),
            "{\n\t\"auths\": {\n\t\t\"quay.io\": {\n\t\t\t\"auth\": "
            "\"dTpw\"\n\t\t}\n\t},\n\t\"x\": 1\n}\n");
}

TEST(CredentialEraseTest, EmptiesHelpersToo) {
  CredentialFixture fixture;
  fixture.options.helpers = {"pass", "containers-auth.json"};
  fixture.runner.held["pass"]["docker.io"] = {"u", "p"};
  fixture.runner.held["pass"]["https://index.docker.io/v1/"] = {"u", "p"};
  fixture.runner.held["store"]["docker.io"] = {"u", "p"};
  fixture.Write(kRuntimeAuth, R"({"credsStore":"store","auths":{"docker.io":{}}})");
  const auto written = Erase(fixture, "docker.io");
  ASSERT_TRUE(written) << written.error().message;
  EXPECT_EQ(written->place,
            "helper docker-credential-pass (credential-helpers of registries.conf), helper "
            "docker-credential-store (credsStore of /run/user/1000/containers/auth.json)");
  EXPECT_TRUE(fixture.runner.held["pass"].empty());
  EXPECT_TRUE(fixture.runner.held["store"].empty());
  EXPECT_FALSE(fixture.Text(kRuntimeAuth).contains("docker.io"));
}

TEST(CredentialEraseTest, SaysWhereAnotherEntryIsLeft) {
  CredentialFixture fixture;
  const auto nowhere = Erase(fixture, "quay.io/ns");
  ASSERT_FALSE(nowhere);
  EXPECT_EQ(nowhere.error().code, ErrorCode::kNameUnknown);
  EXPECT_EQ(nowhere.error().message, "not logged in to quay.io/ns");
  EXPECT_EQ(nowhere.error().hint, "");
  EXPECT_TRUE(fixture.files.files.empty());
  fixture.Write(kDockerAuth, R"({"auths":{"quay.io":{"auth":"dTpw"}}})");
  EXPECT_EQ(
      Erase(fixture, "quay.io").error().hint,
      R"(credentials that apply to it are still in auths["quay.io"] of /home/u/.docker/config.json)");
}

TEST(CredentialEraseTest, FailuresAreErrors) {
  CredentialFixture fixture;
  fixture.Write(kRuntimeAuth, R"({"credsStore":"gone","auths":{"quay.io":{"auth":"dTpw"}}})");
  EXPECT_EQ(Erase(fixture, "quay.io").error().message, "docker-credential-gone is not on PATH");
  fixture.Write(kRuntimeAuth, R"({"auths":{"quay.io":{"auth":"dTpw"}}})");
  fixture.files.read_only = {"/run/user"};
  fixture.options.authfile = kRuntimeAuth;
  EXPECT_EQ(Erase(fixture, "quay.io").error().code, ErrorCode::kIo);
}

TEST(CredentialEraseAllTest, EmptiesTheFileAndItsHelpers) {
  CredentialFixture fixture;
  EXPECT_EQ(*fixture.Store().EraseAll(), 0);
  EXPECT_TRUE(fixture.files.files.empty());
  fixture.Write(
      kRuntimeAuth,
      R"({"auths":{"a.test":{"auth":"dTpw"},"a.test/ns":{"auth":"dTpw"},"b.test":{},"c.test":{}},)"
      R"("credHelpers":{"d.test":"own"},"credsStore":"store","x":1})");
  fixture.runner.held["own"]["d.test"] = {"u", "p"};
  fixture.runner.held["store"]["b.test"] = {"u", "p"};
  fixture.runner.held["store"]["not of this file"] = {"u", "p"};
  EXPECT_EQ(*fixture.Store().EraseAll(), 4);
  EXPECT_TRUE(fixture.runner.held["own"].empty());
  EXPECT_EQ(fixture.runner.held["store"].size(), 1U);
  EXPECT_EQ(fixture.Text(kRuntimeAuth),
            "{\n\t\"auths\": {},\n\t\"credHelpers\": {\n\t\t\"d.test\": \"own\"\n\t},\n"
            "\t\"credsStore\": \"store\",\n\t\"x\": 1\n}\n");
}

TEST(CredentialEraseAllTest, OfANamedFile) {
  CredentialFixture fixture;
  fixture.Write(kDockerAuth, R"({"auths":{"a.test":{"auth":"dTpw"}}})");
  fixture.Write(kRuntimeAuth, R"({"auths":{"b.test":{"auth":"dTpw"}}})");
  EXPECT_EQ(*fixture.Store().EraseAll(kDockerAuth), 1);
  EXPECT_FALSE(Found(fixture, "b.test").empty());
  fixture.Write(kDockerAuth, "[");
  EXPECT_EQ(fixture.Store().EraseAll(kDockerAuth).error().code, ErrorCode::kConfigInvalid);
}

}  // namespace
}  // namespace portolan::config
