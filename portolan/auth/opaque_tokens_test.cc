#include "portolan/auth/opaque_tokens.h"

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace portolan::auth {
namespace {

using std::chrono::seconds;

TEST(OpaqueTokens, AreKnownUntilTheyEnd) {
  ManualClock clock;
  OpaqueTokens tokens(clock);
  const Identity bearer{.name = "kim",
                        .grants = std::make_shared<const Grants>(std::vector<wire::Scope>())};
  tokens.Keep("one", bearer, seconds(300));
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

TEST(OpaqueTokens, TheOldestOfTooManyIsForgotten) {
  ManualClock clock;
  OpaqueTokens tokens(clock);
  for (std::size_t i = 0; i <= OpaqueTokens::kMaxTokens; ++i) {
    tokens.Keep(std::to_string(i), {}, seconds(300));
    tokens.Keep(std::to_string(i), {}, seconds(300));  // again: it takes no second place
  }
  EXPECT_FALSE(tokens.Known("0"));
  EXPECT_TRUE(tokens.Known("1"));
  EXPECT_TRUE(tokens.Known(std::to_string(OpaqueTokens::kMaxTokens)));
}

}  // namespace
}  // namespace portolan::auth
