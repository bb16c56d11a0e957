// Short names, and where a repository is asked for.
#include "portolan/config/registries.h"

#include <algorithm>

#include <gtest/gtest.h>

namespace portolan::config {
namespace {

RegistriesConf Parse(const std::string& text) {
  MemoryFiles files;
  files.files["/r.conf"].content = text;
  NullLog log;
  auto conf = RegistriesConf::Load(files, Environment{.variables = {}, .home = "/", .uid = 0},
                                   "/r.conf", Limits{}, log);
  EXPECT_TRUE(conf) << conf.error().message;
  return conf ? *std::move(conf) : RegistriesConf();
}

std::string Expand(const RegistriesConf& conf, const char* name) {
  const auto references = conf.ExpandShortName(name);
  if (!references) return "error: " + references.error().message;
  std::string text;
  for (const oci::Reference& reference : *references) {
    if (!text.empty()) text += ' ';
    text += reference.ToString();
  }
  return text;
}

// "m.test/a(mirror,insecure) quay.io/a".
std::string Resolve(const RegistriesConf& conf, std::string_view name) {
  const std::size_t slash = name.find('/');
  std::optional<oci::RepositoryName> repository;
  if (slash != std::string_view::npos)
    repository = *oci::RepositoryName::Parse(name.substr(slash + 1));
  const auto endpoints = conf.Resolve(*oci::RegistryName::Parse(name.substr(0, slash)), repository);
  if (!endpoints) return "error: " + endpoints.error().message;
  std::string text;
  for (const Endpoint& endpoint : *endpoints) {
    if (!text.empty()) text += ' ';
    text += endpoint.registry.text();
    if (endpoint.repository) text += "/" + endpoint.repository->text();
    if (endpoint.mirror) text += "(mirror)";
    if (endpoint.insecure) text += "(insecure)";
  }
  return text;
}

constexpr const char* kDigest =
    "@sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

TEST(ShortNameTest, AliasesKeepTagAndDigest) {
  const RegistriesConf conf = Parse(
      "unqualified-search-registries = ['s.test']\n"
      "[aliases]\ncentos = 'quay.io/centos/centos'\n'opensuse/leap' = 'r.test/opensuse/leap'\n"
      "fedora = ''\n");
  struct Row {
    std::string name;
    std::string expected;
  };
  const Row rows[] = {
      {"centos", "quay.io/centos/centos"},
      {"centos:7", "quay.io/centos/centos:7"},
      {std::string("centos") + kDigest, std::string("quay.io/centos/centos") + kDigest},
      {std::string("centos:7") + kDigest, std::string("quay.io/centos/centos:7") + kDigest},
      {"opensuse/leap:15", "r.test/opensuse/leap:15"},
      {"leap", "s.test/leap"},
      {"x/centos", "s.test/x/centos"},
      {"fedora", "s.test/fedora"},
      {"ubuntu:22.04", "s.test/ubuntu:22.04"},
      {"quay.io/centos:1", "quay.io/centos:1"},
      {"docker://centos", "docker.io/library/centos"},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.name);
    EXPECT_EQ(Expand(conf, row.name.c_str()), row.expected);
  }
}

TEST(ShortNameTest, SearchRegistriesAndModes) {
  struct Row {
    const char* name;
    const char* text;
    const char* expected;
  };
  const Row rows[] = {
      {"nothing configured", "", "docker.io/library/x:1"},
      {"one", "unqualified-search-registries = ['a.test']", "a.test/x:1"},
      {"docker.io", "unqualified-search-registries = ['docker.io']", "docker.io/library/x:1"},
      {"permissive",
       "unqualified-search-registries = ['a.test', 'docker.io']\nshort-name-mode = 'permissive'",
       "a.test/x:1 docker.io/library/x:1"},
      {"disabled",
       "unqualified-search-registries = ['b.test', 'a.test']\nshort-name-mode = 'disabled'",
       "b.test/x:1 a.test/x:1"},
      {"enforcing is the default", "unqualified-search-registries = ['a.test', 'docker.io']",
       "error: short name x:1 is ambiguous: it may stand for a.test/x:1, docker.io/library/x:1"},
      {"enforcing with an alias",
       "unqualified-search-registries = ['a.test', 'docker.io']\n[aliases]\nx = 'b.test/x'",
       "b.test/x:1"},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.name);
    EXPECT_EQ(Expand(Parse(row.text), "x:1"), row.expected);
  }
}

