#include <poll.h>

#include <chrono>
#include <csignal>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "portolan/async/event.h"
#include "portolan/async/gather.h"
#include "portolan/async/loop.h"
#include "portolan/async/pool.h"

namespace portolan::async {
namespace {

using std::chrono::milliseconds;

Task<int> Answer() { co_return 42; }

TEST(LoopTest, GivesTheTasksValue) {
  Loop loop;
  EXPECT_EQ(loop.Run(Answer()), 42);
  EXPECT_EQ(loop.Run(Answer()), 42) << "a loop can run again";
}

Task<Status> SleepLong() { co_return co_await Sleep(std::chrono::hours(1)); }

TEST(LoopTest, CancelAfterEndsAWait) {
  Loop loop;
  loop.CancelAfter(milliseconds(5));
  const Status status = loop.Run(SleepLong());
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().code, ErrorCode::kCancelled);
  ASSERT_TRUE(loop.cancelled());
  EXPECT_EQ(loop.cancelled()->code, ErrorCode::kTimeout);
}

TEST(LoopTest, WaitsAfterACancellationEndAtOnce) {
  Loop loop;
  loop.CancelAfter(milliseconds(1));
  auto twice = []() -> Task<int> {
    int cancelled = 0;
    if (!co_await Sleep(std::chrono::hours(1))) ++cancelled;
    if (!co_await Sleep(std::chrono::hours(1))) ++cancelled;
    Event event;
    if (!co_await event.Wait()) ++cancelled;
    co_return cancelled;
  };
  EXPECT_EQ(loop.Run(twice()), 3);
}

TEST(LoopTest, CancelDescriptorTellsOtherThreads) {
  Loop loop;
  pollfd event{.fd = loop.cancel_descriptor(), .events = POLLIN, .revents = 0};
  EXPECT_EQ(poll(&event, 1, 0), 0);
  loop.CancelAfter(milliseconds(5));
  Pool pool;
  EXPECT_EQ(loop.Run(OnPool(pool, [&event] { return poll(&event, 1, 10'000); })), 1);
  EXPECT_TRUE(loop.cancelled());
  Loop late;
  late.Cancel(Fail(ErrorCode::kCancelled, "x"));
  event.fd = late.cancel_descriptor();
  EXPECT_EQ(poll(&event, 1, 0), 1);
}

TEST(LoopTest, InterruptCancels) {
  Loop loop;
  loop.CancelOnInterrupt();
  auto interrupted = []() -> Task<Status> {
    raise(SIGINT);
    co_return co_await Sleep(std::chrono::hours(1));
  };
  EXPECT_FALSE(loop.Run(interrupted()));
  EXPECT_EQ(loop.cancelled()->code, ErrorCode::kCancelled);
}

TEST(LoopTest, OutsideRunInterruptsHaveTheirDefaultEffect) {
  Loop loop;
  loop.CancelOnInterrupt();
  const auto handler = [] {
    struct sigaction action{};
    sigaction(SIGINT, nullptr, &action);
    return action.sa_handler;
  };
  EXPECT_EQ(handler(), SIG_DFL);
  auto within = [&]() -> Task<bool> { co_return handler() != SIG_DFL; };
  EXPECT_TRUE(loop.Run(within()));
  EXPECT_EQ(handler(), SIG_DFL);
}

TEST(EventTest, WakesEveryWaiter) {
  Loop loop;
  auto story = []() -> Task<int> {
    Event event;
    int woken = 0;
    co_await ForEachParallel(3, 3, [&](std::size_t i) -> Task<void> {
      if (i == 2) {
        event.Set();
      } else if (co_await event.Wait()) {
        ++woken;
      }
    });
    co_return woken;
  };
  EXPECT_EQ(loop.Run(story()), 2);
}

TEST(GatherTest, RunsAllAndNoMoreThanAllowedAtOnce) {
  Loop loop;
  auto story = []() -> Task<std::vector<int>> {
    int running = 0;
    int most = 0;
    int done = 0;
    co_await ForEachParallel(10, 3, [&](std::size_t) -> Task<void> {
      most = std::max(most, ++running);
      (void)co_await Sleep(milliseconds(1));
      --running;
      ++done;
    });
    co_return std::vector<int>{most, done};
  };
  EXPECT_EQ(loop.Run(story()), (std::vector<int>{3, 10}));
}

TEST(GatherTest, CancellationReachesTheJobs) {
  Loop loop;
  loop.CancelAfter(milliseconds(5));
  auto story = []() -> Task<int> {
    int cancelled = 0;
    co_await ForEachParallel(5, 2, [&](std::size_t) -> Task<void> {
      if (!co_await Sleep(std::chrono::hours(1))) ++cancelled;
    });
    co_return cancelled;
  };
  EXPECT_EQ(loop.Run(story()), 5);
}

TEST(PoolTest, WorkRunsElsewhereAndComesBack) {
  Loop loop;
  Pool pool;
  const auto here = std::this_thread::get_id();
  auto story = [&]() -> Task<bool> {
    const std::thread::id there = co_await OnPool(pool, [] { return std::this_thread::get_id(); });
    co_return there != here&& std::this_thread::get_id() == here;
  };
  EXPECT_TRUE(loop.Run(story()));
}

}  // namespace
}  // namespace portolan::async
