#include "portolan/cli/terminal_log.h"

#include <chrono>

#include <fmt/format.h>

namespace portolan::cli {

void TerminalLog::WriteWarning(std::string_view line) {
  terminal_.WriteError(fmt::format("portolan: warning: {}", line));
}

void TerminalLog::WriteDebug(std::string_view line) {
  const auto since = std::chrono::duration_cast<std::chrono::milliseconds>(clock_.Now() - start_);
  terminal_.WriteError(fmt::format("[{:>6} ms] {}", since.count(), line));
}

}  // namespace portolan::cli
