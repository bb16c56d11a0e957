// Where CredentialStore::Find looks, in which order, and what it makes of what it finds.
#include <gtest/gtest.h>

#include "portolan/base/base64.h"
#include "portolan/config/credentials.h"
#include "portolan/config/testing/credential_fixture.h"

namespace portolan::config {
namespace {

using Outcome = LookupStep::Outcome;

// A file whose entry for h.test has this user name.
std::string FileOf(const char* user) {
  return R"({"auths":{"h.test":{"auth":")" + Base64Encode(std::string(user) + ":p") + R"("}}})";
}

Result<CredentialLookup> Find(CredentialFixture& fixture, const char* name, bool explain = false) {
  const Scope scope = ScopeOf(name);
  return fixture.Store().Find(scope.registry, scope.repository, explain);
}

TEST(CredentialFindTest, TheFirstPlaceThatMatchesWins) {
  CredentialFixture fixture;
  fixture.options.helpers = {"first", "containers-auth.json", "last"};
  // From the first place to the last: each is removed in turn, so the next must win.
  fixture.environment.variables["DOCKER_AUTH_CONFIG"] = FileOf("variable");
  fixture.runner.held["first"]["h.test"] = {"first helper", "p"};
  fixture.Write(kRuntimeAuth, FileOf("runtime"));
  fixture.Write(kUserAuth, FileOf("user"));
  fixture.Write(kDockerAuth, FileOf("docker"));
  fixture.Write(kDockerCfg, R"({"h.test":{"auth":"b2xkOnA="}})");
  fixture.runner.held["last"]["h.test"] = {"last helper", "p"};
  const auto expect = [&](const char* user, const char* source) {
    SCOPED_TRACE(user);
    const auto lookup = Find(fixture, "h.test/x");
    ASSERT_TRUE(lookup) << lookup.error().message;
    EXPECT_EQ(lookup->credentials.username, user);
    EXPECT_EQ(lookup->source, source);
  };
  expect("variable", R"(auths["h.test"] of DOCKER_AUTH_CONFIG)");
  fixture.environment.variables.erase("DOCKER_AUTH_CONFIG");
  expect("first helper", "helper docker-credential-first (credential-helpers of registries.conf)");
  fixture.runner.held["first"].clear();
  expect("runtime", R"(auths["h.test"] of /run/user/1000/containers/auth.json)");
  fixture.files.files.erase(kRuntimeAuth);
  expect("user", R"(auths["h.test"] of /home/u/.config/containers/auth.json)");
  fixture.files.files.erase(kUserAuth);
  expect("docker", R"(auths["h.test"] of /home/u/.docker/config.json)");
  fixture.files.files.erase(kDockerAuth);
  expect("old", R"(auths["h.test"] of /home/u/.dockercfg)");
  fixture.files.files.erase(kDockerCfg);
  expect("last helper", "helper docker-credential-last (credential-helpers of registries.conf)");
  fixture.runner.held["last"].clear();
  expect("", "");
}

TEST(CredentialFindTest, VariablesMoveTheFiles) {
  struct Row {
    const char* name;
    std::map<std::string, std::string> variables;
    const char* path;
  };
  const Row rows[] = {
      {"no XDG_RUNTIME_DIR", {}, "/run/containers/1000/auth.json"},
      {"XDG_RUNTIME_DIR", {{"XDG_RUNTIME_DIR", "/r"}}, "/r/containers/auth.json"},
      {"XDG_CONFIG_HOME", {{"XDG_CONFIG_HOME", "/c"}}, "/c/containers/auth.json"},
      {"DOCKER_CONFIG", {{"DOCKER_CONFIG", "/d/"}}, "/d/config.json"},
      {"REGISTRY_AUTH_FILE", {{"REGISTRY_AUTH_FILE", "/a.json"}}, "/a.json"},
      {"empty counts as unset", {{"DOCKER_CONFIG", ""}, {"XDG_CONFIG_HOME", ""}}, kDockerAuth},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.name);
    CredentialFixture fixture;
    fixture.environment.variables = row.variables;
    fixture.Write(row.path, FileOf("u"));
    const auto lookup = Find(fixture, "h.test");
    ASSERT_TRUE(lookup) << lookup.error().message;
    EXPECT_EQ(lookup->source, std::string(R"(auths["h.test"] of )") + row.path);
  }
}

TEST(CredentialFindTest, ANamedFileIsTheOnlyPlace) {
  CredentialFixture fixture;
  fixture.environment.variables["DOCKER_AUTH_CONFIG"] = FileOf("variable");
  fixture.options.helpers = {"pass"};
  fixture.runner.held["pass"]["h.test"] = {"helper", "p"};
  fixture.Write(kUserAuth, FileOf("user"));
  fixture.Write("/env.json", FileOf("environment"));
  fixture.Write("/option.json", "{}");
  fixture.environment.variables["REGISTRY_AUTH_FILE"] = "/env.json";
  EXPECT_EQ(Find(fixture, "h.test")->credentials.username, "environment");
  fixture.options.authfile = "/option.json";
  const auto lookup = Find(fixture, "h.test", /*explain=*/true);
  ASSERT_TRUE(lookup);
  EXPECT_TRUE(lookup->credentials.empty());
  EXPECT_EQ(lookup->steps,
            (std::vector<LookupStep>{
                {.place = "/option.json", .outcome = Outcome::kNoMatch, .detail = ""}}));
  EXPECT_TRUE(fixture.runner.calls.empty());
}

TEST(CredentialFindTest, ANamedFileMustBeThere) {
  CredentialFixture fixture;
  fixture.options.authfile = "/gone.json";
  const auto gone = Find(fixture, "h.test");
  ASSERT_FALSE(gone);
  EXPECT_EQ(gone.error().code, ErrorCode::kConfigInvalid);
  EXPECT_EQ(gone.error().message, "cannot read /gone.json: No such file or directory");
  fixture.files.unreadable = {"/gone.json"};
  EXPECT_EQ(Find(fixture, "h.test").error().code, ErrorCode::kIo);
}

TEST(CredentialFindTest, InOneFileHelpersComeBeforeEntriesAndTheStoreLast) {
  CredentialFixture fixture;
  fixture.Write(kDockerAuth, R"({"auths":{"h.test":{"auth":"ZW50cnk6cA=="}},
                                 "credHelpers":{"h.test":"own"},"credsStore":"store"})");
  fixture.runner.held["own"]["h.test"] = {"own helper", "p"};
  fixture.runner.held["store"]["h.test"] = {"store", "p"};
  auto lookup = Find(fixture, "h.test/ns/x");
  ASSERT_TRUE(lookup);
  EXPECT_EQ(lookup->credentials.username, "own helper");
  EXPECT_EQ(
      lookup->source,
      R"(helper docker-credential-own (credHelpers["h.test"] of /home/u/.docker/config.json))");
  fixture.runner.held["own"].clear();
  EXPECT_EQ(Find(fixture, "h.test/ns/x")->credentials.username, "entry");
  fixture.Write(kDockerAuth, R"({"auths":{"h.test":{}},"credsStore":"store"})");
  lookup = Find(fixture, "h.test/ns/x");
  EXPECT_EQ(lookup->credentials.username, "store");
  EXPECT_EQ(lookup->source,
            "helper docker-credential-store (credsStore of /home/u/.docker/config.json)");
}

