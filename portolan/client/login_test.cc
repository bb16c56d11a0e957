// Logging in, and what is asked with credentials from the start.
#include <gtest/gtest.h>

#include "portolan/client/testing/client_fixture.h"

namespace portolan::client {
namespace {

using Names = std::vector<std::string>;

constexpr const char* kBase = "https://r.test/v2/";
constexpr const char* kChallenge = R"(Bearer realm="https://auth.test/token",service="s")";
constexpr const char* kLoginToken = "https://auth.test/token?account=u&service=s";
constexpr const char* kBasic = "Basic dTpzZWNyZXQ=";  // u:secret
constexpr const char* kWrong = "Basic dTp3cm9uZw==";  // u:wrong

config::Credentials Password(std::string text) {
  config::Credentials credentials;
  credentials.username = "u";
  credentials.password = Secret(std::move(text));
  return credentials;
}

class LoginTest : public testing::Test {
 protected:
  Status LogIn(const std::string& password) {
    return world_.loop.Run(world_.registries().CheckLogin(
        oci::RegistryName::Parse("r.test").value(), Password(password)));
  }
  ClientFixture world_;
};

TEST_F(LoginTest, Basic) {
  world_.registry.On("GET", kBase).Authorized(kBasic).Reply(200, "{}");
  world_.registry.On("GET", kBase).Reply(401, Asks(R"(Basic realm="r")"), "");
  EXPECT_TRUE(LogIn("secret"));
  const Status refused = LogIn("wrong");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kUnauthorized);
  EXPECT_NE(refused.error().hint.find("password"), std::string::npos);
  EXPECT_EQ(refused.error().message.find("wrong"), std::string::npos);
}

TEST_F(LoginTest, Token) {
  world_.registry.On("GET", kBase).Authorized("").Reply(401, Asks(kChallenge), "");
  world_.registry.On("GET", kLoginToken).Authorized(kBasic).Reply(200, R"({"token":"t"})");
  world_.registry.On("GET", kBase).Authorized("Bearer t").Reply(200, "{}");
  EXPECT_TRUE(LogIn("secret"));
}

TEST_F(LoginTest, AWrongPasswordIsFoundThoughAGoodOneWasUsedBefore) {
  world_.registry.On("GET", kBase).Authorized("").Reply(401, Asks(kChallenge), "");
  world_.registry.On("GET", kLoginToken).Authorized(kBasic).Reply(200, R"({"token":"t"})");
  world_.registry.On("GET", kLoginToken)
      .Authorized(kWrong)
      .Reply(401, R"({"details":"incorrect username or password"})");
  world_.registry.On("GET", kBase).Authorized("Bearer t").Reply(200, "{}");
  EXPECT_TRUE(LogIn("secret"));
  const Status refused = LogIn("wrong");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kUnauthorized);
  EXPECT_NE(refused.error().message.find("incorrect username or password"), std::string::npos);
}

// The password may have been changed at the registry since its token was kept.
TEST_F(LoginTest, ACachedTokenProvesNothing) {
  world_.registry.On("GET", kBase).Authorized("").Reply(401, Asks(kChallenge), "");
  world_.registry.On("GET", kLoginToken)
      .Authorized(kBasic)
      .Reply(200, R"({"token":"t","expires_in":3600})")
      .Reply(401, "{}");
  world_.registry.On("GET", kBase).Authorized("Bearer t").Reply(200, "{}");
  EXPECT_TRUE(LogIn("secret"));
  EXPECT_FALSE(LogIn("secret"));
  world_.Restart();
  EXPECT_FALSE(LogIn("secret"));
}

TEST_F(LoginTest, AnOpenRegistrySaysThatNothingWasChecked) {
  world_.registry.On("GET", kBase).Reply(200, "{}");
  EXPECT_TRUE(LogIn("secret"));
  EXPECT_TRUE(world_.Warned("were not checked"));
}

TEST_F(LoginTest, WhatIsNoRegistryIsSaidSo) {
  world_.registry.On("GET", kBase).Reply(404, "<html>");
  const Status refused = LogIn("secret");
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().hint.find("does not look like a registry"), std::string::npos);
}

// --- catalogs: an anonymous answer would be another one ---

TEST_F(LoginTest, ACatalogIsAskedForAsTheUser) {
  const std::string catalog = "https://r.test/v2/_catalog?n=1000";
  world_.UsePassword("u", "secret");
  world_.registry.On("GET", kBase).Authorized("").Reply(401, Asks(kChallenge), "");
  world_.registry
      .On("GET", "https://auth.test/token?account=u&scope=registry%3Acatalog%3A%2A&service=s")
      .Authorized(kBasic)
      .Reply(200, R"({"token":"t"})");
  world_.registry.On("GET", catalog)
      .Authorized("Bearer t")
      .Reply(200, R"({"repositories":["a/b"]})");
  const Listed listed = world_.ListRepositories("r.test");
  EXPECT_TRUE(listed.ok()) << listed.message();
  EXPECT_EQ(listed.tags(), Names{"a/b"});
}

TEST_F(LoginTest, AnAnonymousCatalogIsAskedForAtOnce) {
  world_.registry.On("GET", "https://r.test/v2/_catalog?n=1000")
      .Reply(200, R"({"repositories":["a/b"]})");
  EXPECT_TRUE(world_.ListRepositories("r.test").ok());
  EXPECT_EQ(world_.registry.requests().size(), 1U);
}

TEST_F(LoginTest, QuaysCatalogNeedsATokenWithoutScope) {
  world_.UsePassword("u", "secret");
  world_.registry.On("GET", "https://quay.io/v2/")
      .Authorized("")
      .Reply(401, Asks(R"(Bearer realm="https://quay.io/v2/auth",service="quay.io")"), "true");
  world_.registry.On("GET", "https://quay.io/v2/auth?account=u&service=quay.io")
      .Authorized(kBasic)
      .Reply(200, R"({"token":"t"})");
  world_.registry.On("GET", "https://quay.io/v2/_catalog")
      .Authorized("Bearer t")
      .Reply(200, R"({"repositories":["a/b"]})");
  const Listed listed = world_.ListRepositories("quay.io");
  EXPECT_TRUE(listed.ok()) << listed.message();
}

}  // namespace
}  // namespace portolan::client
