// The story of what the program does, told line by line to whoever listens.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "portolan/base/guarded.h"

namespace portolan {

/// Receives lines of text without a final newline and without secrets. Safe to use from several
/// threads.
class Log {
 public:
  virtual ~Log() = default;

  /// Something odd that the user should know although the work went on. The same text is passed on
  /// once only, unless the log says otherwise.
  void Warn(std::string_view line);
  /// A step of the story. Build the text only `if (log.debugging())`.
  void Debug(std::string_view line) {
    if (debugging()) WriteDebug(line);
  }
  virtual bool debugging() const = 0;

 protected:
  virtual void WriteWarning(std::string_view line) = 0;
  virtual void WriteDebug(std::string_view line) = 0;
  /// Whether a warning that was given before is left out: right for a command, wrong for a server,
  /// where what is wrong again must be said again.
  virtual bool remembers() const { return true; }

 private:
  Guarded<std::vector<std::string>> warned_;
};

/// Listens to nothing.
class NullLog final : public Log {
 public:
  bool debugging() const override { return false; }

 protected:
  void WriteWarning(std::string_view) override {}
  void WriteDebug(std::string_view) override {}
};

/// Keeps every line for a test to look at.
class MemoryLog final : public Log {
 public:
  bool debugging() const override { return true; }

  std::vector<std::string> warnings() { return *warnings_.Lock(); }
  std::vector<std::string> lines() { return *lines_.Lock(); }

 protected:
  void WriteWarning(std::string_view line) override { warnings_.Lock()->emplace_back(line); }
  void WriteDebug(std::string_view line) override { lines_.Lock()->emplace_back(line); }

 private:
  Guarded<std::vector<std::string>> warnings_;
  Guarded<std::vector<std::string>> lines_;
};

/// `text` with control characters, and bytes that are not UTF-8, as `\xNN`: what a peer sent must
/// not steer a terminal. At most `max_size` bytes are shown, then "…".
std::string Printable(std::string_view text, std::size_t max_size = 256);

}  // namespace portolan