TEST(ShortNameTest, NonsenseIsRefusedAsItWasWritten) {
  const RegistriesConf conf = Parse("unqualified-search-registries = ['a.test']");
  for (const char* name : {"", "Ubuntu x", "x:", "x@sha256:1", "x:1:2"}) {
    SCOPED_TRACE(name);
    const auto references = conf.ExpandShortName(name);
    ASSERT_FALSE(references);
    EXPECT_EQ(references.error().code, ErrorCode::kReferenceInvalid);
  }
  const auto ambiguous =
      Parse("unqualified-search-registries = ['a.test', 'b.test']").ExpandShortName("x");
  EXPECT_EQ(ambiguous.error().code, ErrorCode::kReferenceInvalid);
}

TEST(ResolveTest, TheLongestPrefixOnComponentBoundaries) {
  const RegistriesConf conf = Parse(R"(
[[registry]]
prefix = "quay.io"
location = "one.test"
[[registry]]
prefix = "Quay.IO/a"
location = "two.test/x"
[[registry]]
prefix = "quay.io/a/b/"
location = "three.test:5000/"
[[registry]]
prefix = "h.test:5000"
location = "four.test"
[[registry]]
prefix = "*.wild.test"
insecure = true
[[registry]]
prefix = "*.deep.wild.test"
location = "five.test/w"
[[registry]]
prefix = "x.deep.wild.test"
location = "six.test"
[[registry]]
prefix = "same.test"
insecure = true
)");
  struct Row {
    const char* name;
    const char* expected;
  };
  const Row rows[] = {
      {"quay.io", "one.test"},
      {"quay.io/b", "one.test/b"},
      {"quay.io/a", "two.test/x"},
      {"quay.io/a/c", "two.test/x/c"},
      {"quay.io/ab", "one.test/ab"},
      {"quay.io/a/b/c", "three.test:5000/c"},
      {"quay.io.evil.test/a", "quay.io.evil.test/a"},
      {"quay.io:444/a", "quay.io:444/a"},
      {"h.test/a", "h.test/a"},
      {"h.test:5000/a", "four.test/a"},
      {"a.wild.test/x", "a.wild.test/x(insecure)"},
      {"a.b.wild.test/x", "a.b.wild.test/x(insecure)"},
      {"a.wild.test:5000/x", "a.wild.test:5000/x(insecure)"},
      {"wild.test/x", "wild.test/x"},
      {"awild.test/x", "awild.test/x"},
      {"h.test/a.wild.test", "h.test/a.wild.test"},
      {"a.deep.wild.test/x", "five.test/w/x"},
      {"x.deep.wild.test/x", "six.test/x"},  // as long as the wildcard, and exact
      {"same.test/x", "same.test/x(insecure)"},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.name);
    EXPECT_EQ(Resolve(conf, row.name), row.expected);
  }
}

