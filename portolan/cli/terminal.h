// Standard input, output and error, behind an interface.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "portolan/base/result.h"
#include "portolan/base/secret.h"

namespace portolan::cli {

/// Where a command's words go. Results go to standard output; everything else (warnings, progress,
/// errors) to standard error. For one thread, except WriteError.
class Terminal {
 public:
  virtual ~Terminal() = default;

  /// Writes to standard output, buffered. kIo if it is closed (a broken pipe) or full.
  virtual Status Write(std::string_view text) = 0;
  /// Passes what is buffered on.
  virtual Status Flush() = 0;
  /// Writes a whole line (a newline is added) to standard error, after taking a progress line away.
  virtual void WriteError(std::string_view line) = 0;
  /// Shows `text` as the progress line of standard error in place of the last one; empty takes it
  /// away. Does nothing unless standard error is a terminal.
  virtual void ShowProgress(std::string_view text) = 0;

  virtual bool in_is_terminal() const = 0;
  /// Whether a write failed because nobody reads standard output any more (`| head`): no reason to
  /// complain.
  virtual bool out_closed() const = 0;

  virtual bool out_is_terminal() const = 0;
  virtual bool error_is_terminal() const = 0;
  virtual int columns() const = 0;  ///< of standard error's terminal; 80 if unknown

  /// One line of standard input, without its end, after `prompt` on standard error. kIo at the end
  /// of input.
  virtual Result<std::string> ReadLine(std::string_view prompt) = 0;
  /// The same without echo. If standard input is no terminal it is an ordinary line.
  virtual Result<Secret> ReadSecret(std::string_view prompt) = 0;
  /// All of standard input. kTooLarge beyond `max_size`.
  virtual Result<std::string> ReadAllInput(std::size_t max_size) = 0;
};

/// The process's own. Ignores SIGPIPE.
std::unique_ptr<Terminal> NewProcessTerminal();
/// The same on other descriptors, which it does not close: for tests with pipes and
/// pseudo-terminals.
std::unique_ptr<Terminal> NewTerminal(int in, int out, int error);

/// Everything in memory, for tests.
class MemoryTerminal final : public Terminal {
 public:
  std::string out;
  std::string error;
  std::string progress;      ///< the last progress text
  std::string input;         ///< what is still to be read
  bool terminal = false;     ///< pretend that all three are terminals
  bool broken_pipe = false;  ///< Write fails

  Status Write(std::string_view text) override;
  Status Flush() override;
  void WriteError(std::string_view line) override;
  void ShowProgress(std::string_view text) override;
  bool in_is_terminal() const override { return terminal; }
  bool out_closed() const override { return closed_; }
  bool out_is_terminal() const override { return terminal; }
  bool error_is_terminal() const override { return terminal; }
  int columns() const override { return 80; }
  Result<std::string> ReadLine(std::string_view prompt) override;
  Result<Secret> ReadSecret(std::string_view prompt) override;
  Result<std::string> ReadAllInput(std::size_t max_size) override;

 private:
  bool closed_ = false;
};

}  // namespace portolan::cli
