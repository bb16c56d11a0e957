#include "portolan/auth/login_limiter.h"

#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

namespace portolan::auth {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr const char* kHere = "192.0.2.1";
constexpr const char* kThere = "198.51.100.7";

class LoginLimiterTest : public testing::Test {
 protected:
  void Fail(const std::string& name, const std::string& address, int times = 1) {
    for (int i = 0; i < times; ++i) limiter_.Failed(name, address);
  }
  ManualClock clock_;
  LoginLimiter limiter_{clock_};
};

TEST_F(LoginLimiterTest, EachFailureDoublesTheWait) {
  for (int i = 0; i < 4; ++i) {
    Fail("kim", kHere);
    EXPECT_EQ(limiter_.RetryAfter("kim", kHere), std::nullopt) << i;
  }
  for (const int wait : {1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900}) {
    Fail("kim", kHere);
    EXPECT_EQ(limiter_.RetryAfter("kim", kHere), seconds(wait));
    clock_.Advance(seconds(wait) - std::chrono::milliseconds(1));
    EXPECT_EQ(limiter_.RetryAfter("kim", kHere), seconds(1));
    clock_.Advance(std::chrono::milliseconds(1));
    EXPECT_EQ(limiter_.RetryAfter("kim", kHere), std::nullopt);
  }
}

TEST_F(LoginLimiterTest, NobodyIsKeptOutFromElsewhere) {
  Fail("kim", kThere, 99);
  EXPECT_NE(limiter_.RetryAfter("kim", kThere), std::nullopt);
  EXPECT_EQ(limiter_.RetryAfter("kim", kHere), std::nullopt);
  EXPECT_EQ(limiter_.RetryAfter("lee", kThere), std::nullopt);
}

TEST_F(LoginLimiterTest, ASuccessForgetsTheFailures) {
  Fail("kim", kHere, 9);
  limiter_.Succeeded("kim", kHere);
  EXPECT_EQ(limiter_.RetryAfter("kim", kHere), std::nullopt);
  Fail("kim", kHere, 4);
  EXPECT_EQ(limiter_.RetryAfter("kim", kHere), std::nullopt);
  Fail("kim", kHere);
  EXPECT_EQ(limiter_.RetryAfter("kim", kHere), seconds(1));
}

TEST_F(LoginLimiterTest, ManyNamesFromOneAddress) {
  limiter_.Succeeded("kim", kHere);
  for (int i = 0; i < 101; ++i) Fail("user" + std::to_string(i), kHere);
  EXPECT_EQ(limiter_.RetryAfter("another", kHere), seconds(2));
  EXPECT_EQ(limiter_.RetryAfter("another", kThere), std::nullopt);
  EXPECT_EQ(limiter_.RetryAfter("kim", kHere), std::nullopt);  // was right from there
}

TEST_F(LoginLimiterTest, OneNameFromManyAddresses) {
  limiter_.Succeeded("kim", kHere);
  for (int i = 0; i < 1100; ++i) {
    Fail("kim", "10.0." + std::to_string(i / 250) + "." + std::to_string(i % 250));
  }
  EXPECT_EQ(limiter_.RetryAfter("kim", kThere), seconds(60));  // never more than a minute
  EXPECT_EQ(limiter_.RetryAfter("kim", kHere), std::nullopt);
  EXPECT_EQ(limiter_.RetryAfter("lee", kThere), std::nullopt);
}

TEST_F(LoginLimiterTest, CountsHalveEveryHour) {
  Fail("kim", kHere, 8);
  clock_.Advance(hours(1));
  Fail("kim", kHere);  // the fifth
  EXPECT_EQ(limiter_.RetryAfter("kim", kHere), seconds(1));
  clock_.Advance(hours(1000));
  Fail("kim", kHere, 4);
  EXPECT_EQ(limiter_.RetryAfter("kim", kHere), std::nullopt);
}

// A job with an old password that tries every quarter of an hour must not close the door to a whole
// office.
TEST_F(LoginLimiterTest, ASlowStreamOfFailuresNeverClosesAnAddress) {
  for (int i = 0; i < 4 * 24 * 30; ++i) {
    Fail("old-job", kHere);
    clock_.Advance(minutes(15));
  }
  EXPECT_EQ(limiter_.RetryAfter("kim", kHere), std::nullopt);
}

TEST_F(LoginLimiterTest, MemoryIsBounded) {
  limiter_.Succeeded("kim", kHere);
  for (std::size_t i = 0; i < LoginLimiter::kMaxEntries; ++i) {
    Fail("user" + std::to_string(i), kThere);
  }
  EXPECT_EQ(limiter_.size(), LoginLimiter::kMaxEntries);
  // The address itself was touched all the time.
  EXPECT_NE(limiter_.RetryAfter("another", kThere), std::nullopt);
}

TEST_F(LoginLimiterTest, TheNetworkOfAnIpv6AddressCounts) {
  Fail("kim", "2001:db8:1:2::1", 3);
  Fail("kim", "2001:db8:1:2:ffff::2", 3);
  EXPECT_EQ(limiter_.RetryAfter("kim", "2001:db8:1:2::3"), seconds(2));
  EXPECT_EQ(limiter_.RetryAfter("kim", "2001:db8:1:3::1"), std::nullopt);
}

TEST_F(LoginLimiterTest, AskingIsNotTrying) {
  for (int i = 0; i < 10; ++i) EXPECT_EQ(limiter_.RetryAfter("kim", kHere), std::nullopt);
  EXPECT_EQ(limiter_.size(), 0U);
}

TEST_F(LoginLimiterTest, IsForSeveralThreads) {
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([this, i] {
      for (int n = 0; n < 1000; ++n) {
        const std::string name = std::to_string((n * 7) + i);
        limiter_.Failed(name, kHere);
        limiter_.RetryAfter(name, kHere);
        limiter_.Succeeded(name, kThere);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_NE(limiter_.RetryAfter("another", kHere), std::nullopt);
}

TEST(NetworkOfTest, Networks) {
  const struct {
    const char* address;
    const char* network;
  } rows[] = {
      {"192.0.2.1", "192.0.2.1"},
      {"::ffff:192.0.2.1", "192.0.2.1"},
      {"2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"},
      {"fe80::1%eth0", "fe80::/64"},
      {"::1", "::/64"},
      {"", ""},
  };
  for (const auto& row : rows) EXPECT_EQ(NetworkOf(row.address), row.network) << row.address;
}

}  // namespace
}  // namespace portolan::auth
