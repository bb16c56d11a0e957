// Where a registry may send us for a token, and what is shown there.
#include <gtest/gtest.h>

#include "portolan/client/testing/client_fixture.h"
#include "portolan/client/token_source.h"

namespace portolan::client {
namespace {

using Names = std::vector<std::string>;

constexpr const char* kQuery = "?scope=repository%3Aa%2Fb%3Apull&service=s";

struct RealmRow {
  const char* name;
  const char* reference;
  const char* registry;  ///< its origin
  const char* peer;      ///< the address that it answers from
  const char* realm;
  bool allowed;
  http::AddressPolicy policy = http::AddressPolicy::kAny;
};

void PrintTo(const RealmRow& row, std::ostream* out) { *out << row.name; }

class RealmTest : public testing::TestWithParam<RealmRow> {};

TEST_P(RealmTest, IsCheckedBeforeAnythingIsSent) {
  const RealmRow& row = GetParam();
  ClientFixture world;
  const auto name = oci::Reference::Parse(row.reference).value().registry;
  world.registry.SetPeerAddress(name.host(), row.peer);
  const std::string list = std::string(row.registry) + "/v2/a/b/tags/list?n=1000";
  const std::string realm = row.realm;
  world.registry.On("GET", list)
      .Authorized("")
      .Reply(401, Asks("Bearer realm=\"" + realm + "\",service=\"s\""), "");
  world.registry.On("GET", realm + kQuery).Reply(200, R"({"token":"t"})");
  world.registry.On("GET", list).Authorized("Bearer t").Reply(200, TagsJson("a/b", {"1"}));
  const Listed listed = world.List(row.reference);
  if (row.allowed) {
    ASSERT_TRUE(listed.ok()) << listed.message();
    ASSERT_EQ(world.registry.requests().size(), 3U);
    EXPECT_EQ(world.registry.requests()[1].address_policy, row.policy);
  } else {
    EXPECT_EQ(listed.code(), ErrorCode::kUnsafeTarget) << listed.message();
    EXPECT_NE(listed.hint().find("nothing was sent"), std::string::npos);
    EXPECT_EQ(world.registry.requests().size(), 1U);
  }
}

constexpr auto kAny = http::AddressPolicy::kAny;
constexpr auto kPublicOnly = http::AddressPolicy::kPublicOnly;
constexpr const char* kPublic = "93.184.216.34";
constexpr const char* kPrivate = "10.1.2.3";

INSTANTIATE_TEST_SUITE_P(
    Rows, RealmTest,
    testing::Values(RealmRow{"elsewhere: public addresses only", "r.test/a/b", "https://r.test",
                             kPublic, "https://auth.test/token", true, kPublicOnly},
                    RealmRow{"the registry's own host may be anywhere", "r.test/a/b",
                             "https://r.test", kPublic, "https://r.test/token", true, kAny},
                    RealmRow{"the same host, another port", "r.test/a/b", "https://r.test", kPublic,
                             "https://r.test:8443/token", true, kAny},
                    RealmRow{"a private registry may name private hosts", "r.test/a/b",
                             "https://r.test", kPrivate, "https://auth.test/token", true, kAny},
                    RealmRow{"a private registry may name a private address", "r.test/a/b",
                             "https://r.test", kPrivate, "https://10.9.9.9/token", true, kAny},
                    RealmRow{"a registry that is a private address", "10.1.2.3:5000/a/b",
                             "https://10.1.2.3:5000", kPrivate, "https://10.9.9.9/token", true,
                             kAny},
                    RealmRow{"plain http", "r.test/a/b", "https://r.test", kPublic,
                             "http://auth.test/token", false},
                    RealmRow{"plain http on the same host", "r.test/a/b", "https://r.test", kPublic,
                             "http://r.test/token", false},
                    RealmRow{"plain http on a private registry", "r.test/a/b", "https://r.test",
                             kPrivate, "http://r.test/token", false},
                    RealmRow{"cloud metadata", "r.test/a/b", "https://r.test", kPublic,
                             "https://169.254.169.254/token", false},
                    RealmRow{"loopback", "r.test/a/b", "https://r.test", kPublic,
                             "https://127.0.0.1/token", false},
                    RealmRow{"localhost by name", "r.test/a/b", "https://r.test", kPublic,
                             "https://localhost/token", false},
                    RealmRow{"loopback of IPv6", "r.test/a/b", "https://r.test", kPublic,
                             "https://[::1]/token", false},
                    RealmRow{"mapped into IPv6", "r.test/a/b", "https://r.test", kPublic,
                             "https://[::ffff:10.0.0.1]/token", false},
                    RealmRow{"an unusual spelling of an address", "r.test/a/b", "https://r.test",
                             kPublic, "https://2130706433/token", false}));

TEST(RealmTextTest, RealmsThatAreNoUrls) {
  for (const char* realm : {"ftp://auth.test/", "https://user:pw@auth.test/t", "https://"}) {
    SCOPED_TRACE(realm);
    ClientFixture world;
    world.registry.On("GET", "https://r.test/v2/a/b/tags/list?n=1000")
        .Reply(401, Asks("Bearer realm=\"" + std::string(realm) + "\""), "");
    EXPECT_FALSE(world.List("r.test/a/b").ok());
    EXPECT_EQ(world.registry.requests().size(), 1U);
  }
}

// What was learnt in an earlier process is checked like what is learnt now.
TEST(RealmTextTest, ARememberedRealmOfAPrivateRegistryStillWorks) {
  ClientFixture world;
  const std::string list = "https://r.test/v2/a/b/tags/list?n=1000";
  world.registry.SetPeerAddress("r.test", "10.1.2.3");
  world.registry.On("GET", list)
      .Authorized("")
      .Reply(401, Asks(R"(Bearer realm="https://10.9.9.9/token",service="s")"), "");
  world.registry.On("GET", std::string("https://10.9.9.9/token") + kQuery)
      .Reply(200, R"({"token":"t"})");
  world.registry.On("GET", list).Authorized("Bearer t").Reply(200, TagsJson("a/b", {"1"}));
  EXPECT_TRUE(world.List("r.test/a/b").ok());
  world.clock.Advance(std::chrono::hours(1));
  world.Restart();
  const Listed listed = world.List("r.test/a/b");
  EXPECT_TRUE(listed.ok()) << listed.message();
}

// Our certificate is for the registry that asked for it.
TEST(RealmTextTest, AClientCertificateIsNotShownElsewhere) {
  for (const bool same_host : {true, false}) {
    SCOPED_TRACE(same_host);
    ClientFixture world;
    world.options.cert_dir = "/certs";
    for (const char* file : {"/certs/ca.crt", "/certs/me.cert", "/certs/me.key"}) {
      world.files.files[file].content = "PEM";
    }
    const std::string list = "https://r.test/v2/a/b/tags/list?n=1000";
    const std::string realm = same_host ? "https://r.test/token" : "https://auth.test/token";
    world.registry.On("GET", list)
        .Authorized("")
        .Reply(401, Asks("Bearer realm=\"" + realm + "\",service=\"s\""), "");
    world.registry.On("GET", realm + kQuery).Reply(200, R"({"token":"t"})");
    world.registry.On("GET", list).Authorized("Bearer t").Reply(200, TagsJson("a/b", {"1"}));
    ASSERT_TRUE(world.List("r.test/a/b").ok());
    const auto& requests = world.registry.requests();
    ASSERT_NE(requests[0].tls, nullptr);
    EXPECT_TRUE(requests[0].tls->client_pair);
    ASSERT_NE(requests[1].tls, nullptr);
    EXPECT_EQ(requests[1].tls->client_pair.has_value(), same_host);
    EXPECT_EQ(requests[1].tls->ca_files, requests[0].tls->ca_files);
  }
}

TEST(RealmTextTest, ATokenEndpointThatRedirectsNeverPassesThePasswordOn) {
  ClientFixture world;
  world.UsePassword("u", "secret");
  const std::string list = "https://r.test/v2/a/b/tags/list?n=1000";
  const std::string account = "?account=u&scope=repository%3Aa%2Fb%3Apull&service=s";
  world.registry.On("GET", list)
      .Authorized("")
      .Reply(401, Asks(R"(Bearer realm="https://auth.test/token",service="s")"), "");
  world.registry.On("GET", "https://auth.test/token" + account)
      .Reply(302, {{"Location", "https://evil.test/token"}}, "");
  world.registry.On("GET", "https://evil.test/token").Authorized("").Reply(401, "who are you?");
  EXPECT_EQ(world.List("r.test/a/b").code(), ErrorCode::kUnauthorized);
  ASSERT_EQ(world.registry.requests().size(), 3U);
  EXPECT_FALSE(world.registry.requests()[2].headers.Has("Authorization"));
  EXPECT_EQ(world.registry.requests()[2].address_policy, http::AddressPolicy::kPublicOnly);
}

}  // namespace
}  // namespace portolan::client
