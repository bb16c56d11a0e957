#include "portolan/auth/htpasswd.h"

#include <string>

#include <gtest/gtest.h>

namespace portolan::auth {
namespace {

const std::string kSecret = "$2y$04$abcdefghijklmnopqrstuu2r9OfJnfCsdneAXAGHnS4UpFFP8WIrW";
const std::string kOther = "$2b$04$ABCDEFGHIJKLMNOPQRSTUubdTkc8VfDg3xLFFedNQLivmNw6I3T6K";

TEST(HtpasswdTest, KnowsItsUsers) {
  const auto file =
      Htpasswd::Parse("# people\n\nada:" + kSecret + "\r\n  \nbob b:" + kOther, "/etc/users");
  ASSERT_TRUE(file) << file.error().message;
  EXPECT_EQ(file->size(), 2U);
  struct Row {
    const char* name;
    const char* user;
    const char* password;
    bool want;
  };
  const Row rows[] = {
      {"right", "ada", "secret", true},
      {"right, last line without end", "bob b", "other", true},
      {"another's", "ada", "other", false},
      {"unknown", "eve", "secret", false},
      {"nobody", "", "secret", false},
      {"case matters", "Ada", "secret", false},
      {"a comment is no user", "# people", "secret", false},
  };
  for (const Row& row : rows) {
    EXPECT_EQ(file->Verify(row.user, Secret(row.password)), row.want) << row.name;
  }
}

TEST(HtpasswdTest, MayBeEmpty) {
  const auto file = Htpasswd::Parse("", "x");
  ASSERT_TRUE(file);
  EXPECT_EQ(file->size(), 0U);
  EXPECT_FALSE(file->Verify("ada", Secret("")));
}

TEST(HtpasswdTest, RefusesWhatIsNotBcrypt) {
  struct Row {
    const char* name;
    std::string text;
    const char* want;
  };
  const Row rows[] = {
      {"no colon", "ada", "users:1: the line has no colon after the user"},
      {"no user", ":" + kSecret, "users:1: the line has a user whose name is empty"},
      {"plain text", "ada:secret", "users:1: the line is not a bcrypt entry ($2y$…)"},
      {"MD5", "ada:$apr1$abcdefgh$0123456789012345678901",
       "users:1: the line is not a bcrypt entry ($2y$…)"},
      {"SHA-1",
       "ada:{SHA}5en6G6MezRroT3XKqkdPOmY/BfQ=", "users:1: the line is not a bcrypt entry ($2y$…)"},
      {"more after it", "ada:" + kSecret + ":x", "users:1: the line is not a bcrypt entry ($2y$…)"},
      {"on the third line", "ada:" + kSecret + "\n#\nbob:x\n",
       "users:3: the line is not a bcrypt entry ($2y$…)"},
      {"too much work", "ada:$2y$15" + kSecret.substr(6),
       "users:1: the line has a cost above 14, which takes more than a second"},
      {"twice", "ada:" + kSecret + "\nada:" + kOther, "users:2: the line names the user ada again"},
      {"star", "*:" + kSecret,
       "users:1: the line has a user whose name is what access rules mean others by"},
      {"anonymous", "anonymous:" + kSecret,
       "users:1: the line has a user whose name is what access rules mean others by"},
      {"control character", "a\x1b:" + kSecret,
       "users:1: the line has a user whose name has control characters"},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.name);
    const auto file = Htpasswd::Parse(row.text, "users");
    ASSERT_FALSE(file);
    EXPECT_EQ(file.error().code, ErrorCode::kConfigInvalid);
    EXPECT_EQ(file.error().message, row.want);
  }
}

TEST(HtpasswdTest, AllowsTheHighestCost) {
  EXPECT_TRUE(Htpasswd::Parse("ada:$2y$14" + kSecret.substr(6), "users"));
}

}  // namespace
}  // namespace portolan::auth
