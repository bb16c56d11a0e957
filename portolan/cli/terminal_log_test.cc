#include "portolan/cli/terminal_log.h"

#include <gtest/gtest.h>

namespace portolan::cli {
namespace {

TEST(TerminalLog, TellsTheStoryWithTimes) {
  MemoryTerminal terminal;
  ManualClock clock;
  TerminalLog log(terminal, clock, true);
  clock.Advance(std::chrono::milliseconds(12));
  log.Debug("GET https://quay.io/v2/");
  log.Warn("odd");
  log.Warn("odd");
  EXPECT_EQ(terminal.error, "[    12 ms] GET https://quay.io/v2/\nportolan: warning: odd\n");
}

TEST(TerminalLog, IsQuietWithoutDebug) {
  MemoryTerminal terminal;
  ManualClock clock;
  TerminalLog log(terminal, clock, false);
  log.Debug("x");
  EXPECT_EQ(terminal.error, "");
}

}  // namespace
}  // namespace portolan::cli
