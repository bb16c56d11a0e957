#include "portolan/base/secret.h"

#include <algorithm>
#include <cstring>
#include <new>
#include <string>
#include <utility>

#include <gtest/gtest.h>

namespace portolan {
namespace {

TEST(SecretTest, PrintsAsStars) {
  EXPECT_EQ(ToString(Secret("hunter2")), "***");
  EXPECT_EQ(ToString(Secret("")), "");
  EXPECT_EQ(ToString(Secret()), "");
}

TEST(SecretTest, IsAValue) {
  const Secret a("hunter2");
  Secret b = a;
  EXPECT_EQ(a, b);
  EXPECT_EQ(b.Reveal(), "hunter2");
  b = Secret("other");
  EXPECT_NE(a, b);
  b = a;
  EXPECT_EQ(b, a);
  const Secret& same = b;
  b = same;
  EXPECT_EQ(b.Reveal(), "hunter2");
  EXPECT_TRUE(Secret().empty());
  EXPECT_FALSE(a.empty());
}

TEST(SecretTest, MovingEmptiesTheSource) {
  for (const std::string& text : {std::string("hunter2"), std::string(100, 'x')}) {
    Secret from(text);
    Secret to(std::move(from));
    EXPECT_EQ(to.Reveal(), text);
    EXPECT_TRUE(from.empty());  // NOLINT(bugprone-use-after-move): that is what is tested
    Secret assigned("old");
    assigned = std::move(to);
    EXPECT_EQ(assigned.Reveal(), text);
    EXPECT_TRUE(to.empty());  // NOLINT(bugprone-use-after-move)
  }
}

// Short text lies inside the object itself, so that what is left of it can be looked at.
TEST(SecretTest, LeavesNothingBehindInItsOwnBytes) {
  const auto holds_text = [](const Secret& secret) {
    char bytes[sizeof(Secret)];
    std::memcpy(bytes, static_cast<const void*>(&secret), sizeof bytes);
    const std::string_view needle =
        "unter2";  // without the first byte, which clearing a string overwrites anyway
    return std::string_view(bytes, sizeof bytes).contains(needle);
  };
  Secret from("hunter2");
  ASSERT_TRUE(holds_text(from)) << "the test looks at the wrong place";
  Secret to(std::move(from));
  EXPECT_FALSE(holds_text(from));  // NOLINT(bugprone-use-after-move)
  Secret assigned;
  assigned = std::move(to);
  EXPECT_FALSE(holds_text(to));  // NOLINT(bugprone-use-after-move)
  const Secret shorter("x");
  assigned = shorter;
  EXPECT_FALSE(holds_text(assigned));
}

}  // namespace
}  // namespace portolan