TEST(CredentialFindTest, HelpersAreAskedForDockerHubByDockersNameThenPodmans) {
  CredentialFixture fixture;
  fixture.Write(kDockerAuth, R"({"credsStore":"pass"})");
  fixture.runner.held["pass"]["https://index.docker.io/v1/"] = {"docker", "p"};
  fixture.runner.held["pass"]["docker.io"] = {"podman", "p"};
  EXPECT_EQ(Find(fixture, "docker.io/library/x")->credentials.username, "docker");
  fixture.runner.held["pass"].erase("https://index.docker.io/v1/");
  EXPECT_EQ(Find(fixture, "docker.io/library/x")->credentials.username, "podman");
  EXPECT_EQ(fixture.runner.calls, (std::vector<std::string>{"pass get https://index.docker.io/v1/",
                                                            "pass get https://index.docker.io/v1/",
                                                            "pass get docker.io"}));
}

TEST(CredentialFindTest, TheUserTokenOfAHelperMeansAnIdentityToken) {
  CredentialFixture fixture;
  fixture.options.helpers = {"acr"};
  fixture.runner.held["acr"]["h.test"] = {"<token>", "refresh"};
  const auto lookup = Find(fixture, "h.test");
  ASSERT_TRUE(lookup);
  Credentials expected;
  expected.identity_token = Secret("refresh");
  EXPECT_EQ(lookup->credentials, expected);
}