TEST(ResolveTest, MirrorsComeFirstUnlessTheyAreForDigests) {
  const RegistriesConf conf = Parse(R"(
[[registry]]
location = "quay.io"
[[registry.mirror]]
location = "m1.test/quay"
insecure = true
[[registry.mirror]]
location = "m2.test"
pull-from-mirror = "tag-only"
[[registry.mirror]]
location = "m3.test"
pull-from-mirror = "digest-only"
[[registry.mirror]]
location = "m4.test"
pull-from-mirror = "all"
[[registry]]
location = "d.test"
mirror-by-digest-only = true
[[registry.mirror]]
location = "m5.test"
[[registry]]
prefix = "docker.io"
location = "docker.io"
mirror = [{location = "mirror.gcr.io"}]
)");
  EXPECT_EQ(
      Resolve(conf, "quay.io/a/b"),
      "m1.test/quay/a/b(mirror)(insecure) m2.test/a/b(mirror) m4.test/a/b(mirror) quay.io/a/b");
  EXPECT_EQ(Resolve(conf, "d.test/a"), "d.test/a");
  EXPECT_EQ(Resolve(conf, "docker.io/library/x"),
            "mirror.gcr.io/library/x(mirror) docker.io/library/x");
  // A whole registry: what holds it in a namespace cannot be listed in its place.
  EXPECT_EQ(Resolve(conf, "quay.io"), "m2.test(mirror) m4.test(mirror) quay.io");
}

TEST(ResolveTest, BlockedRegistries) {
  const RegistriesConf conf = Parse(
      "[[registry]]\nprefix = 'quay.io/evil'\nblocked = true\n"
      "[[registry]]\nprefix = 'quay.io/evil/good'\n"
      "[[registry]]\nprefix = '*.bad.test'\nblocked = true\n");
  EXPECT_EQ(Resolve(conf, "quay.io/evil/x"),
            "error: quay.io/evil/x is blocked by the prefix quay.io/evil of registries.conf");
  EXPECT_EQ(Resolve(conf, "quay.io/evil/good/x"), "quay.io/evil/good/x");
  EXPECT_EQ(Resolve(conf, "quay.io/fine"), "quay.io/fine");
  const auto wild = conf.Resolve(*oci::RegistryName::Parse("a.bad.test:1"), std::nullopt);
  ASSERT_FALSE(wild);
  EXPECT_EQ(wild.error().code, ErrorCode::kBlocked);
}

TEST(ResolveTest, TheLaterOfTwoEqualPrefixesWinsWhole) {
  const RegistriesConf conf = Parse(
      "[[registry]]\nprefix = 'a.test'\nblocked = true\n"
      "[[registry]]\nprefix = 'a.test'\nlocation = 'b.test'\n");
  EXPECT_EQ(Resolve(conf, "a.test/x"), "b.test/x");
}

TEST(ResolveTest, ARegistryMovedIntoANamespaceCannotBeListedWhole) {
  const RegistriesConf conf = Parse("[[registry]]\nprefix = 'a.test'\nlocation = 'b.test/a'\n");
  EXPECT_EQ(Resolve(conf, "a.test/x"), "b.test/a/x");
  const auto whole = conf.Resolve(*oci::RegistryName::Parse("a.test"), std::nullopt);
  ASSERT_FALSE(whole);
  EXPECT_EQ(whole.error().code, ErrorCode::kUnsupported);
}

TEST(ResolveTest, NamesThatCannotBeRewritten) {
  const RegistriesConf conf = Parse(
      "[[registry]]\nprefix = '*.a.test'\nlocation = 'b.test:1'\n"
      "[[registry]]\nprefix = 'c.test'\nlocation = 'd.test/" +
      std::string(200, 'n') +
      "'\n"
      "[[registry]]\nprefix = 'e.test/repo'\nlocation = 'f.test'\n");
  EXPECT_TRUE(Resolve(conf, "x.a.test:2/y").starts_with("error: registries.conf: "));
  EXPECT_TRUE(
      Resolve(conf, "c.test/" + std::string(100, 'r')).starts_with("error: registries.conf: "));
  // A repository that is mapped onto a registry's root is no repository any more.
  EXPECT_TRUE(Resolve(conf, "e.test/repo").starts_with("error: "));
  EXPECT_EQ(Resolve(conf, "e.test/repo/x"), "f.test/x");
}

TEST(ResolveTest, WithoutRulesEverythingIsWhereItSays) {
  EXPECT_EQ(Resolve(RegistriesConf(), "quay.io/a"), "quay.io/a");
  EXPECT_EQ(Resolve(RegistriesConf(), "quay.io"), "quay.io");
}

}  // namespace
}  // namespace portolan::config
