// Which files are read, in which order, and what is refused in them.
#include <gtest/gtest.h>

#include "portolan/config/registries.h"

namespace portolan::config {
namespace {

constexpr const char* kSystem = "/etc/containers/registries.conf";
constexpr const char* kUser = "/home/u/.config/containers/registries.conf";

struct Fixture {
  MemoryFiles files;
  Environment environment{.variables = {}, .home = "/home/u", .uid = 1000};
  Limits limits;
  MemoryLog log;

  void Write(const std::string& path, std::string content) {
    files.files[path].content = std::move(content);
  }
  Result<RegistriesConf> Load(const std::optional<std::string>& path = std::nullopt) {
    return RegistriesConf::Load(files, environment, path, limits, log);
  }
};

// What `name` stands for, first reference.
std::string Expand(const Result<RegistriesConf>& conf, const char* name) {
  if (!conf) return conf.error().message;
  const auto references = conf->ExpandShortName(name);
  return references ? references->front().ToString() : references.error().message;
}

std::string Alias(const char* target) { return std::string("[aliases]\nx = \"") + target + "\"\n"; }

TEST(RegistriesLoadTest, LaterFilesWin) {
  Fixture fixture;
  EXPECT_EQ(Expand(fixture.Load(), "x"), "docker.io/library/x");
  const auto expect = [&](const std::string& path, const char* target) {
    SCOPED_TRACE(path);
    fixture.Write(path, Alias(target));
    EXPECT_EQ(Expand(fixture.Load(), "x"), target);
  };
  expect(kSystem, "a.test/a");
  expect(kUser, "b.test/b");
  expect("/etc/containers/registries.conf.d/000.conf", "c.test/c");
  expect("/etc/containers/registries.conf.d/001.conf", "d.test/d");
  fixture.Write("/etc/containers/registries.conf.d/002.conf.rpmnew", Alias("no.test/no"));
  expect("/home/u/.config/containers/registries.conf.d/000.conf", "e.test/e");
  expect("/home/u/.cache/containers/short-name-aliases.conf", "f.test/f");
}

TEST(RegistriesLoadTest, TheUsersFileReplacesTheSystems) {
  Fixture fixture;
  fixture.Write(kSystem, "unqualified-search-registries = [\"a.test\"]\n");
  EXPECT_EQ(Expand(fixture.Load(), "x"), "a.test/x");
  fixture.Write(kUser, "");
  EXPECT_EQ(Expand(fixture.Load(), "x"), "docker.io/library/x");
  EXPECT_EQ(fixture.log.lines(), (std::vector<std::string>{std::string("reading ") + kSystem,
                                                           std::string("reading ") + kUser}));
}

TEST(RegistriesLoadTest, VariablesMoveTheFiles) {
  Fixture fixture;
  fixture.environment.variables = {{"XDG_CONFIG_HOME", "/c"}, {"XDG_CACHE_HOME", "/k"}};
  fixture.Write(kUser, "not read");
  fixture.Write("/c/containers/registries.conf", "[aliases]\nx = \"a.test/x\"\n");
  fixture.Write("/c/containers/registries.conf.d/y.conf", "[aliases]\ny = \"b.test/y\"\n");
  fixture.Write("/k/containers/short-name-aliases.conf", "[aliases]\nz = \"c.test/z\"\n");
  const auto conf = fixture.Load();
  EXPECT_EQ(Expand(conf, "x"), "a.test/x");
  EXPECT_EQ(Expand(conf, "y"), "b.test/y");
  EXPECT_EQ(Expand(conf, "z"), "c.test/z");
}

TEST(RegistriesLoadTest, RootsRecordedAliasesAreTheSystems) {
  Fixture fixture;
  fixture.environment.uid = 0;
  fixture.Write("/home/u/.cache/containers/short-name-aliases.conf", "not read");
  fixture.Write("/var/cache/containers/short-name-aliases.conf", Alias("a.test/x"));
  EXPECT_EQ(Expand(fixture.Load(), "x"), "a.test/x");
}

TEST(RegistriesLoadTest, ANamedFileIsTheOnlyOne) {
  Fixture fixture;
  fixture.Write(kSystem, "not read");
  fixture.Write("/etc/containers/registries.conf.d/a.conf", "not read");
  fixture.Write("/home/u/.cache/containers/short-name-aliases.conf", "not read");
  fixture.Write("/env.conf", Alias("a.test/env"));
  fixture.Write("/option.conf", Alias("a.test/option"));
  fixture.environment.variables["CONTAINERS_REGISTRIES_CONF"] = "/env.conf";
  EXPECT_EQ(Expand(fixture.Load(), "x"), "a.test/env");
  EXPECT_EQ(Expand(fixture.Load("/option.conf"), "x"), "a.test/option");
  const auto gone = fixture.Load("/gone.conf");
  ASSERT_FALSE(gone);
  EXPECT_EQ(gone.error().code, ErrorCode::kConfigInvalid);
  EXPECT_EQ(gone.error().message, "/gone.conf does not exist");
}

TEST(RegistriesLoadTest, UnreadableFiles) {
  Fixture fixture;
  fixture.Write(kSystem, Alias("a.test/x"));
  fixture.files.unreadable = {kUser};
  EXPECT_EQ(Expand(fixture.Load(), "x"), "a.test/x");
  EXPECT_EQ(fixture.log.warnings(),
            (std::vector<std::string>{"cannot read /home/u/.config/containers/registries.conf: "
                                      "Permission denied; going on without it"}));
  fixture.files.unreadable = {kSystem};
  EXPECT_EQ(fixture.Load().error().code, ErrorCode::kIo);
  fixture.files.unreadable.clear();
  fixture.limits.config_file = 5;
  EXPECT_EQ(fixture.Load().error().code, ErrorCode::kTooLarge);
  fixture.Write(kUser, "# too large\n");
  EXPECT_EQ(fixture.Load().error().code, ErrorCode::kTooLarge);
}

TEST(RegistriesLoadTest, SettingsOfSeveralFiles) {
  Fixture fixture;
  fixture.Write(kSystem,
                "unqualified-search-registries = ['a.test', 'b.test:5000']\n"
                "short-name-mode = 'permissive'\ncredential-helpers = ['pass']\nother = {a = 1}\n");
  auto conf = fixture.Load();
  ASSERT_TRUE(conf) << conf.error().message;
  EXPECT_EQ(conf->credential_helpers(), std::vector<std::string>{"pass"});
  EXPECT_EQ(conf->ExpandShortName("x")->size(), 2U);
  fixture.Write("/etc/containers/registries.conf.d/a.conf",
                "unqualified-search-registries = []\ncredential-helpers = []\n");
  conf = fixture.Load();
  EXPECT_TRUE(conf->credential_helpers().empty());
  EXPECT_EQ(Expand(conf, "x"), "docker.io/library/x");
}

TEST(RegistriesLoadTest, EmptyTablesOfVersionOneSayNothing) {
  Fixture fixture;
  fixture.Write(kSystem,
                "[registries.search]\nregistries = []\n[registries.insecure]\nregistries = []\n"
                "[registries.block]\n");
  EXPECT_TRUE(fixture.Load());
}

TEST(RegistriesLoadTest, OtherLanguagesInCommentsAndUnknownKeys) {
  Fixture fixture;
  fixture.Write(kSystem, "\xef\xbb\xbf# für alle \xff\nauthor = 'José'\n" + Alias("a.test/x"));
  EXPECT_EQ(Expand(fixture.Load(), "x"), "a.test/x");
}

TEST(RegistriesLoadTest, Refusals) {
  struct Row {
    const char* name;
    std::string text;
    const char* message;
  };
  const Row rows[] = {
      {"no TOML", "\n[[registry]\n", ":2: not TOML: "},
      {"third bracket", "\n[[[a]]]\n", ":2: not TOML: "},
      {"no key", "[!]\n", ":1: not TOML: "},
      {"duplicate key", "a = 1\na = 2\n", ":2: not TOML: "},
      {"version 1", "\n[registries.search]\nregistries = ['a.test']\n",
       ":2: [registries.search] is version 1 of the format, and not read"},
      {"version 1, insecure", "[registries.insecure]\nregistries = ['a.test']\n",
       ":1: [registries.insecure] is version 1"},
      {"version 1, block", "[registries.block]\nregistries = ['a.test']\n",
       ":1: [registries.block] is version 1"},
      {"search is no array", "unqualified-search-registries = 'a'\n",
       ":1: unqualified-search-registries must be an array of strings"},
      {"search of numbers", "unqualified-search-registries = [\n'a.test',\n1]\n",
       ":3: unqualified-search-registries must be an array of strings"},
      {"search of no registry", "unqualified-search-registries = ['a.test/b']\n",
       ":1: unqualified-search-registries must hold host[:port]: "},
      {"mode", "short-name-mode = 'strict'\n",
       ":1: short-name-mode must be enforcing, permissive or disabled"},
      {"mode of another type", "short-name-mode = 1\n", ":1: short-name-mode must be a string"},
      {"helpers", "credential-helpers = [1]\n",
       ":1: credential-helpers must be an array of strings"},
      {"aliases", "aliases = 1\n", ":1: aliases must be a table"},
      {"alias of another type", "[aliases]\na = 1\n",
       ":2: a must be a string, the full name of an image"},
      {"alias with tag", "[aliases]\n\"a:1\" = 'a.test/a'\n",
       ":2: an alias must be a name without"},
      {"alias with registry", "[aliases]\n\"a.test/a\" = 'a.test/a'\n",
       ":2: an alias must be a name without registry, tag and digest, and not \"a.test/a\""},
      {"empty alias", "[aliases]\n\"\" = 'a.test/a'\n", ":2: an alias must be a name without"},
      {"alias to a short name", "[aliases]\na = 'b'\n", ":2: alias a must stand for"},
      {"alias to a tag", "[aliases]\na = 'a.test/b:1'\n",
       ":2: alias a must stand for REGISTRY/REPOSITORY without tag and digest, and not for "
       "\"a.test/b:1\""},
      {"alias to nonsense", "[aliases]\na = 'a.test/B'\n", ":2: alias a must stand for"},
      {"registry is no array", "registry = 1\n", ":1: registry must be an array of tables"},
      {"registry of no tables", "registry = [1]\n", ":1: registry must be an array of tables"},
      {"registry without anything", "\n[[registry]]\ninsecure = true\n",
       ":2: [[registry]] needs a prefix or a location"},
      {"insecure", "[[registry]]\nlocation = 'a.test'\ninsecure = 'yes'\n",
       ":3: insecure must be true or false"},
      {"blocked", "[[registry]]\nlocation = 'a.test'\nblocked = 1\n",
       ":3: blocked must be true or false"},
      {"location", "[[registry]]\nlocation = 1\n", ":2: location must be a string"},
      {"location with scheme", "[[registry]]\nlocation = 'https://a.test'\n",
       ":2: location must be host[:port] or host[:port]/namespace, and not \"https://a.test\""},
      {"location with a bad path", "[[registry]]\nlocation = 'a.test/B'\n",
       ":2: location must be host[:port]"},
      {"prefix", "[[registry]]\nprefix = []\n", ":2: prefix must be a string"},
      {"prefix with scheme", "[[registry]]\nprefix = 'http://a.test'\n",
       ":2: prefix must be host[:port], host[:port]/namespace or *.domain, and not"},
      {"prefix with star", "[[registry]]\nprefix = 'a.*.test'\n", ":2: prefix must be"},
      {"wildcard with path", "[[registry]]\nprefix = '*.a.test/b'\n", ":2: prefix must be"},
      {"wildcard of nothing", "[[registry]]\nprefix = '*.'\n", ":2: prefix must be"},
      {"mirror is no array", "[[registry]]\nlocation = 'a.test'\nmirror = 1\n",
       ":3: mirror must be an array of tables"},
      {"mirror without location", "[[registry]]\nlocation = 'a.test'\n[[registry.mirror]]\n",
       ":3: [[registry.mirror]] needs a location"},
      {"mirror's insecure",
       "[[registry]]\nlocation = 'a.test'\n[[registry.mirror]]\nlocation = 'm.test'\ninsecure = "
       "1\n",
       ":5: insecure must be true or false"},
      {"pull-from-mirror",
       "[[registry]]\nlocation = 'a.test'\n[[registry.mirror]]\nlocation = 'm.test'\n"
       "pull-from-mirror = 'never'\n",
       ":5: pull-from-mirror must be all, digest-only or tag-only"},
      {"both ways to restrict mirrors",
       "[[registry]]\nlocation = 'a.test'\nmirror-by-digest-only = true\n[[registry.mirror]]\n"
       "location = 'm.test'\npull-from-mirror = 'all'\n",
       ":6: pull-from-mirror cannot be combined"},
      {"deep array", "a = " + std::string(100, '['), ":1: not TOML: "},
      {"deep keys",
       "\na" +
           [] {
             std::string keys;
             for (int i = 0; i < 300; ++i) keys += ".a";
             return keys;
           }() +
           " = 1\n",
       ":2: a line may have at most 256 dots"},
      {"not ASCII outside of strings", "\nü = 1\n", ":2: not TOML: "},
      {"not UTF-8 outside of strings", "\xff = 1\n", ":1: not TOML: "},
      {"alias that is not ASCII", "[aliases]\na = 'a.test/ü'\n", ":2: alias a must stand for"},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.name);
    Fixture fixture;
    fixture.Write(kSystem, row.text);
    const auto conf = fixture.Load();
    ASSERT_FALSE(conf);
    EXPECT_EQ(conf.error().code, ErrorCode::kConfigInvalid);
    EXPECT_TRUE(conf.error().message.starts_with(std::string(kSystem) + row.message))
        << conf.error().message;
  }
}

}  // namespace
}  // namespace portolan::config
