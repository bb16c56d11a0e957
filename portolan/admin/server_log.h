// The log of a process that runs for months.
#pragma once

#include <cstdint>
#include <mutex>

#include "portolan/base/clock.h"
#include "portolan/base/log.h"

namespace portolan::admin {

/// Lines on standard error, each with its time: `2026-11-25T08:00:00Z warning: …`. At most 20 in a
/// second: what is beyond is counted, and the count is a line. Thread-safe.
class ServerLog final : public Log {
 public:
  ServerLog(const Clock& clock, bool debugging) : clock_(clock), debugging_(debugging) {}

  bool debugging() const override { return debugging_; }
  /// What the operator should know although nothing is wrong.
  void Info(std::string_view line) { Write("info", line); }

 protected:
  void WriteWarning(std::string_view line) override { Write("warning", line); }
  void WriteDebug(std::string_view line) override { Write("debug", line); }
  bool remembers() const override { return false; }

 private:
  void Write(std::string_view level, std::string_view line);

  const Clock& clock_;
  const bool debugging_;
  std::mutex mutex_;
  std::int64_t second_ = 0;     // guarded by mutex_
  int lines_ = 0;               // guarded by mutex_, in this second
  std::uint64_t withheld_ = 0;  // guarded by mutex_
};

}  // namespace portolan::admin
