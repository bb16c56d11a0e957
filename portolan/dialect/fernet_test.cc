#include "portolan/dialect/fernet.h"

#include <cstring>

#include <gtest/gtest.h>

#include "portolan/base/base64.h"

namespace portolan::dialect {
namespace {

using std::chrono::seconds;

FernetKey KeyOf(std::string_view text) {
  const std::string bytes = Base64Decode(text).value();
  FernetKey key{};
  std::memcpy(key.data(), bytes.data(), key.size());
  return key;
}

// The vector of the specification (generate.json, verify.json).
constexpr std::string_view kToken =
    "gAAAAAAdwJ6wAAECAwQFBgcICQoLDA0ODy021cpGVWKZ_eEwCGM4BLLF_5CV9dOPmrhuVUPgJobwOz7JcbmrR64jVmpU4I"
    "wqDA==";
constexpr std::int64_t kTime = 499'162'800;

class FernetTest : public testing::Test {
 protected:
  FernetTest() {
    for (std::size_t i = 0; i < iv_.size(); ++i) iv_[i] = static_cast<std::byte>(i);
  }
  const FernetKey key_ = KeyOf("cw_0x689RpI-jtRR7oE8h_eQsKImvJapLeSbXpwF4e4=");
  FernetIv iv_{};
};

TEST_F(FernetTest, SealsAsTheSpecificationDoes) {
  EXPECT_EQ(FernetSeal(key_, "hello", kTime, iv_), kToken);
}

TEST_F(FernetTest, OpensWhatIsNotTooOld) {
  EXPECT_EQ(FernetOpen(key_, kToken, kTime, seconds(60)), "hello");
  EXPECT_EQ(FernetOpen(key_, kToken, kTime + 60, seconds(60)), "hello");
  EXPECT_EQ(FernetOpen(key_, kToken, kTime + 61, seconds(60)), std::nullopt);
  EXPECT_EQ(FernetOpen(key_, kToken, kTime - 60, seconds(60)), "hello");
  EXPECT_EQ(FernetOpen(key_, kToken, kTime - 61, seconds(60)), std::nullopt);
}

TEST_F(FernetTest, RefusesWhatItDidNotSeal) {
  FernetKey other = key_;
  other[0] ^= std::byte{1};
  EXPECT_EQ(FernetOpen(other, kToken, kTime, seconds(60)), std::nullopt);
  for (std::size_t i = 0; i < kToken.size() - 2; ++i) {
    std::string changed(kToken);
    changed[i] = changed[i] == 'B' ? 'C' : 'B';
    const std::optional<std::string> opened = FernetOpen(key_, changed, kTime, seconds(60));
    // The last character before the padding has bits that mean nothing.
    if (opened) EXPECT_GE(i, kToken.size() - 3) << i;
  }
  for (const std::string_view text : {"", "gAAAAA==", "garbage", "!"}) {
    EXPECT_EQ(FernetOpen(key_, text, kTime, seconds(60)), std::nullopt) << text;
  }
  EXPECT_EQ(FernetOpen(key_, kToken.substr(0, 64), kTime, seconds(60)), std::nullopt);
}

}  // namespace
}  // namespace portolan::dialect
