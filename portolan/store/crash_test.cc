// A push is made to fail at its first operation, at its second, and so on, in every way that a disk
// and a database can fail. Each time everything that was acknowledged must still be there, and the
// same push must succeed afterwards.
#include <ostream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "portolan/store/testing/push_scenario.h"
#include "portolan/store/testing/storage_fixture.h"

namespace portolan::store {
namespace {

using How = FaultPlan::How;
using Survival = FaultyDisk::Survival;
using Lines = std::vector<std::string>;

struct Way {
  const char* name;
  How how;
  ErrorCode code;
  bool power_goes;
  Survival survival;
};

void PrintTo(const Way& way, std::ostream* out) { *out << way.name; }

class CrashTest : public testing::TestWithParam<Way> {};

void PushAgain(StorageFixture& fixture) {
  // The term after the start is over, so that the second collection works too.
  fixture.EndLeases();
  PushScenario again(fixture);
  const Status pushed = again.Run();
  ASSERT_TRUE(pushed) << pushed.error().message;
  ASSERT_EQ(again.Check(), Lines());
  fixture.LosePower(Survival::kNothing);
  ASSERT_EQ(again.Check(), Lines());
}

TEST_P(CrashTest, LosesNothingThatWasAcknowledged) {
  const Way& way = GetParam();
  std::uint64_t i = 1;
  for (bool failed = true; failed && !HasFatalFailure(); ++i) {
    SCOPED_TRACE("operation " + std::to_string(i));
    StorageFixture fixture;
    PushScenario push(fixture);
    fixture.plan.FailAt(i, way.how, way.code);
    const Status pushed = push.Run();
    failed = fixture.plan.operations() >= i;
    if (!failed) {
      ASSERT_TRUE(pushed) << pushed.error().message;
    } else if (!pushed && way.how == How::kOnce) {
      ASSERT_EQ(pushed.error().code, way.code) << pushed.error().message;
    }
    fixture.plan.Clear();
    if (way.power_goes) fixture.LosePower(way.survival);
    ASSERT_EQ(push.Check(), Lines());
    ASSERT_NO_FATAL_FAILURE(PushAgain(fixture));
  }
  EXPECT_GT(i, 80U);  // the push is as long as it is meant to be
}

INSTANTIATE_TEST_SUITE_P(
    All, CrashTest,
    testing::Values(
        Way{"OneFailure", How::kOnce, ErrorCode::kIo, false, Survival::kEverything},
        Way{"OneFailureThenPowerLoss", How::kOnce, ErrorCode::kIo, true, Survival::kNothing},
        Way{"FullDisk", How::kOnce, ErrorCode::kInsufficientStorage, false, Survival::kEverything},
        Way{"PowerLoss", How::kFromThen, ErrorCode::kIo, true, Survival::kNothing},
        Way{"PowerLossSomeSurvives", How::kFromThen, ErrorCode::kIo, true, Survival::kSome},
        Way{"PowerLossAllSurvives", How::kFromThen, ErrorCode::kIo, true, Survival::kEverything},
        Way{"OneAnswerLost", How::kAnswerLostOnce, ErrorCode::kIo, false, Survival::kEverything},
        Way{"AnswerLost", How::kAnswerLost, ErrorCode::kIo, true, Survival::kNothing}),
    [](const auto& parameter) { return parameter.param.name; });

}  // namespace
}  // namespace portolan::store
