#include "portolan/store/lease_table.h"

#include <atomic>
#include <optional>
#include <thread>

#include <gtest/gtest.h>

#include "portolan/oci/hasher.h"

namespace portolan::store {
namespace {

using std::chrono::seconds;

const oci::Digest kDigest = oci::DigestOf(oci::HashAlgorithm::kSha256, "a");
const oci::Digest kOther = oci::DigestOf(oci::HashAlgorithm::kSha256, "b");

class LeaseTableTest : public testing::Test {
 protected:
  LeaseTableTest() { clock_.Advance(seconds(60)); }  // the term after the start is over
  void Promise(const oci::Digest& digest) {
    ASSERT_TRUE(leases_.Take(digest));
    leases_.Keep(digest);
  }

  ManualClock clock_;
  LeaseTable leases_{seconds(60), clock_};
};

TEST(LeaseTable, EverythingIsLeasedForOneTermAfterAStart) {
  ManualClock clock;
  LeaseTable leases(seconds(60), clock);
  clock.Advance(seconds(59));
  EXPECT_FALSE(leases.Condemn(kDigest));
  clock.Advance(seconds(1));
  EXPECT_TRUE(leases.Condemn(kDigest));
}

TEST_F(LeaseTableTest, PromiseHoldsForOneTerm) {
  Promise(kDigest);
  clock_.Advance(seconds(59));
  EXPECT_FALSE(leases_.Condemn(kDigest));
  EXPECT_TRUE(leases_.Condemn(kOther));
  Promise(kDigest);  // renewed
  clock_.Advance(seconds(59));
  EXPECT_FALSE(leases_.Condemn(kDigest));
  clock_.Advance(seconds(1));
  EXPECT_TRUE(leases_.Condemn(kDigest));
}

TEST_F(LeaseTableTest, HoldHoldsHoweverLongItTakes) {
  ASSERT_TRUE(leases_.Take(kDigest));
  clock_.Advance(std::chrono::hours(24));
  leases_.Sweep();
  EXPECT_FALSE(leases_.Condemn(kDigest));
  leases_.Keep(kDigest);
  EXPECT_FALSE(leases_.Condemn(kDigest));
  clock_.Advance(seconds(60));
  EXPECT_TRUE(leases_.Condemn(kDigest));
}

TEST_F(LeaseTableTest, DropPromisesNothingAndTakesNothingBack) {
  ASSERT_TRUE(leases_.Take(kDigest));
  leases_.Drop(kDigest);
  EXPECT_EQ(leases_.size(), 0U);
  Promise(kOther);
  ASSERT_TRUE(leases_.Take(kOther));
  leases_.Drop(kOther);
  EXPECT_FALSE(leases_.Condemn(kOther));
  EXPECT_TRUE(leases_.Condemn(kDigest));
}

TEST_F(LeaseTableTest, NobodyTakesWhatIsCondemned) {
  ASSERT_TRUE(leases_.Condemn(kDigest));
  EXPECT_FALSE(leases_.Condemn(kDigest));
  EXPECT_FALSE(leases_.Take(kDigest));
  EXPECT_TRUE(leases_.Take(kOther));
  leases_.Sweep();
  EXPECT_FALSE(leases_.Take(kDigest));
  leases_.Release(kDigest);
  EXPECT_TRUE(leases_.Take(kDigest));
}

TEST_F(LeaseTableTest, SweepForgetsWhatHasEnded) {
  Promise(kDigest);
  clock_.Advance(seconds(30));
  Promise(kOther);
  EXPECT_EQ(leases_.size(), 2U);
  clock_.Advance(seconds(30));
  leases_.Sweep();
  EXPECT_EQ(leases_.size(), 1U);
}

TEST_F(LeaseTableTest, WaitsForTheCollector) {
  leases_.WaitUntilFree(kDigest, kPoolPatience);  // is free
  ASSERT_TRUE(leases_.Condemn(kDigest));
  std::atomic<bool> released = false;
  std::thread collector([&] {
    released = true;
    leases_.Release(kDigest);
  });
  leases_.WaitUntilFree(kDigest, kPoolPatience);
  EXPECT_TRUE(released);
  collector.join();
  EXPECT_TRUE(leases_.Take(kDigest));
}

TEST_F(LeaseTableTest, WaitEnds) {
  ASSERT_TRUE(leases_.Condemn(kDigest));
  for (const Patience patience : {kNoPatience, Patience(10)}) {
    const LeaseHold hold(leases_, kDigest, patience);
    EXPECT_FALSE(hold);
  }
}

TEST_F(LeaseTableTest, HoldOfAScope) {
  {
    LeaseHold hold(leases_, kDigest, kNoPatience);
    EXPECT_TRUE(hold);
    EXPECT_FALSE(leases_.Condemn(kDigest));
  }
  EXPECT_EQ(leases_.size(), 0U);
  {
    LeaseHold hold(leases_, kDigest, kNoPatience);
    hold.Keep();
  }
  EXPECT_EQ(leases_.size(), 1U);
  EXPECT_FALSE(leases_.Condemn(kDigest));
}

// Threads that take and a collector that condemns never have the same digest at once.
TEST(LeaseTable, TakersAndTheCollectorExcludeEachOther) {
  const ManualClock clock;
  LeaseTable leases(seconds(0), clock);
  std::atomic<int> held = 0;
  std::atomic<int> condemned = 0;
  std::atomic<bool> done = false;
  std::thread collector([&] {
    while (!done) {
      if (!leases.Condemn(kDigest)) continue;
      EXPECT_EQ(held, 0);
      ++condemned;
      leases.Release(kDigest);
    }
  });
  const auto take = [&] {
    for (int i = 0; i < 20000 || condemned < 100; ++i) {
      if (!leases.Take(kDigest)) continue;
      ++held;
      --held;
      leases.Drop(kDigest);
    }
  };
  std::thread other(take);
  take();
  other.join();
  done = true;
  collector.join();
  EXPECT_GE(condemned, 100);
}

}  // namespace
}  // namespace portolan::store
