#include "portolan/auth/token_table.h"

#include <chrono>
#include <string>

#include <gtest/gtest.h>

namespace portolan::auth {
namespace {

using std::chrono::seconds;

const std::string kSignature(86, 's');

class TokenTableTest : public testing::Test {
 protected:
  void Keep(TokenTable& tokens, std::string_view token, std::string name, seconds lifetime) const {
    tokens.Keep(token, {.identity = {.name = std::move(name)}, .end = Now() + lifetime}, Now());
  }
  std::string NameOf(TokenTable& tokens, std::string_view token) const {
    const auto entry = tokens.Find(token, Now());
    return entry ? entry->identity.name : "";
  }
  Clock::WallTime Now() const { return clock.WallNow(); }

  ManualClock clock;
  TokenTable table{4, 1000};
};

TEST_F(TokenTableTest, FindsWhatWasKeptUntilItsEnd) {
  Keep(table, "one", "kim", seconds(10));
  Keep(table, "two", "ada", seconds(20));
  EXPECT_EQ(NameOf(table, "one"), "kim");
  EXPECT_EQ(NameOf(table, "two"), "ada");
  clock.Advance(seconds(10));
  EXPECT_EQ(NameOf(table, "one"), "");
  EXPECT_EQ(NameOf(table, "two"), "ada");
}

TEST_F(TokenTableTest, EveryCharacterCounts) {
  const std::string token = "header.claims." + kSignature;
  Keep(table, token, "kim", seconds(10));
  EXPECT_EQ(NameOf(table, token), "kim");
  for (std::size_t at = 0; at < token.size(); ++at) {
    std::string other = token;
    other[at] ^= 1;
    EXPECT_EQ(NameOf(table, other), "") << at;
  }
  EXPECT_EQ(NameOf(table, "x" + token), "");
  EXPECT_EQ(NameOf(table, token.substr(1)), "");
  EXPECT_EQ(NameOf(table, token + "x"), "");
  EXPECT_EQ(NameOf(table, kSignature), "");
  EXPECT_EQ(NameOf(table, ""), "");
}

TEST_F(TokenTableTest, WithoutADotEveryCharacterCountsToo) {
  const std::string token(100, 't');
  Keep(table, token, "kim", seconds(10));
  EXPECT_EQ(NameOf(table, token), "kim");
  EXPECT_EQ(NameOf(table, "u" + token.substr(1)), "");
  EXPECT_EQ(NameOf(table, token.substr(1)), "");
}

TEST_F(TokenTableTest, KeptAgainItTakesNoSecondPlace) {
  for (int i = 0; i < 10; ++i) Keep(table, "one", std::to_string(i), seconds(10));
  Keep(table, "two", "ada", seconds(10));
  EXPECT_EQ(table.size(), 2U);
  EXPECT_EQ(NameOf(table, "one"), "9");
}

TEST_F(TokenTableTest, TheOldestOfTooManyIsForgotten) {
  for (const char* token : {"1", "2", "3", "4", "5"}) Keep(table, token, token, seconds(10));
  EXPECT_EQ(table.size(), 4U);
  EXPECT_EQ(NameOf(table, "1"), "");
  EXPECT_EQ(NameOf(table, "2"), "2");
  EXPECT_EQ(NameOf(table, "5"), "5");
}

TEST_F(TokenTableTest, TheirBytesAreBounded) {
  Keep(table, std::string(400, 'a'), "a", seconds(10));
  Keep(table, std::string(400, 'b'), "b", seconds(10));
  Keep(table, std::string(400, 'c'), "c", seconds(10));
  EXPECT_EQ(NameOf(table, std::string(400, 'a')), "");
  EXPECT_EQ(NameOf(table, std::string(400, 'b')), "b");
  Keep(table, std::string(1001, 'd'), "d", seconds(10));
  EXPECT_EQ(table.size(), 0U);
}

TEST_F(TokenTableTest, EndedOnesMakeRoom) {
  Keep(table, "1", "1", seconds(1));
  Keep(table, "2", "2", seconds(1));
  clock.Advance(seconds(1));
  Keep(table, "3", "3", seconds(1));
  EXPECT_EQ(table.size(), 1U);
}

}  // namespace
}  // namespace portolan::auth
