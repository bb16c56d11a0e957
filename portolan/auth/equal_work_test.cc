// Whether a user exists must not be told by the time of a refusal.
#include <time.h>

#include <string>

#include <gtest/gtest.h>

#include "portolan/auth/htpasswd.h"

namespace portolan::auth {
namespace {

// Bcrypt of cost 10: tens of milliseconds, against microseconds without it.
const std::string kUsers = "ada:$2y$10$abcdefghijklmnopqrstuuPIdWHkUWv/gZ7SMgwVtPcLuLWwBQXgm\n";

// This thread's own time: what else the machine does is not in it.
double CpuSecondsOf(const Htpasswd& users, const std::string& user, const std::string& password) {
  timespec begin{};
  timespec end{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &begin);
  EXPECT_FALSE(users.Verify(user, Secret(password)));
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &end);
  return static_cast<double>(end.tv_sec - begin.tv_sec) +
         static_cast<double>(end.tv_nsec - begin.tv_nsec) / 1e9;
}

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

}  // namespace
}  // namespace portolan::auth
