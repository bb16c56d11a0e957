#include "portolan/server/login.h"

#include <atomic>
#include <string>

#include <gtest/gtest.h>

#include "portolan/async/gather.h"
#include "portolan/async/loop.h"
#include "portolan/base/base64.h"
#include "portolan/store/testing/temporary_folder.h"

namespace portolan::server {
namespace {

using std::chrono::seconds;

std::string Basic(const std::string& text) { return "Basic " + Base64Encode(text); }

// kim's password is "right"; "known" is remembered.
class OneUser final : public auth::Authenticator {
 public:
  std::atomic<int> asked = 0;
  bool broken = false;

  std::optional<auth::Identity> Known(std::string_view authorization) override {
    if (authorization.empty()) return auth::Identity{};
    if (authorization == Basic("kim:known")) return auth::Identity{.name = "kim"};
    return std::nullopt;
  }
  Result<auth::Identity> Authenticate(std::string_view authorization) override {
    ++asked;
    if (broken) return Fail(ErrorCode::kIo, "the accounts cannot be read");
    if (authorization == Basic("kim:right")) return auth::Identity{.name = "kim"};
    return Fail(ErrorCode::kUnauthorized, "wrong user name or password");
  }
  std::string Challenge() const override { return "Basic"; }
};

class LoginTest : public testing::Test {
 protected:
  Identified Try(const std::string& authorization, const std::string& address = "192.0.2.1") {
    http::Request request;
    request.headers.Add("Authorization", authorization);
    request.peer_address = address;
    return loop_.Run(Identify(door_, request.headers.Get("Authorization"), request.peer_address));
  }
  ErrorCode CodeOf(const std::string& authorization) {
    const Result<auth::Identity> identity = Try(authorization).identity;
    return identity ? ErrorCode::kInternal : identity.error().code;
  }

  ManualClock clock_;
  OneUser authenticator_;
  async::Loop loop_;
  async::Pool pool_{1};
  Door door_{authenticator_, pool_, nullptr, nullptr, clock_};
};

TEST_F(LoginTest, WhoGuessesMustWait) {
  for (int i = 0; i < 5; ++i) EXPECT_EQ(CodeOf(Basic("kim:wrong")), ErrorCode::kUnauthorized);
  const Identified limited = Try(Basic("kim:right"));
  ASSERT_FALSE(limited.identity);
  EXPECT_EQ(limited.identity.error().code, ErrorCode::kTooManyRequests);
  EXPECT_EQ(limited.retry_after, seconds(1));
  EXPECT_EQ(authenticator_.asked, 5);  // no work for it
  EXPECT_TRUE(Try(Basic("kim:known")).identity);
  EXPECT_TRUE(Try(Basic("kim:right"), "192.0.2.2").identity);
  clock_.Advance(seconds(1));
  EXPECT_TRUE(Try(Basic("kim:right")).identity);
  EXPECT_EQ(CodeOf(Basic("kim:wrong")), ErrorCode::kUnauthorized);  // counted anew
}

TEST_F(LoginTest, WhoMustWaitIsNoted) {
  const store::TemporaryFolder folder;
  const auto log = AuditLog::Open(folder.Under("audit.log"), clock_);
  ASSERT_TRUE(log);
  door_.audit = log->get();
  for (int i = 0; i < 5; ++i) Try(Basic("kim:wrong"));
  EXPECT_EQ(folder.Read("audit.log"), "");  // what was wrong is for others to note
  Try(Basic("kim:right"));
  EXPECT_TRUE(folder.Read("audit.log")
                  .ends_with("\"event\":\"login.limited\",\"outcome\":\"refused\",\"who\":\"kim\","
                             "\"peer\":\"192.0.2.1\",\"reason\":\"too many wrong passwords\"}\n"));
}

TEST_F(LoginTest, WhatCannotBeGuessedIsNotCounted) {
  for (int i = 0; i < 20; ++i) {
    EXPECT_EQ(CodeOf("Bearer wrong"), ErrorCode::kUnauthorized);
    EXPECT_TRUE(Try("").identity);
  }
}

TEST_F(LoginTest, OurOwnFailuresAreNotTheUsers) {
  authenticator_.broken = true;
  for (int i = 0; i < 20; ++i) EXPECT_EQ(CodeOf(Basic("kim:right")), ErrorCode::kIo);
  authenticator_.broken = false;
  EXPECT_TRUE(Try(Basic("kim:right")).identity);
}

// All arrive before the first of them has failed.
TEST_F(LoginTest, ManyAtOnceHaveNoMoreTriesThanOneByOne) {
  http::Request request;
  request.headers.Add("Authorization", Basic("kim:wrong"));
  request.peer_address = "192.0.2.1";
  const auto all = [&]() -> async::Task<bool> {
    co_await async::ForEachParallel(50, 50, [&](std::size_t) -> async::Task<void> {
      const Identified identified =
          co_await Identify(door_, request.headers.Get("Authorization"), request.peer_address);
      EXPECT_FALSE(identified.identity);
    });
    co_return true;
  };
  EXPECT_TRUE(loop_.Run(all()));
  EXPECT_EQ(authenticator_.asked, 5);
}

}  // namespace
}  // namespace portolan::server
