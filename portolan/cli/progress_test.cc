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
    progress.AddPage();
    progress.AddItems(1000);
    EXPECT_EQ(terminal.progress, "");
    clock.Advance(1ms);
    progress.AddItems(1000);
    EXPECT_EQ(terminal.progress, "ubuntu: 2,000 tags, 1 page, 4,000/s");
    clock.Advance(99ms);
    progress.AddPage();
    progress.AddItems(1);
    EXPECT_EQ(terminal.progress, "ubuntu: 2,000 tags, 1 page, 4,000/s");
    clock.Advance(901ms);
    progress.AddItems(10299);
    EXPECT_EQ(terminal.progress, "ubuntu: 12,300 tags, 2 pages, 8,200/s");
    clock.Advance(100ms);
    progress.AddItems(2);
    EXPECT_EQ(terminal.progress, "ubuntu: 12,302 tags, 2 pages, 7,688/s");
  }
  EXPECT_EQ(terminal.progress, "");
}

TEST(Progress, SaysOfHowManyWhereThatIsKnown) {
  MemoryTerminal terminal;
  terminal.terminal = true;
  ManualClock clock;
  Progress progress(terminal, clock, {.subject = "ubuntu", .noun = "tags", .total = 1755}, true);
  clock.Advance(1s);
  progress.AddItems(1200);
  EXPECT_EQ(terminal.progress, "ubuntu: 1,200 of 1,755 tags, 1,200/s");
}

TEST(Progress, ShowsNothingUnlessEnabled) {
  MemoryTerminal terminal;
  terminal.terminal = true;
  ManualClock clock;
  Progress progress(terminal, clock, {.subject = "ubuntu", .noun = "tags"}, false);
  clock.Advance(2s);
  progress.AddItems(1);
  EXPECT_EQ(terminal.progress, "");
}

TEST(Progress, FitsTheLine) {
  MemoryTerminal terminal;
  terminal.terminal = true;
  ManualClock clock;
  Progress progress(terminal, clock, {.subject = std::string(200, 'x'), .noun = "tags"}, true);
  clock.Advance(1s);
  progress.AddItems(1);
  EXPECT_EQ(terminal.progress.size(), 79U);
}

}  // namespace
}  // namespace portolan::cli
