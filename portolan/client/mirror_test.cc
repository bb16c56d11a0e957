// registries.conf at work: mirrors, blocked registries, other places; and where docker.io is.
#include <gtest/gtest.h>

#include "portolan/client/testing/client_fixture.h"

namespace portolan::client {
namespace {

using Names = std::vector<std::string>;

constexpr const char* kMirrored = R"(
[[registry]]
location = "r.test"
[[registry.mirror]]
location = "m.test/copy"
)";
constexpr const char* kMirrorList = "https://m.test/v2/copy/a/b/tags/list?n=1000";
constexpr const char* kList = "https://r.test/v2/a/b/tags/list?n=1000";

TEST(MirrorTest, IsAskedFirst) {
  ClientFixture world;
  world.Configure(kMirrored);
  world.registry.On("GET", kMirrorList).Reply(200, TagsJson("copy/a/b", {"1"}));
  const Listed listed = world.List("r.test/a/b");
  ASSERT_TRUE(listed.ok()) << listed.message();
  EXPECT_EQ(listed.summary->name, "r.test/a/b") << "what was asked for, not where";
  EXPECT_EQ(listed.summary->source, "https://m.test");
  EXPECT_TRUE(world.log.warnings().empty());
}

TEST(MirrorTest, FallsBackWithAWarning) {
  for (const int status : {401, 403, 404, 500}) {
    SCOPED_TRACE(status);
    ClientFixture world;
    world.Configure(kMirrored);
    world.registry.On("GET", kMirrorList).Reply(status, "");
    world.registry.On("GET", "https://m.test/v2/").Reply(200, "");
    world.registry.On("GET", kList).Reply(200, TagsJson("a/b", {"1"}));
    const Listed listed = world.List("r.test/a/b");
    ASSERT_TRUE(listed.ok()) << listed.message();
    EXPECT_EQ(listed.summary->source, "https://r.test");
    EXPECT_TRUE(world.Warned("asking r.test instead")) << world.LogText();
  }
}

TEST(MirrorTest, FallsBackFromAMirrorThatCannotBeReached) {
  ClientFixture world;
  world.Configure(kMirrored);
  world.network().Fail("https://m.test", Fail(ErrorCode::kHostUnknown, "m.test: no such host"));
  world.registry.On("GET", kList).Reply(200, TagsJson("a/b", {"1"}));
  EXPECT_TRUE(world.List("r.test/a/b").ok());
  EXPECT_TRUE(world.Warned("no such host"));
}

TEST(MirrorTest, AMirrorThatFailsLaterIsNotReplaced) {
  ClientFixture world;
  world.Configure(kMirrored);
  world.registry.On("GET", kMirrorList)
      .Reply(200, NextLink("/v2/copy/a/b/tags/list?last=1"), TagsJson("copy/a/b", {"1"}));
  world.registry.On("GET", "https://m.test/v2/copy/a/b/tags/list?last=1").Reply(500, "");
  EXPECT_EQ(world.List("r.test/a/b").code(), ErrorCode::kServerError);
}

TEST(MirrorTest, TheRegistrysOwnErrorIsTheLast) {
  ClientFixture world;
  world.Configure(kMirrored);
  world.registry.On("GET", kMirrorList).Reply(500, "");
  world.registry.On("GET", kList).Reply(404, "");
  EXPECT_EQ(world.List("r.test/a/b").code(), ErrorCode::kNameUnknown);
}

TEST(MirrorTest, CredentialsOfTheRegistryAreNotShownToTheMirror) {
  ClientFixture world;
  world.Configure(kMirrored);
  world.LogIn("r.test", "u", "secret");
  world.registry.On("GET", kMirrorList).Reply(401, Asks(R"(Basic realm="m")"), "");
  world.registry.On("GET", kList).Authorized("").Reply(401, Asks(R"(Basic realm="r")"), "");
  world.registry.On("GET", kList)
      .Authorized("Basic dTpzZWNyZXQ=")
      .Reply(200, TagsJson("a/b", {"1"}));
  EXPECT_TRUE(world.List("r.test/a/b").ok());
  EXPECT_EQ(world.registry.CountOf("m.test"), 1);
}

TEST(MirrorTest, CredentialsOfTheCommandLineAreNotShownToTheMirror) {
  ClientFixture world;
  world.Configure(kMirrored);
  world.UsePassword("u", "secret");
  world.registry.On("GET", kMirrorList).Reply(401, Asks(R"(Basic realm="m")"), "");
  world.registry.On("GET", kList).Authorized("").Reply(401, Asks(R"(Basic realm="r")"), "");
  world.registry.On("GET", kList)
      .Authorized("Basic dTpzZWNyZXQ=")
      .Reply(200, TagsJson("a/b", {"1"}));
  EXPECT_TRUE(world.List("r.test/a/b").ok());
  EXPECT_EQ(world.registry.CountOf("m.test"), 1);
}

TEST(MirrorTest, AMirrorForDigestsOnlyIsNotAsked) {
  ClientFixture world;
  world.Configure(std::string(kMirrored) + "pull-from-mirror = \"digest-only\"\n");
  world.registry.On("GET", kList).Reply(200, TagsJson("a/b", {"1"}));
  EXPECT_TRUE(world.List("r.test/a/b").ok());
}

TEST(RegistriesConfTest, BlockedIsRefused) {
  ClientFixture world;
  world.Configure("[[registry]]\nprefix = \"r.test/a\"\nblocked = true\n");
  const Listed listed = world.List("r.test/a/b");
  EXPECT_EQ(listed.code(), ErrorCode::kBlocked);
  EXPECT_TRUE(world.registry.requests().empty());
  world.registry.On("GET", "https://r.test/v2/c/d/tags/list?n=1000")
      .Reply(200, TagsJson("c/d", {"1"}));
  EXPECT_TRUE(world.List("r.test/c/d").ok());
}

TEST(RegistriesConfTest, PrefixIsRewritten) {
  ClientFixture world;
  world.Configure("[[registry]]\nprefix = \"r.test/a\"\nlocation = \"inner.test/x/y\"\n");
  world.registry.On("GET", "https://inner.test/v2/x/y/b/tags/list?n=1000")
      .Reply(200, TagsJson("x/y/b", {"1"}));
  const Listed listed = world.List("r.test/a/b");
  ASSERT_TRUE(listed.ok()) << listed.message();
  EXPECT_EQ(listed.summary->name, "r.test/a/b");
  EXPECT_EQ(listed.summary->source, "https://inner.test");
}

TEST(RegistriesConfTest, TheScopeIsOfTheRewrittenName) {
  ClientFixture world;
  world.Configure("[[registry]]\nprefix = \"r.test/a\"\nlocation = \"inner.test/x/y\"\n");
  const std::string list = "https://inner.test/v2/x/y/b/tags/list?n=1000";
  world.registry.On("GET", list)
      .Authorized("")
      .Reply(401, Asks(R"(Bearer realm="https://inner.test/token",service="s")"), "");
  world.registry.On("GET", "https://inner.test/token?scope=repository%3Ax%2Fy%2Fb%3Apull&service=s")
      .Reply(200, R"({"token":"t"})");
  world.registry.On("GET", list).Authorized("Bearer t").Reply(200, TagsJson("x/y/b", {"1"}));
  EXPECT_TRUE(world.List("r.test/a/b").ok());
}

TEST(RegistriesConfTest, DockerIoIsServedByRegistry1) {
  for (const char* name : {"ubuntu", "library/ubuntu", "docker.io/ubuntu",
                           "index.docker.io/library/ubuntu:24.04", "docker://ubuntu"}) {
    SCOPED_TRACE(name);
    ClientFixture world;
    world.registry.On("GET", "https://registry-1.docker.io/v2/library/ubuntu/tags/list?n=1000")
        .Reply(200, TagsJson("library/ubuntu", {"10.04"}));
    const Listed listed = world.List(name);
    ASSERT_TRUE(listed.ok()) << listed.message();
    EXPECT_EQ(listed.summary->name, "docker.io/library/ubuntu");
    EXPECT_EQ(listed.summary->source, "https://registry-1.docker.io");
  }
}

TEST(RegistriesConfTest, AShortNamesAliasIsFollowed) {
  ClientFixture world;
  world.Configure("[aliases]\nub = \"r.test/a/b\"\n");
  world.registry.On("GET", kList).Reply(200, TagsJson("a/b", {"1"}));
  EXPECT_TRUE(world.List("ub").ok());
}

}  // namespace
}  // namespace portolan::client