TEST(CredentialFindTest, AHelperThatIsInterruptedEndsTheSearch) {
  CredentialFixture fixture;
  fixture.options.helpers = {"slow", "pass"};
  fixture.runner.interrupted = {"slow"};
  fixture.runner.held["pass"]["h.test"] = {"u", "p"};
  const auto lookup = Find(fixture, "h.test");
  ASSERT_FALSE(lookup);
  EXPECT_EQ(lookup.error().code, ErrorCode::kCancelled);
  EXPECT_EQ(fixture.runner.calls.size(), 1U);
}

TEST(CredentialFindTest, WhatHelpersAnswerOtherwise) {
  struct Row {
    const char* name;
    HelperRunner::Output output;
    Outcome outcome;
    const char* detail;
  };
  const Row rows[] = {
      {"not found", {1, "credentials not found in native keychain"}, Outcome::kNoMatch, ""},
      {"not found with more text",
       {1, "error: credentials not found in native keychain\n"},
       Outcome::kNoMatch,
       ""},
      {"empty account",
       {0, R"({"ServerURL":"h","Username":"","Secret":""})"},
       Outcome::kNoMatch,
       ""},
      {"failure",
       {2, "vault is\x1b[2J locked\n"},
       Outcome::kError,
       "docker-credential-x get failed with exit status 2: vault is\\x1b[2J locked"},
      {"silent failure",
       {1, ""},
       Outcome::kError,
       "docker-credential-x get failed with exit status 1"},
      {"no JSON",
       {0, "s3cret"},
       Outcome::kError,
       "docker-credential-x get: the answer is not an object with Username and Secret"},
      {"no secret",
       {0, R"({"Username":"s3cret"})"},
       Outcome::kError,
       "docker-credential-x get: the answer is not an object with Username and Secret"},
      {"wrong type",
       {0, R"({"Username":"u","Secret":1})"},
       Outcome::kError,
       "docker-credential-x get: the answer is not an object with Username and Secret"},
      {"nothing",
       {0, ""},
       Outcome::kError,
       "docker-credential-x get: the answer is not an object with Username and Secret"},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.name);
    CredentialFixture fixture;
    fixture.options.helpers = {"x", "containers-auth.json"};
    fixture.runner.scripted["x"] = row.output;
    fixture.Write(kUserAuth, FileOf("next"));
    const auto lookup = Find(fixture, "h.test");
    ASSERT_TRUE(lookup);
    EXPECT_EQ(lookup->credentials.username, "next");  // the search went on
    EXPECT_EQ(lookup->steps[0].outcome, row.outcome);
    EXPECT_EQ(lookup->steps[0].detail, row.detail);
  }
}

TEST(CredentialFindTest, AMissingHelperAndAnUnreadableFileAreSteps) {
  CredentialFixture fixture;
  fixture.options.helpers = {"gone", "containers-auth.json"};
  fixture.files.unreadable = {kRuntimeAuth};
  fixture.Write(kDockerAuth, FileOf("docker"));
  const auto lookup = Find(fixture, "h.test");
  ASSERT_TRUE(lookup);
  const std::vector<LookupStep> expected = {
      {.place = "helper docker-credential-gone (credential-helpers of registries.conf)",
       .outcome = Outcome::kError,
       .detail = "docker-credential-gone is not on PATH"},
      {.place = kRuntimeAuth,
       .outcome = Outcome::kError,
       .detail = "cannot read /run/user/1000/containers/auth.json: Permission denied"},
      {.place = kUserAuth, .outcome = Outcome::kAbsent, .detail = ""},
      {.place = kDockerAuth, .outcome = Outcome::kMatch, .detail = "h.test"}};
  EXPECT_EQ(lookup->steps, expected);
}

TEST(CredentialFindTest, ExplainGoesOnAndShowsWhatIsShadowed) {
  CredentialFixture fixture;
  fixture.Write(kRuntimeAuth, FileOf("first"));
  fixture.Write(kUserAuth, "{ broken");
  fixture.Write(kDockerAuth, FileOf("second"));
  fixture.Write(kDockerCfg, R"({"h.test":{"auth":"Og=="}})");
  const auto lookup = Find(fixture, "h.test", /*explain=*/true);
  ASSERT_TRUE(lookup) << lookup.error().message;
  EXPECT_EQ(lookup->credentials.username, "first");
  ASSERT_EQ(lookup->steps.size(), 4U);
  EXPECT_EQ(lookup->steps[0].outcome, Outcome::kMatch);
  EXPECT_EQ(lookup->steps[1].outcome, Outcome::kError);
  EXPECT_TRUE(
      lookup->steps[1].detail.starts_with("/home/u/.config/containers/auth.json:1: not JSON"));
  EXPECT_EQ(lookup->steps[2].outcome, Outcome::kShadowed);
  EXPECT_EQ(lookup->steps[3].outcome, Outcome::kNoMatch);
  EXPECT_EQ(lookup->steps[3].detail, "the entry h.test is empty");
  // Without explain nothing behind the match is even opened.
  fixture.files.reads.clear();
  ASSERT_TRUE(Find(fixture, "h.test"));
  EXPECT_EQ(fixture.files.reads.size(), 1U);
}

