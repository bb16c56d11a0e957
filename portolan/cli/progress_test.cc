#include "portolan/cli/progress.h"

#include <gtest/gtest.h>

namespace portolan::cli {
namespace {

using namespace std::chrono_literals;

TEST(Progress, IsQuietAtFirstThenShowsATenthOfASecondApart) {
  MemoryTerminal terminal;
  terminal.terminal = true;
  ManualClock clock;
  {
    Progress progress(terminal, clock, {.subject = "ubuntu", .noun = "tags"}, true);
    clock.Advance(499ms);
    progress.AddPage(1000);
    EXPECT_EQ(terminal.progress, "");
    clock.Advance(1001ms);
    progress.AddPage(11300);
    EXPECT_EQ(terminal.progress, "ubuntu: 12,300 tags, 2 pages, 8,200/s");
    clock.Advance(99ms);
    progress.AddPage(1);
    EXPECT_EQ(terminal.progress, "ubuntu: 12,300 tags, 2 pages, 8,200/s");
    clock.Advance(1ms);
    progress.AddPage(1);
    EXPECT_EQ(terminal.progress, "ubuntu: 12,302 tags, 4 pages, 7,688/s");
  }
  EXPECT_EQ(terminal.progress, "");
}

TEST(Progress, ShowsNothingUnlessEnabled) {
  MemoryTerminal terminal;
  terminal.terminal = true;
  ManualClock clock;
  Progress progress(terminal, clock, {.subject = "ubuntu", .noun = "tags"}, false);
  clock.Advance(2s);
  progress.AddPage(1);
  EXPECT_EQ(terminal.progress, "");
}

TEST(Progress, FitsTheLine) {
  MemoryTerminal terminal;
  terminal.terminal = true;
  ManualClock clock;
  Progress progress(terminal, clock, {.subject = std::string(200, 'x'), .noun = "tags"}, true);
  clock.Advance(1s);
  progress.AddPage(1);
  EXPECT_EQ(terminal.progress.size(), 79U);
}

}  // namespace
}  // namespace portolan::cli
