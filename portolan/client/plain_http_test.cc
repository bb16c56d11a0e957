// https first, always: when plain http may be tried, and what is never sent over it.
#include <gtest/gtest.h>

#include "portolan/client/testing/client_fixture.h"

namespace portolan::client {
namespace {

using Names = std::vector<std::string>;

constexpr const char* kPlain = "http://r.test/v2/a/b/tags/list?n=1000";
constexpr const char* kSecure = "https://r.test/v2/a/b/tags/list?n=1000";
constexpr const char* kInsecure = "[[registry]]\nlocation = \"r.test\"\ninsecure = true\n";

TEST(PlainHttpTest, IsNeverTriedUnlessAllowed) {
  for (const ErrorCode code :
       {ErrorCode::kTlsFailed, ErrorCode::kConnectFailed, ErrorCode::kProtocol}) {
    ClientFixture world;
    world.network().Fail("https://r.test", Fail(code, "r.test: no TLS here"));
    const Listed listed = world.List("r.test/a/b");
    EXPECT_EQ(listed.code(), code);
    EXPECT_TRUE(world.registry.requests().empty());
  }
}

TEST(PlainHttpTest, TlsVerifyTrueForbidsWhatTheFileAllows) {
  ClientFixture world;
  world.Configure(kInsecure);
  world.options.tls_verify = true;
  world.network().Fail("https://r.test", Fail(ErrorCode::kTlsFailed, "no TLS here"));
  EXPECT_EQ(world.List("r.test/a/b").code(), ErrorCode::kTlsFailed);
  EXPECT_TRUE(world.registry.requests().empty());
}

TEST(PlainHttpTest, IsTriedAfterHttpsForAnInsecureRegistry) {
  for (const ErrorCode code :
       {ErrorCode::kTlsFailed, ErrorCode::kConnectFailed, ErrorCode::kProtocol}) {
    ClientFixture world;
    world.Configure(kInsecure);
    world.network().Fail("https://r.test", Fail(code, "r.test: no TLS here"));
    world.registry.On("GET", kPlain).Reply(200, TagsJson("a/b", {"1"}));
    const Listed listed = world.List("r.test/a/b");
    ASSERT_TRUE(listed.ok()) << listed.message();
    EXPECT_EQ(listed.summary->source, "http://r.test");
    EXPECT_EQ(world.network().failed(), Names{std::string("GET ") + kSecure});
  }
}

TEST(PlainHttpTest, IsTriedAfterTlsVerifyFalse) {
  ClientFixture world;
  world.options.tls_verify = false;
  world.network().Fail("https://r.test", Fail(ErrorCode::kTlsFailed, "no TLS here"));
  world.registry.On("GET", kPlain).Reply(200, TagsJson("a/b", {"1"}));
  EXPECT_TRUE(world.List("r.test/a/b").ok());
}

TEST(PlainHttpTest, IsNotTriedWhereTheHostIsUnknown) {
  ClientFixture world;
  world.options.tls_verify = false;
  world.network().Fail("https://r.test", Fail(ErrorCode::kHostUnknown, "no such host"));
  EXPECT_EQ(world.List("r.test/a/b").code(), ErrorCode::kHostUnknown);
}

TEST(PlainHttpTest, IsNotTriedOnceHttpsHasAnswered) {
  ClientFixture world;
  world.options.tls_verify = false;
  world.registry.On("GET", kSecure).Reply(200, TagsJson("a/b", {"1"}));
  EXPECT_TRUE(world.List("r.test/a/b").ok());
  world.network().Fail("https://r.test", Fail(ErrorCode::kConnectFailed, "refused"));
  EXPECT_EQ(world.List("r.test/a/b").code(), ErrorCode::kConnectFailed);
}

TEST(PlainHttpTest, AnInsecureRegistrysCertificateIsNotVerified) {
  ClientFixture world;
  world.Configure(kInsecure);
  world.registry.On("GET", kSecure).Reply(200, TagsJson("a/b", {"1"}));
  EXPECT_TRUE(world.List("r.test/a/b").ok());
  ASSERT_NE(world.registry.requests()[0].tls, nullptr);
  EXPECT_FALSE(world.registry.requests()[0].tls->verify);
}

TEST(PlainHttpTest, OtherCertificatesAreVerified) {
  ClientFixture world;
  world.Configure(kInsecure);
  world.registry.On("GET", "https://s.test/v2/a/b/tags/list?n=1000")
      .Reply(200, TagsJson("a/b", {"1"}));
  EXPECT_TRUE(world.List("s.test/a/b").ok());
  const auto& tls = world.registry.requests()[0].tls;
  EXPECT_TRUE(tls == nullptr || tls->verify);
}

TEST(PlainHttpTest, ASecondProcessKnowsOnlyWhileItIsStillAllowed) {
  ClientFixture world;
  world.options.tls_verify = false;
  world.network().Fail("https://r.test", Fail(ErrorCode::kTlsFailed, "no TLS here"));
  world.registry.On("GET", kPlain).Reply(200, TagsJson("a/b", {"1"}));
  EXPECT_TRUE(world.List("r.test/a/b").ok());
  world.Restart();
  EXPECT_TRUE(world.List("r.test/a/b").ok());
  EXPECT_EQ(world.network().failed().size(), 1U) << "http at once";
  world.Restart();
  world.options.tls_verify.reset();
  EXPECT_EQ(world.List("r.test/a/b").code(), ErrorCode::kTlsFailed);
}

TEST(PlainHttpTest, ARememberedPlainRegistryThatNowSpeaksTlsIsFound) {
  ClientFixture world;
  world.options.tls_verify = false;
  world.network().Fail("https://r.test", Fail(ErrorCode::kTlsFailed, "no TLS here"), 1);
  world.registry.On("GET", kPlain).Reply(200, TagsJson("a/b", {"1"}));
  EXPECT_TRUE(world.List("r.test/a/b").ok());
  world.Restart();
  world.network().Fail("http://r.test", Fail(ErrorCode::kConnectFailed, "refused"));
  world.registry.On("GET", kSecure).Reply(200, TagsJson("a/b", {"1"}));
  EXPECT_TRUE(world.List("r.test/a/b").ok());
}

TEST(PlainHttpTest, BothFailingGivesOneError) {
  ClientFixture world;
  world.options.tls_verify = false;
  world.network().Fail("https://r.test", Fail(ErrorCode::kConnectFailed, "https refused"));
  world.network().Fail("http://r.test", Fail(ErrorCode::kConnectFailed, "http refused"));
  const Listed listed = world.List("r.test/a/b");
  EXPECT_EQ(listed.code(), ErrorCode::kConnectFailed);
  EXPECT_NE(listed.message().find("https refused"), std::string::npos) << listed.message();
}

TEST(PlainHttpTest, APlainRegistryMayHaveAPlainRealm) {
  ClientFixture world;
  world.options.tls_verify = false;
  world.network().Fail("https://r.test", Fail(ErrorCode::kTlsFailed, "no TLS here"));
  world.registry.On("GET", kPlain)
      .Authorized("")
      .Reply(401, Asks(R"(Bearer realm="http://r.test/token",service="s")"), "");
  world.registry.On("GET", "http://r.test/token?scope=repository%3Aa%2Fb%3Apull&service=s")
      .Reply(200, R"({"token":"t"})");
  world.registry.On("GET", kPlain).Authorized("Bearer t").Reply(200, TagsJson("a/b", {"1"}));
  EXPECT_TRUE(world.List("r.test/a/b").ok());
}

}  // namespace
}  // namespace portolan::client