TEST(CredentialFindTest, WhatCannotBeParsedStopsTheSearch) {
  struct Row {
    const char* name;
    const char* text;
  };
  for (const Row& row : {Row{"file", "{"}, Row{"entry", R"({"auths":{"h.test":{"auth":"!"}}})"}}) {
    SCOPED_TRACE(row.name);
    CredentialFixture fixture;
    fixture.Write(kRuntimeAuth, row.text);
    fixture.Write(kUserAuth, FileOf("u"));
    const auto in_file = Find(fixture, "h.test");
    ASSERT_FALSE(in_file);
    EXPECT_EQ(in_file.error().code, ErrorCode::kConfigInvalid);
    EXPECT_TRUE(in_file.error().message.starts_with(kRuntimeAuth)) << in_file.error().message;
    fixture.environment.variables["DOCKER_AUTH_CONFIG"] = row.text;
    const auto in_variable = Find(fixture, "h.test");
    ASSERT_FALSE(in_variable);
    EXPECT_TRUE(in_variable.error().message.starts_with("DOCKER_AUTH_CONFIG"));
  }
}

TEST(CredentialFindTest, ExplainingGoesOnBehindABrokenFile) {
  CredentialFixture fixture;
  fixture.Write(kRuntimeAuth, "{");
  fixture.Write(kUserAuth, FileOf("u"));
  const auto lookup = Find(fixture, "h.test", /*explain=*/true);
  ASSERT_TRUE(lookup) << lookup.error().message;
  EXPECT_EQ(lookup->failure, Find(fixture, "h.test").error());
  EXPECT_TRUE(lookup->credentials.empty());
  EXPECT_EQ(lookup->source, "");
  ASSERT_GE(lookup->steps.size(), 2U);
  EXPECT_EQ(lookup->steps[0].outcome, Outcome::kError);
  EXPECT_EQ(lookup->steps[0].detail, lookup->failure->message);
  EXPECT_EQ(lookup->steps[1].outcome, Outcome::kShadowed);
}

TEST(CredentialFindTest, ABrokenEntryOfAnotherRegistryDoesNotMatter) {
  CredentialFixture fixture;
  fixture.Write(kUserAuth, R"({"auths":{"other.test":{"auth":"!"},"h.test":{"auth":"dTpw"}}})");
  EXPECT_EQ(Find(fixture, "h.test")->credentials.username, "u");
}

TEST(CredentialFindTest, LimitsAreKept) {
  CredentialFixture fixture;
  fixture.limits.config_file = 10;
  fixture.Write(kUserAuth, FileOf("u"));
  const auto lookup = Find(fixture, "h.test");
  ASSERT_TRUE(lookup);
  EXPECT_EQ(lookup->steps[1].outcome, Outcome::kError);
  fixture.environment.variables["DOCKER_AUTH_CONFIG"] = FileOf("u");
  EXPECT_EQ(Find(fixture, "h.test").error().code, ErrorCode::kTooLarge);
}

TEST(CredentialFindTest, FilesAloneAnswerWhereNoHelperIsInvolved) {
  CredentialFixture fixture;
  const Scope scope = ScopeOf("h.test");
  const auto nothing = fixture.Store().FindInFiles(scope.registry, scope.repository);
  ASSERT_TRUE(nothing && *nothing);
  EXPECT_TRUE((*nothing)->credentials.empty());

  fixture.Write(kUserAuth, FileOf("u"));
  const auto found = fixture.Store().FindInFiles(scope.registry, scope.repository);
  ASSERT_TRUE(found && *found);
  EXPECT_EQ((*found)->credentials.username, "u");

  fixture.Write(kRuntimeAuth, R"({"credHelpers":{"h.test":"slow"}})");
  EXPECT_FALSE(fixture.Store().FindInFiles(scope.registry, scope.repository))
      << "a helper comes before the file that has an answer";
}

}  // namespace
}  // namespace portolan::config
