#include "portolan/base/random_text.h"

#include <array>

#include <gtest/gtest.h>

#include "portolan/base/base64.h"
#include "portolan/base/hex.h"

namespace portolan {
namespace {

TEST(RandomTextTest, IsWhatTheSourceGives) {
  FixedRandom source;
  std::array<std::byte, 16> bytes{};
  source.Fill(bytes);
  FixedRandom first;
  EXPECT_EQ(RandomHex(first, 16), HexEncode(bytes));
  FixedRandom second;
  EXPECT_EQ(Base64Decode(RandomBase64Url(second, 16)).value(),
            std::string(reinterpret_cast<const char*>(bytes.data()), bytes.size()));
}

TEST(RandomTextTest, IsAnotherOneEachTime) {
  FixedRandom random;
  EXPECT_EQ(RandomHex(random, 16).size(), 32U);
  EXPECT_EQ(RandomBase64Url(random, 32).size(), 43U);
  EXPECT_NE(RandomHex(random, 16), RandomHex(random, 16));
  EXPECT_NE(RandomBase64Url(random, 16), RandomBase64Url(random, 16));
}

}  // namespace
}  // namespace portolan
