// Warnings and the story of --debug, on standard error.
#pragma once

#include "portolan/base/clock.h"
#include "portolan/base/log.h"
#include "portolan/cli/terminal.h"

namespace portolan::cli {

/// Writes `portolan: warning: …`, and with `debugging` every line as `[    12 ms] …`, counted from
/// when it was made. Both references must outlive it.
class TerminalLog final : public Log {
 public:
  TerminalLog(Terminal& terminal, const Clock& clock, bool debugging)
      : terminal_(terminal), clock_(clock), start_(clock.Now()), debugging_(debugging) {}

  bool debugging() const override { return debugging_; }

 protected:
  void WriteWarning(std::string_view line) override;
  void WriteDebug(std::string_view line) override;

 private:
  Terminal& terminal_;
  const Clock& clock_;
  Clock::Instant start_;
  bool debugging_;
};

}  // namespace portolan::cli
