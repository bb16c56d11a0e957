// Tokens between processes: what a second run saves, and what the files may never be trusted with.
#include "portolan/client/token_cache.h"

#include <functional>

#include <gtest/gtest.h>

#include "portolan/client/testing/client_fixture.h"

namespace portolan::client {
namespace {

using Names = std::vector<std::string>;
using std::chrono::seconds;

constexpr const char* kList = "https://r.test/v2/a/b/tags/list?n=1000";
constexpr const char* kToken =
    "https://auth.test/token?account=user&scope=repository%3Aa%2Fb%3Apull&service=r.test";
constexpr const char* kAnonymousToken =
    "https://auth.test/token?scope=repository%3Aa%2Fb%3Apull&service=r.test";
constexpr const char* kChallenge = R"(Bearer realm="https://auth.test/token",service="r.test")";
constexpr const char* kKeyFile = "/home/u/.cache/portolan/key";

/// The user "user" with a password, at a registry with tokens t1, t2, … of an hour.
class TokenCacheTest : public testing::Test {
 protected:
  TokenCacheTest() {
    world_.UsePassword("user", "pass-phrase");
    Serve(world_);
  }
  static void Serve(ClientFixture& world) {
    world.registry.On("GET", kList).Authorized("").Reply(401, Asks(kChallenge), "");
    for (const char* url : {kToken, kAnonymousToken}) {
      FakeRegistry::Rule& endpoint = world.registry.On("GET", url);
      for (const char* token : {"t1", "t2", "t3"}) {
        endpoint.Reply(200, std::string(R"({"expires_in":3600,"token":")") + token + "\"}");
      }
    }
    for (const char* token : {"t1", "t2", "t3"}) {
      world.registry.On("GET", kList)
          .Authorized(std::string("Bearer ") + token)
          .Reply(200, TagsJson("a/b", {"1"}));
    }
  }
  /// A new process. The requests that it made.
  Names Run() {
    world_.Restart();
    world_.registry.ForgetRequests();
    const Listed listed = world_.List("r.test/a/b");
    EXPECT_TRUE(listed.ok()) << listed.message();
    return world_.registry.Story();
  }
  static Names OnlyTheList(const char* token) {
    return {std::string("GET ") + kList + " [Bearer " + token + "]"};
  }
  std::string TheFile() {
    const Names paths = world_.CacheFiles();
    EXPECT_EQ(paths.size(), 1U);
    return paths.empty() ? std::string() : paths.front();
  }

