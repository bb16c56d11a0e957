#include "portolan/base/guarded.h"

#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

namespace portolan {
namespace {

TEST(GuardedTest, NoIncrementIsLost) {
  constexpr int kThreads = 4;
  constexpr int kEach = 5000;
  Guarded<int> counter(1);
  std::vector<std::jthread> threads;
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back([&] {
      for (int k = 0; k < kEach; ++k) ++*counter.Lock();
    });
  }
  threads.clear();
  EXPECT_EQ(*counter.Lock(), 1 + kThreads * kEach);
}

TEST(GuardedTest, ReachesMembers) {
  Guarded<std::string> text;
  text.Lock()->append("abc");
  EXPECT_EQ(text.Lock()->size(), 3U);
}

}  // namespace
}  // namespace portolan
