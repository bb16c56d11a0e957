#include "portolan/auth/key_source.h"

#include <deque>
#include <string>
#include <utility>

#include <gtest/gtest.h>

namespace portolan::auth {
namespace {

// Gives what a test has put there, in order; then the last again.
class FetchedKeysTest : public testing::Test {
 protected:
  FetchedKeysTest()
      : keys_(
            "far",
            [this]() -> Result<std::string> {
              ++looks_;
              Result<std::string> answer = answers_.front();
              if (answers_.size() > 1) answers_.pop_front();
              return answer;
            },
            FetchedKeys::Times(), clock_, log_) {}

  static std::string KeySetOf(const PublicKey& key) {
    KeySet set;
    set.Add(key);
    return set.ToJwks();
  }
  static PublicKey NewKey() {
    return SigningKey::Generate(Algorithm::kEdDsa, "test", 1'700'000'000)->public_key();
  }
  bool Has(const std::shared_ptr<const KeySet>& set, const PublicKey& key) {
    return set != nullptr && set->Find(key.thumbprint()) != nullptr;
  }

  ManualClock clock_;
  MemoryLog log_;
  int looks_ = 0;
  std::deque<Result<std::string>> answers_;
  FetchedKeys keys_;
  const PublicKey first_ = NewKey();
  const PublicKey second_ = NewKey();
};

TEST_F(FetchedKeysTest, NothingIsKnownBeforeTheFirstLook) {
  answers_ = {KeySetOf(first_)};
  EXPECT_EQ(keys_.Current(), nullptr);
  EXPECT_EQ(looks_, 0);
  EXPECT_TRUE(Has(keys_.Renewed(), first_));
  EXPECT_TRUE(Has(keys_.Current(), first_));
  EXPECT_EQ(looks_, 1);
}

TEST_F(FetchedKeysTest, WhoeverInventsNamesDoesNotMakeItLookEachTime) {
  answers_ = {KeySetOf(first_), KeySetOf(second_)};
  for (int i = 0; i < 100; ++i) EXPECT_TRUE(Has(keys_.Renewed(), first_));
  EXPECT_EQ(looks_, 1);
  clock_.Advance(std::chrono::seconds(30));
  EXPECT_TRUE(Has(keys_.Renewed(), second_));
  EXPECT_FALSE(Has(keys_.Current(), first_)) << "taken back";
  EXPECT_EQ(looks_, 2);
}

TEST_F(FetchedKeysTest, OldKeysAreLookedAtAgainBeforeTheyAreBelieved) {
  answers_ = {KeySetOf(first_), KeySetOf(second_)};
  EXPECT_TRUE(Has(keys_.Renewed(), first_));
  clock_.Advance(std::chrono::minutes(11));
  EXPECT_EQ(keys_.Current(), nullptr);
  EXPECT_TRUE(Has(keys_.Renewed(), second_));
}

TEST_F(FetchedKeysTest, AnIssuerMayTakeAllItsKeysBack) {
  answers_ = {KeySetOf(first_), std::string(R"({"keys":[]})"), KeySetOf(second_)};
  EXPECT_TRUE(Has(keys_.Renewed(), first_));
  clock_.Advance(std::chrono::seconds(30));
  ASSERT_NE(keys_.Renewed(), nullptr);
  EXPECT_FALSE(Has(keys_.Current(), first_));
  EXPECT_TRUE(log_.warnings().empty());
  clock_.Advance(std::chrono::seconds(30));
  EXPECT_TRUE(Has(keys_.Renewed(), second_));
}

TEST_F(FetchedKeysTest, WhileLooksFailThoseOfBeforeStayForADay) {
  answers_ = {KeySetOf(first_), Fail(ErrorCode::kConnectFailed, "refused"), std::string("[]")};
  EXPECT_TRUE(Has(keys_.Renewed(), first_));
  clock_.Advance(std::chrono::hours(1));
  EXPECT_TRUE(Has(keys_.Renewed(), first_)) << "no answer";
  EXPECT_TRUE(Has(keys_.Renewed(), first_)) << "too early for another look";
  clock_.Advance(std::chrono::hours(1));
  EXPECT_TRUE(Has(keys_.Renewed(), first_)) << "no key set";
  EXPECT_EQ(looks_, 3);
  clock_.Advance(std::chrono::hours(23));
  EXPECT_EQ(keys_.Renewed(), nullptr) << "a day later";
}

}  // namespace
}  // namespace portolan::auth
