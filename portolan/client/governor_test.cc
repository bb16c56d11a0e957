// How many at once, and when none at all.
#include "portolan/client/governor.h"

#include <optional>

#include <gtest/gtest.h>

#include "portolan/async/gather.h"
#include "portolan/async/loop.h"
#include "portolan/client/sender.h"
#include "portolan/client/testing/fake_registry.h"

namespace portolan::client {
namespace {

using std::chrono::milliseconds;

async::Task<void> Hold(Governor& governor, std::string host, int& now, int& most) {
  const Result<Governor::Slot> slot = co_await governor.Enter(std::move(host));
  EXPECT_TRUE(slot.has_value());
  most = std::max(most, ++now);
  (void)co_await async::Sleep(milliseconds(1));
  --now;
}

int MostAtOnce(int max_parallel, int jobs, bool one_host) {
  async::Loop loop;
  const ManualClock clock;
  Governor governor(clock, max_parallel);
  int now = 0;
  int most = 0;
  auto all = [&]() -> async::Task<int> {
    co_await async::ForEachParallel(
        static_cast<std::size_t>(jobs), 100, [&](std::size_t i) -> async::Task<void> {
          return Hold(governor, one_host ? "h" : "h" + std::to_string(i), now, most);
        });
    co_return most;
  };
  return loop.Run(all());
}

TEST(GovernorTest, LetsSoManyThrough) {
  EXPECT_EQ(MostAtOnce(3, 20, true), 3);
  EXPECT_EQ(MostAtOnce(1, 5, true), 1);
  EXPECT_EQ(MostAtOnce(0, 5, true), 1) << "never none for ever";
  EXPECT_EQ(MostAtOnce(100, 5, true), 5);
}

TEST(GovernorTest, HostsDoNotWaitForEachOther) { EXPECT_EQ(MostAtOnce(1, 5, false), 5); }

TEST(GovernorTest, APlaceMovesWithItsSlot) {
  async::Loop loop;
  const ManualClock clock;
  Governor governor(clock, 1);
  auto task = [&]() -> async::Task<bool> {
    auto first = co_await governor.Enter("h");
    Governor::Slot kept = *std::move(first);
    first = Governor::Slot();
    {
      const Governor::Slot last = std::move(kept);
    }
    co_return (co_await governor.Enter("h")).has_value();
  };
  loop.CancelAfter(std::chrono::seconds(2));
  EXPECT_TRUE(loop.Run(task()));
}

TEST(GovernorTest, WaitingCanBeCancelled) {
  async::Loop loop;
  const ManualClock clock;
  Governor governor(clock, 1);
  loop.CancelAfter(milliseconds(5));
  auto task = [&]() -> async::Task<Result<Governor::Slot>> {
    const auto first = co_await governor.Enter("h");
    co_return co_await governor.Enter("h");
  };
  const auto second = loop.Run(task());
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, ErrorCode::kCancelled);
}

// Whether there is a place at once or soon, rather than after a pause of hours.
bool CanEnter(Governor& governor, const std::string& host) {
  async::Loop loop;
  loop.CancelAfter(milliseconds(200));
  return loop.Run(governor.Enter(host)).has_value();
}

TEST(GovernorTest, APauseHoldsBackItsHostOnly) {
  Governor governor(SystemClock(), 5);
  governor.Pause("h", std::chrono::hours(1));
  EXPECT_TRUE(CanEnter(governor, "other"));
  EXPECT_FALSE(CanEnter(governor, "h"));
}

TEST(GovernorTest, APauseEnds) {
  Governor governor(SystemClock(), 5);
  const auto start = SystemClock().Now();
  governor.Pause("h", milliseconds(30));
  EXPECT_TRUE(CanEnter(governor, "h"));
  EXPECT_GE(SystemClock().Now() - start, milliseconds(30));
}

TEST(GovernorTest, AShorterPauseDoesNotEndALongerOne) {
  Governor governor(SystemClock(), 5);
  const auto start = SystemClock().Now();
  governor.Pause("h", milliseconds(60));
  governor.Pause("h", milliseconds(1));
  EXPECT_TRUE(CanEnter(governor, "h"));
  EXPECT_GE(SystemClock().Now() - start, milliseconds(60));
}

// --- through the sender ---

class GovernedSenderTest : public testing::Test {
 protected:
  GovernedSenderTest() : client_(http::NewClient(registry_)) {}

  http::Request NewRequest() {
    http::Request request;
    request.url = Url::Parse("https://r.test/x").value();
    return request;
  }

  FakeRegistry registry_;
  std::unique_ptr<http::Client> client_;
  FixedRandom random_;
  NullLog log_;
  Limits limits_;
  async::Loop loop_;
};

TEST_F(GovernedSenderTest, APlaceIsHeldUntilTheBodyIsDropped) {
  Sender::Policy policy;
  policy.max_parallel_per_host = 2;
  Sender sender(*client_, SystemClock(), random_, log_, limits_, policy);
  registry_.On("GET", "https://r.test/x").Reply(200, "body").After(milliseconds(1));
  auto all = [&]() -> async::Task<Status> {
    co_await async::ForEachParallel(10, 10, [&](std::size_t) -> async::Task<void> {
      const auto answer = co_await sender.Send(NewRequest(), false);
      EXPECT_TRUE(answer.has_value());
      (void)co_await async::Sleep(milliseconds(1));
    });
    co_return Status();
  };
  EXPECT_TRUE(loop_.Run(all()));
  EXPECT_EQ(registry_.requests().size(), 10U);
  EXPECT_EQ(registry_.most_at_once(), 2);
}

// One request is told to wait: the others of that host wait with it instead of asking in vain.
TEST_F(GovernedSenderTest, ARateLimitHoldsAllRequestsOfTheHost) {
  Sender sender(*client_, SystemClock(), random_, log_, limits_, {});
  registry_.On("GET", "https://r.test/x").Reply(429, "retry-after: 30ms").Reply(200, "");
  const auto start = SystemClock().Now();
  Clock::Duration second{};
  auto all = [&]() -> async::Task<Status> {
    co_await async::ForEachParallel(2, 2, [&](std::size_t i) -> async::Task<void> {
      if (i == 1) (void)co_await async::Sleep(milliseconds(5));
      const auto answer = co_await sender.Send(NewRequest(), false);
      EXPECT_EQ(answer->response.status, 200);
      if (i == 1) second = SystemClock().Now() - start;
    });
    co_return Status();
  };
  EXPECT_TRUE(loop_.Run(all()));
  EXPECT_EQ(registry_.requests().size(), 3U);
  EXPECT_GE(second, milliseconds(30));
}

TEST_F(GovernedSenderTest, ARetryGivesItsPlaceBackWhileItWaits) {
  Sender::Policy policy;
  policy.max_parallel_per_host = 1;
  policy.failures = {.max_retries = 1, .base = milliseconds(20)};
  Sender sender(*client_, SystemClock(), random_, log_, limits_, policy);
  registry_.On("GET", "https://r.test/x").Reply(500, "").Reply(200, "other").Reply(200, "own");
  std::vector<std::size_t> order;
  auto all = [&]() -> async::Task<Status> {
    co_await async::ForEachParallel(2, 2, [&](std::size_t i) -> async::Task<void> {
      const auto answer = co_await sender.Send(NewRequest(), false);
      EXPECT_EQ(answer->response.status, 200);
      order.push_back(i);
    });
    co_return Status();
  };
  EXPECT_TRUE(loop_.Run(all()));
  EXPECT_EQ(order, (std::vector<std::size_t>{1, 0}));
}

}  // namespace
}  // namespace portolan::client
