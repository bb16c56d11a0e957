#include "portolan/base/environment.h"

#include <unistd.h>

#include <cstdlib>

#include <gtest/gtest.h>

namespace portolan {
namespace {

TEST(EnvironmentTest, EmptyCountsAsUnset) {
  const Environment environment{.variables = {{"A", "x"}, {"B", ""}}, .home = "/home/me", .uid = 1};
  EXPECT_EQ(environment.Get("A"), "x");
  EXPECT_EQ(environment.Get("B"), std::nullopt);
  EXPECT_EQ(environment.Get("C"), std::nullopt);
}

TEST(EnvironmentTest, ReadsTheProcess) {
  setenv("PORTOLAN_TEST_VARIABLE", "a=b", 1);
  setenv("HOME", "/home/me", 1);
  const Environment environment = ReadProcessEnvironment();
  EXPECT_EQ(environment.Get("PORTOLAN_TEST_VARIABLE"), "a=b");
  EXPECT_EQ(environment.home, "/home/me");
  EXPECT_EQ(environment.uid, geteuid());
}

TEST(EnvironmentTest, HomeIsNeverEmpty) {
  setenv("HOME", "", 1);
  EXPECT_TRUE(ReadProcessEnvironment().home.starts_with('/'));
  unsetenv("HOME");
  EXPECT_TRUE(ReadProcessEnvironment().home.starts_with('/'));
}

}  // namespace
}  // namespace portolan
