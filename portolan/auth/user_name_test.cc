#include "portolan/auth/user_name.h"

#include <string>

#include <gtest/gtest.h>

namespace portolan::auth {
namespace {

TEST(UserNameTest, SaysWhatIsWrong) {
  struct Row {
    std::string name;
    const char* fault;      // of any user
    const char* new_fault;  // of a new one
  };
  constexpr const char* kOthers = "is what access rules mean others by";
  constexpr const char* kColon = "has a colon, at which clients would cut it";
  constexpr const char* kBeyond = "has letters beyond ASCII, which clients send in different ways";
  const Row rows[] = {
      {"kim", "", ""},
      {"apps+ci", "", ""},
      {"robot$ci", "", ""},
      {"kim@example.org", "", ""},
      {"Jürgen", "", kBeyond},
      {std::string(128, 'x'), "", ""},
      {"", "is empty", "is empty"},
      {"*", kOthers, kOthers},
      {"anonymous", kOthers, kOthers},
      {"a\nb", "has control characters", "has control characters"},
      {"a\x7f", "has control characters", "has control characters"},
      {std::string(129, 'x'), "", "has more than 128 bytes"},
      {"a:b", "", kColon},
      {"a b", "", "has a space"},
      {"-rf", "", "begins with a -, as options do"},
      {"<token>", "", "begins with a <, as what clients write for tokens does"},
      {"\xff", "", kBeyond},
      {"a\u202eb", "", kBeyond},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.name);
    EXPECT_EQ(UserNameFault(row.name), row.fault);
    EXPECT_EQ(NewUserNameFault(row.name), row.new_fault);
  }
}

}  // namespace
}  // namespace portolan::auth
