#include "portolan/config/auth_file.h"

#include <gtest/gtest.h>

#include "portolan/base/base64.h"
#include "portolan/config/testing/credential_fixture.h"

namespace portolan::config {
namespace {

// dTpw is the base64 of u:p.

TEST(AuthFileTest, MatchesTheLongestNamespaceThenTheRegistryThenItsOldNames) {
  struct Row {
    const char* name;
    const char* auths;
    const char* scope;
    const char* key;  // that matches; null if none does
  };
  const Row rows[] = {
      {"registry", R"({"quay.io":{"auth":"dTpw"}})", "quay.io", "quay.io"},
      {"registry for a repository", R"({"quay.io":{"auth":"dTpw"}})", "quay.io/a/b", "quay.io"},
      {"longest first",
       R"({"quay.io":{"auth":"dTpw"},"quay.io/a":{"auth":"dTpw"},"quay.io/a/b":{"auth":"dTpw"}})",
       "quay.io/a/b", "quay.io/a/b"},
      {"parent namespace", R"({"quay.io":{"auth":"dTpw"},"quay.io/a":{"auth":"dTpw"}})",
       "quay.io/a/b", "quay.io/a"},
      {"whole components only", R"({"quay.io/a":{"auth":"dTpw"}})", "quay.io/ab", nullptr},
      {"a namespace's secret is not the registry's", R"({"quay.io/a":{"auth":"dTpw"}})", "quay.io",
       nullptr},
      {"another port is another registry", R"({"h.test:5000":{"auth":"dTpw"}})", "h.test", nullptr},
      {"port", R"({"h.test:5000":{"auth":"dTpw"}})", "h.test:5000/x", "h.test:5000"},
      {"IPv6", R"({"[::1]:5000":{"auth":"dTpw"}})", "[::1]:5000/x", "[::1]:5000"},
      {"URL key", R"({"https://quay.io":{"auth":"dTpw"}})", "quay.io/a", "https://quay.io"},
      {"URL key with path", R"({"http://quay.io/v1/":{"auth":"dTpw"}})", "quay.io",
       "http://quay.io/v1/"},
      {"upper case key", R"({"Quay.IO":{"auth":"dTpw"}})", "quay.io", "Quay.IO"},
      {"hub by docker's key", R"({"https://index.docker.io/v1/":{"auth":"dTpw"}})",
       "docker.io/library/x", "https://index.docker.io/v1/"},
      {"hub by host", R"({"index.docker.io":{"auth":"dTpw"}})", "docker.io", "index.docker.io"},
      {"hub by API host", R"({"registry-1.docker.io":{"auth":"dTpw"}})", "docker.io",
       "registry-1.docker.io"},
      {"hub's own name wins",
       R"({"https://index.docker.io/v1/":{"auth":"dTpw"},"docker.io":{"auth":"dTpw"}})",
       "docker.io", "docker.io"},
      {"hub namespace", R"({"docker.io/me":{"auth":"dTpw"},"docker.io":{"auth":"dTpw"}})",
       "docker.io/me/app", "docker.io/me"},
      {"empty entry", R"({"quay.io":{}})", "quay.io", nullptr},
      {"null entry", R"({"quay.io":null})", "quay.io", nullptr},
      {"empty entry gives way to its parent", R"({"quay.io/a":{},"quay.io":{"auth":"dTpw"}})",
       "quay.io/a/b", "quay.io"},
      {"empty auth gives way to an old name",
       R"({"quay.io":{"auth":""},"https://quay.io":{"username":"u","password":"p"}})", "quay.io",
       "https://quay.io"},
      {"password alone is nothing", R"({"quay.io":{"password":"p"}})", "quay.io", nullptr},
      {"no entries", "{}", "quay.io", nullptr},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.name);
    const auto file = AuthFile::Parse(std::string(R"({"auths":)") + row.auths + "}", "f");
    ASSERT_TRUE(file) << file.error().message;
    const Scope scope = ScopeOf(row.scope);
    const AuthEntry* entry = file->Match(scope.registry, scope.repository);
    EXPECT_EQ(entry == nullptr ? "(none)" : entry->key, row.key == nullptr ? "(none)" : row.key);
  }
}

TEST(AuthFileTest, LegacyKeysAreUrlsWithoutNamespaces) {
  const auto file = AuthFile::Parse(
      R"({"https://index.docker.io/v1/":{"auth":"dTpw"},"h.test/v1/":{"auth":"dTpw"}})", "f",
      AuthFile::Format::kLegacy);
  ASSERT_TRUE(file) << file.error().message;
  const Scope hub = ScopeOf("docker.io/library/x");
  const Scope other = ScopeOf("h.test/ns/x");
  EXPECT_NE(file->Match(hub.registry, hub.repository), nullptr);
  EXPECT_NE(file->Match(other.registry, other.repository), nullptr);
  EXPECT_EQ(file->Match(ScopeOf("quay.io").registry, std::nullopt), nullptr);
}

TEST(AuthFileTest, DecodesEveryKindOfEntry) {
  struct Row {
    const char* name;
    std::string entry;
    Credentials expected;
  };
  const auto user = [](const char* name, const char* password) {
    return Credentials{
        .username = name, .password = Secret(password), .identity_token = {}, .registry_token = {}};
  };
  const auto auth = [](std::string_view text) {
    return R"({"auth":")" + Base64Encode(text) + R"("})";
  };
  Credentials identity;
  identity.identity_token = Secret("refresh");
  Credentials registry;
  registry.registry_token = Secret("bearer");
  const Row rows[] = {
      {"auth", auth("u:p"), user("u", "p")},
      {"colons in the password", auth("u:p:q:"), user("u", "p:q:")},
      {"NUL bytes at the end", auth(std::string_view("u:p\0\0", 5)), user("u", "p")},
      {"empty password", auth("u:"), user("u", "")},
      {"white space around", R"({"auth":" dTpw\n"})", user("u", "p")},
      {"plain", R"({"username":"u","password":"p"})", user("u", "p")},
      {"auth wins over plain", R"({"auth":"dTpw","username":"x","password":"y"})", user("u", "p")},
      {"identity token", R"({"auth":"MDAwOg==","identitytoken":"refresh"})", identity},
      {"identity token alone", R"({"identitytoken":"refresh"})", identity},
      {"registry token", R"({"auth":"dTpw","identitytoken":"x","registrytoken":"bearer"})",
       registry},
      {"other members", R"({"auth":"dTpw","email":"u@h","x":[1]})", user("u", "p")},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.name);
    const auto file = AuthFile::Parse(R"({"auths":{"h.test":)" + row.entry + "}}", "f");
    ASSERT_TRUE(file) << file.error().message;
    const auto credentials = DecodeEntry(file->auths[0], "f");
    ASSERT_TRUE(credentials) << credentials.error().message;
    EXPECT_EQ(credentials->username, row.expected.username);
    EXPECT_EQ(credentials->password.Reveal(), row.expected.password.Reveal());
    EXPECT_EQ(*credentials, row.expected);
  }
}

TEST(AuthFileTest, AnEntryThatCannotBeDecodedIsNamedWithoutItsSecret) {
  for (const char* auth : {"%%%secret", "c2VjcmV0"}) {  // no base64; base64 without a colon
    const auto file = AuthFile::Parse(
        std::string(R"({"auths":{"h.test":{"auth":")") + auth + R"("}}})", "/a.json");
    ASSERT_TRUE(file);
    const auto credentials = DecodeEntry(file->auths[0], "/a.json");
    ASSERT_FALSE(credentials);
    EXPECT_EQ(credentials.error().code, ErrorCode::kConfigInvalid);
    EXPECT_EQ(credentials.error().message,
              R"(/a.json: auths["h.test"]: auth must be the base64 of user:password)");
  }
}

TEST(AuthFileTest, RefusesWhatIsNotACredentialsFile) {
  struct Row {
    const char* name;
    std::string text;
    const char* message;
  };
  const Row rows[] = {
      {"not JSON", "{\n\"auths\": x}", "/f:2: not JSON: "},
      {"cut off", "{\n\"auths\": {", "/f:2: not JSON: "},
      {"text after the end", "{}\n\nx", "/f:3: not JSON: "},
      {"too deep", "{\"a\":" + std::string(100, '['), "/f:1: not JSON: "},
      {"array", "[]", "/f: must be a JSON object"},
      {"auths", R"({"auths":[]})", "/f: auths must be an object"},
      {"entry", R"({"auths":{"h":"x"}})", R"(/f: auths["h"] must be an object)"},
      {"auth", R"({"auths":{"h":{"auth":1}}})", R"(/f: auths["h"]: auth must be a string)"},
      {"username", R"({"auths":{"h":{"username":1}}})", "username must be a string"},
      {"password", R"({"auths":{"h":{"password":1}}})", "password must be a string"},
      {"identitytoken", R"({"auths":{"h":{"identitytoken":1}}})", "identitytoken must be a string"},
      {"registrytoken", R"({"auths":{"h":{"registrytoken":1}}})", "registrytoken must be a string"},
      {"credsStore", R"({"credsStore":{}})", "/f: credsStore must be a string"},
      {"credHelpers", R"({"credHelpers":"x"})", "/f: credHelpers must be an object"},
      {"credHelpers entry", R"({"credHelpers":{"h":1}})", R"(credHelpers["h"] must be a string)"},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.name);
    const auto file = AuthFile::Parse(row.text, "/f");
    ASSERT_FALSE(file);
    EXPECT_EQ(file.error().code, ErrorCode::kConfigInvalid);
    EXPECT_TRUE(file.error().message.contains(row.message)) << file.error().message;
  }
}

TEST(AuthFileTest, NothingAndNullAreEmptyFiles) {
  for (const char* text :
       {"", " \n", "{}", R"({"auths":null,"credHelpers":null,"credsStore":null})"}) {
    SCOPED_TRACE(text);
    const auto file = AuthFile::Parse(text, "f");
    ASSERT_TRUE(file) << file.error().message;
    EXPECT_TRUE(file->auths.empty());
    EXPECT_TRUE(file->cred_helpers.empty());
    EXPECT_EQ(file->creds_store, "");
  }
}

TEST(AuthFileTest, FindsTheHelperOfARegistryByItsHostAlone) {
  const auto file = AuthFile::Parse(
      R"({"credHelpers":{"quay.io":"pass","quay.io/a":"x","h.test:5000":"gcr","off.test":"",
          "https://index.docker.io/v1/":"desktop"}})",
      "f");
  ASSERT_TRUE(file) << file.error().message;
  struct Row {
    const char* registry;
    const char* helper;
  };
  for (const Row& row : {Row{"quay.io", "pass"}, Row{"h.test:5000", "gcr"}, Row{"h.test", "(none)"},
                         Row{"off.test", "(none)"}, Row{"docker.io", "desktop"}}) {
    SCOPED_TRACE(row.registry);
    const auto* helper = file->HelperFor(*oci::RegistryName::Parse(row.registry));
    EXPECT_EQ(helper == nullptr ? "(none)" : helper->second, row.helper);
  }
}

}  // namespace
}  // namespace portolan::config
