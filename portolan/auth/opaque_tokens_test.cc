#include "portolan/auth/opaque_tokens.h"

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "portolan/auth/testing/memory_accounts.h"

namespace portolan::auth {
namespace {

using std::chrono::seconds;

TEST(OpaqueTokens, AreKnownUntilTheyEnd) {
  ManualClock clock;
  OpaqueTokens tokens(nullptr, clock);
  const Identity bearer{.name = "kim",
                        .grants = std::make_shared<const Grants>(std::vector<wire::Scope>())};
  ASSERT_TRUE(tokens.Keep("one", bearer, seconds(300)));
  EXPECT_EQ(tokens.Known("one"), bearer);
  EXPECT_EQ(tokens.Verify("one").value(), bearer);
  EXPECT_EQ(tokens.Known("on"), std::nullopt);
  EXPECT_EQ(tokens.Verify("two").error().code, ErrorCode::kUnauthorized);
  clock.Advance(seconds(299));
  EXPECT_TRUE(tokens.Known("one"));
  clock.Advance(seconds(1));
  EXPECT_FALSE(tokens.Known("one"));
  EXPECT_FALSE(tokens.Verify("one"));
}

// A registry without accounts has nothing to look at; one with them looks again after each change.
TEST(OpaqueTokens, EndWithTheirAccountsEpoch) {
  MemoryAccounts accounts;
  accounts.accounts["kim"] = {.name = "kim", .epoch = 1};
  accounts.accounts["ada"] = {.name = "ada", .epoch = 2};
  const ManualClock clock;
  OpaqueTokens tokens(&accounts, clock);
  for (const char* name : {"kim", "ada", "bob of htpasswd", ""}) {
    ASSERT_TRUE(tokens.Keep(std::string("token of ") + name, {.name = name}, seconds(300)));
  }
  EXPECT_TRUE(tokens.Known("token of kim"));

  accounts.accounts["kim"].epoch = 3;
  ++accounts.generation;
  EXPECT_FALSE(tokens.Known("token of kim"));
  EXPECT_FALSE(tokens.Known("token of ada"));  // before a look
  EXPECT_EQ(tokens.Verify("token of kim").error().code, ErrorCode::kUnauthorized);
  for (const char* name : {"ada", "bob of htpasswd", ""}) {
    const std::string token = std::string("token of ") + name;
    EXPECT_EQ(tokens.Verify(token).value().name, name);
    EXPECT_TRUE(tokens.Known(token)) << name;
  }

  accounts.accounts["ada"].disabled = true;
  ++accounts.generation;
  EXPECT_EQ(tokens.Verify("token of ada").error().code, ErrorCode::kUnauthorized);
  accounts.accounts.erase("ada");
  ++accounts.generation;
  EXPECT_EQ(tokens.Verify("token of ada").error().code, ErrorCode::kUnauthorized);

  accounts.broken = true;
  ++accounts.generation;
  EXPECT_EQ(tokens.Verify("token of bob of htpasswd").error().code, ErrorCode::kIo);
}

TEST(OpaqueTokens, NobodysTakeNoPlaceOfOthers) {
  const ManualClock clock;
  OpaqueTokens tokens(nullptr, clock);
  ASSERT_TRUE(tokens.Keep("kim's", {.name = "kim"}, seconds(300)));
  for (std::size_t i = 0; i <= OpaqueTokens::kMaxTokens; ++i) {
    ASSERT_TRUE(tokens.Keep(std::to_string(i), {}, seconds(300)));
  }
  EXPECT_FALSE(tokens.Known("0"));
  EXPECT_TRUE(tokens.Known("kim's"));
}

TEST(OpaqueTokens, TheOldestOfTooManyIsForgotten) {
  ManualClock clock;
  OpaqueTokens tokens(nullptr, clock);
  for (std::size_t i = 0; i <= OpaqueTokens::kMaxTokens; ++i) {
    ASSERT_TRUE(tokens.Keep(std::to_string(i), {}, seconds(300)));
    ASSERT_TRUE(
        tokens.Keep(std::to_string(i), {}, seconds(300)));  // again: it takes no second place
  }
  EXPECT_FALSE(tokens.Known("0"));
  EXPECT_TRUE(tokens.Known("1"));
  EXPECT_TRUE(tokens.Known(std::to_string(OpaqueTokens::kMaxTokens)));
}

}  // namespace
}  // namespace portolan::auth
