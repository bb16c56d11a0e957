// Whether a user exists must not be told by the time of a refusal.
#include <time.h>

#include <string>

#include <gtest/gtest.h>

#include "portolan/auth/basic_authenticator.h"
#include "portolan/auth/bcrypt.h"
#include "portolan/auth/htpasswd.h"
#include "portolan/base/base64.h"

namespace portolan::auth {
namespace {

// Bcrypt of cost 10: tens of milliseconds, against microseconds without it.
const std::string kUsers = "ada:$2y$10$abcdefghijklmnopqrstuuPIdWHkUWv/gZ7SMgwVtPcLuLWwBQXgm\n";

// This thread's own time: what else the machine does is not in it.
template <typename Work>
double CpuSecondsOf(const Work& work) {
  timespec begin{};
  timespec end{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &begin);
  work();
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &end);
  return static_cast<double>(end.tv_sec - begin.tv_sec) +
         static_cast<double>(end.tv_nsec - begin.tv_nsec) / 1e9;
}

double CpuSecondsOf(const Htpasswd& users, const std::string& user, const std::string& password) {
  return CpuSecondsOf([&] { EXPECT_FALSE(users.Verify(user, Secret(password))); });
}

// One account with a password, and a robot without.
class TwoAccounts final : public Accounts {
 public:
  explicit TwoAccounts(std::string hash) : hash_(std::move(hash)) {}
  Result<std::optional<Account>> Find(std::string_view name) override {
    if (name == "kim") return std::optional(Account{.name = "kim", .password_hash = hash_});
    if (name == "ci") return std::optional(Account{.name = "ci", .robot = true});
    return std::optional<Account>();
  }
  Result<std::optional<ApiKey>> FindKey(const oci::Sha256Bytes&) override {
    return std::optional<ApiKey>();
  }
  Status SaveRefreshToken(const oci::Sha256Bytes&, const RefreshToken&) override { return {}; }
  Result<std::optional<RefreshToken>> FindRefreshToken(const oci::Sha256Bytes&) override {
    return std::optional<RefreshToken>();
  }
  Result<bool> RevokeRefreshToken(const oci::Sha256Bytes&) override { return false; }
  Result<std::optional<std::int64_t>> EpochOf(std::string_view) override {
    return std::optional<std::int64_t>();
  }
  std::uint64_t Generation() override { return 0; }

 private:
  const std::string hash_;
};

TEST(EqualWorkTest, AnUnknownUserCostsWhatAWrongPasswordCosts) {  // CVE-2023-20902
  const auto users = Htpasswd::Parse(kUsers, "users");
  ASSERT_TRUE(users) << users.error().message;
  const double wrong_password = CpuSecondsOf(*users, "ada", "wrong");
  struct Row {
    const char* name;
    std::string user;
    std::string password;
  };
  const Row rows[] = {
      {"unknown user", "eve", "wrong"},
      {"no user", "", "wrong"},
      {"a password that bcrypt would cut", "ada", std::string(100, 'x')},
      {"the same of an unknown user", "eve", std::string(100, 'x')},
  };
  for (const Row& row : rows) {
    // Far from a measurement: without the work it is less than a thousandth.
    EXPECT_GT(CpuSecondsOf(*users, row.user, row.password), wrong_password / 5) << row.name;
  }
}

TEST(EqualWorkTest, AccountsAndUsersOfTheFileAndNobodyCostTheSame) {
  FixedRandom random;
  MemoryFiles files;
  files.files["/users"] = {.content = kUsers};
  ManualClock clock;
  MemoryLog log;
  TwoAccounts accounts(*BcryptHash(Secret("harbour"), random));
  const auto authenticator =
      NewBasicAuthenticator({.accounts = &accounts, .htpasswd = "/users"}, "Portolan",
                            {.files = files, .clock = clock, .random = random, .log = log});
  ASSERT_TRUE(authenticator) << authenticator.error().message;
  const auto seconds_of = [&](const std::string& user) {
    return CpuSecondsOf([&] {
      EXPECT_FALSE((*authenticator)->Authenticate("Basic " + Base64Encode(user + ":wrong")));
    });
  };
  const double account = seconds_of("kim");
  for (const char* user : {"ada", "ci", "eve"}) {  // half of it: one of two hashes
    EXPECT_GT(seconds_of(user), account * 0.7) << user;
    EXPECT_LT(seconds_of(user), account * 1.5) << user;
  }
}

}  // namespace
}  // namespace portolan::auth