  ClientFixture world_;
};

TEST_F(TokenCacheTest, ASecondProcessSendsOneRequestPerPage) {
  EXPECT_EQ(Run().size(), 3U);
  EXPECT_EQ(Run(), OnlyTheList("t1"));
  EXPECT_EQ(Run(), OnlyTheList("t1"));
}

TEST_F(TokenCacheTest, AlsoAnonymously) {
  world_.options.credentials.reset();
  EXPECT_EQ(Run().size(), 3U);
  EXPECT_EQ(Run(), OnlyTheList("t1"));
  EXPECT_FALSE(world_.files.files.contains(kKeyFile)) << "nothing to hide, no key";
}

TEST_F(TokenCacheTest, AnEndedTokenIsFetchedWithoutAskingTheRegistry) {
  Run();
  world_.clock.Advance(seconds(3240));
  const Names story = Run();
  EXPECT_EQ(story.size(), 2U) << "the realm is known";
  EXPECT_EQ(story.back(), OnlyTheList("t2").front());
}

TEST_F(TokenCacheTest, FilesArePrivateAndTellNothing) {
  Run();
  const std::string path = TheFile();
  EXPECT_EQ(world_.files.files[path].mode, 0600U);
  EXPECT_EQ(world_.files.files[kKeyFile].mode, 0600U);
  EXPECT_EQ(path.find("user"), std::string::npos);
  for (const auto& [name, file] : world_.files.files) {
    if (!name.contains("portolan")) continue;
    EXPECT_EQ(file.content.find("user"), std::string::npos) << file.content;
    EXPECT_EQ(file.content.find("pass-phrase"), std::string::npos) << file.content;
    EXPECT_EQ(file.content.find("dXNlcjpw"), std::string::npos) << "base64 of user:p…";
  }
}

TEST_F(TokenCacheTest, XdgCacheHomeIsHonoured) {
  world_.environment.variables["XDG_CACHE_HOME"] = "/var/c";
  Run();
  EXPECT_TRUE(world_.CacheFiles().empty());
  EXPECT_TRUE(world_.files.files.contains("/var/c/portolan/key"));
}

TEST_F(TokenCacheTest, TurnedOffItLeavesNoFile) {
  world_.options.token_cache = false;
  const auto before = world_.files.files.size();
  EXPECT_EQ(Run().size(), 3U);
  EXPECT_EQ(world_.files.files.size(), before);
  EXPECT_EQ(Run().size(), 3U);
}

TEST_F(TokenCacheTest, TurnedOffItReadsNoFile) {
  Run();
  world_.options.token_cache = false;
  EXPECT_EQ(Run().size(), 3U);
}

// Whatever is wrong with the file, it is as if there were none; and it is replaced by a good one.
TEST_F(TokenCacheTest, BadFilesAreAsGoodAsAbsent) {
  struct Row {
    const char* name;
    std::function<void(ClientFixture&, MemoryFiles::File&)> spoil;
  };
  const Row rows[] = {
      {"others may read it", [](ClientFixture&, auto& file) { file.mode = 0644; }},
      {"the group may read it", [](ClientFixture&, auto& file) { file.mode = 0640; }},
      {"empty", [](ClientFixture&, auto& file) { file.content.clear(); }},
      {"cut off", [](ClientFixture&, auto& file) { file.content.resize(file.content.size() / 2); }},
      {"no object", [](ClientFixture&, auto& file) { file.content = "[1]"; }},
      {"other types",
       [](ClientFixture&, auto& file) {
         file.content = R"({"format":1,"registry":[],"boot_id":7,"tokens":{}})";
       }},
      {"another boot",
       [](ClientFixture& world, auto&) {
         world.files.files[kBootIdFile].content = "00000000-0000-0000-0000-000000000000\n";
       }},
      {"another format",
       [](ClientFixture&, auto& file) {
         file.content.replace(file.content.find("\"format\":1"), 10, "\"format\":2");
       }},
      {"another registry",
       [](ClientFixture&, auto& file) {
         file.content.replace(file.content.find("\"r.test\""), 8, "\"s.test\"");
       }},
      {"a new key", [](ClientFixture& world, auto&) { world.files.files.erase(kKeyFile); }},
      {"a key that others may read",
       [](ClientFixture& world, auto&) { world.files.files[kKeyFile].mode = 0644; }},
      {"unreadable", [](ClientFixture& world,
                        auto&) { world.files.unreadable.push_back(world.CacheFiles().front()); }},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.name);
    ClientFixture world;
    world.UsePassword("user", "pass-phrase");
    Serve(world);
    EXPECT_TRUE(world.List("r.test/a/b").ok());
    ASSERT_EQ(world.CacheFiles().size(), 1U);
    row.spoil(world, world.files.files[world.CacheFiles().front()]);
    world.Restart();
    world.registry.ForgetRequests();
    EXPECT_TRUE(world.List("r.test/a/b").ok());
    EXPECT_EQ(world.registry.requests().size(), 3U);
  }
}

TEST_F(TokenCacheTest, ATokenFromTheFutureIsNotUsed) {
  Run();
  std::string& text = world_.files.files[TheFile()].content;
  const std::size_t at = text.find("\"use_until\":") + 12;
  text.replace(at, text.find_first_not_of("0123456789", at) - at, "9000000000000000000");
  EXPECT_EQ(Run().size(), 2U);
}

TEST_F(TokenCacheTest, WithoutABootIdNothingIsKept) {
  world_.files.files.erase(kBootIdFile);
  Run();
  EXPECT_TRUE(world_.CacheFiles().empty());
}

TEST_F(TokenCacheTest, TwoUsersNeverShareTokens) {
  Run();
  world_.UsePassword("other", "pass-phrase");
  world_.registry
      .On("GET",
          "https://auth.test/token?account=other&scope=repository%3Aa%2Fb%3Apull&service=r.test")
      .Reply(200, R"({"token":"t2"})");
  const Names story = Run();
  EXPECT_EQ(story.size(), 3U);
  EXPECT_EQ(story.back(), OnlyTheList("t2").front());
  EXPECT_EQ(world_.CacheFiles().size(), 2U);
}

TEST_F(TokenCacheTest, NobodyUsesAUsersTokens) {
  Run();
  world_.options.credentials.reset();
  EXPECT_EQ(Run().size(), 3U);
}

TEST_F(TokenCacheTest, AWrongPasswordIsTriedThoughATokenIsCached) {
  Run();
  world_.UsePassword("user", "wrong");
  world_.Restart();
  world_.registry.ForgetRequests();
  EXPECT_TRUE(world_.List("r.test/a/b").ok());
  EXPECT_EQ(world_.registry.CountOf("auth.test"), 1) << "the endpoint is asked with that password";
  EXPECT_EQ(world_.CacheFiles().size(), 2U);
}

TEST_F(TokenCacheTest, ARevokedCachedTokenIsFetchedAnewOnce) {
  ClientFixture world;
  world.registry.On("GET", kList).Authorized("").Reply(401, Asks(kChallenge), "");
  world.registry.On("GET", kAnonymousToken)
      .Reply(200, R"({"token":"t1","expires_in":3600})")
      .Reply(200, R"({"token":"t2","expires_in":3600})");
  world.registry.On("GET", kList)
      .Authorized("Bearer t1")
      .Reply(200, TagsJson("a/b", {"1"}))
      .Reply(401, Asks(kChallenge), "");
  world.registry.On("GET", kList).Authorized("Bearer t2").Reply(200, TagsJson("a/b", {"1"}));
  EXPECT_TRUE(world.List("r.test/a/b").ok());
  world.Restart();
  world.registry.ForgetRequests();
  EXPECT_TRUE(world.List("r.test/a/b").ok());
  EXPECT_EQ(world.registry.Story(),
            (Names{OnlyTheList("t1").front(), std::string("GET ") + kAnonymousToken,
                   OnlyTheList("t2").front()}));
  world.Restart();
  world.registry.ForgetRequests();
  EXPECT_TRUE(world.List("r.test/a/b").ok());
  EXPECT_EQ(world.registry.Story(), OnlyTheList("t2")) << "the revoked one was forgotten";
}

TEST_F(TokenCacheTest, ACacheThatCannotBeWrittenDoesNotMatter) {
  world_.files.read_only.push_back("/home/u");
  EXPECT_EQ(Run().size(), 3U);
  EXPECT_TRUE(world_.log.warnings().empty());
}

TEST_F(TokenCacheTest, AtMostSixtyFourTokensAreKept) {
  TokenCache cache(world_.files, world_.environment, world_.clock, world_.random, world_.log, true);
  RegistryMemory memory;
  memory.scheme = "bearer";
  for (int i = 0; i < 100; ++i) {
    RegistryMemory::Token token;
    token.scopes = {"s" + std::to_string(i)};
    token.text = Secret("x" + std::to_string(i));
    token.use_until = world_.clock.Now() + seconds(i + 1);
    memory.tokens.push_back(std::move(token));
  }
  cache.Store("r.test", {}, memory);
  const RegistryMemory loaded = cache.Load("r.test", {});
  ASSERT_EQ(loaded.tokens.size(), 64U);
  for (const RegistryMemory::Token& token : loaded.tokens) {
    EXPECT_GE(token.use_until, world_.clock.Now() + seconds(37)) << "those that live longest";
    EXPECT_TRUE(token.from_disk);
  }
}

TEST_F(TokenCacheTest, APasswordCannotBeMovedIntoTheUserName) {
  TokenCache cache(world_.files, world_.environment, world_.clock, world_.random, world_.log, true);
  config::Credentials one;
  one.username = "ab";
  one.password = Secret("c");
  config::Credentials two;
  two.username = "a";
  two.password = Secret("bc");
  config::Credentials three;
  three.username = "ab";
  three.identity_token = Secret("c");
  RegistryMemory memory;
  memory.scheme = "basic";
  cache.Store("r.test", one, memory);
  EXPECT_EQ(cache.Load("r.test", one).scheme, "basic");
  EXPECT_EQ(cache.Load("r.test", two).scheme, "");
  EXPECT_EQ(cache.Load("r.test", three).scheme, "");
  EXPECT_EQ(cache.Load("s.test", one).scheme, "");
}

}  // namespace
}  // namespace portolan::client
