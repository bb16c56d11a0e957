// One JSON line an exchange.
#pragma once

#include <memory>
#include <string>

#include "portolan/base/clock.h"
#include "portolan/base/result.h"
#include "portolan/http/server.h"

namespace portolan::server {

/// The line of one exchange, with its newline:
/// `{"time":…,"peer":…,"user":…,"method":…,"target":…,"status":…,"received":…,"sent":…,"ms":…,"agent":…}`.
/// Everything that a client sent is escaped; control characters never reach the log raw.
std::string AccessLine(const http::Exchange& exchange, Clock::WallTime now);

/// Collects lines and writes them from a thread of its own, at the latest a quarter of a second
/// later. Whoever reads too slowly loses lines, never requests: what was dropped is counted in a
/// line of its own. Thread-safe.
class AccessLog {
 public:
  /// To an open descriptor (1, 2), which is not closed.
  static std::unique_ptr<AccessLog> ToDescriptor(int fd, const Clock& clock);
  /// To the end of a file, which is opened anew by Reopen (log rotation). kIo.
  static Result<std::unique_ptr<AccessLog>> ToFile(const std::string& path, const Clock& clock);
  ~AccessLog();  ///< writes what is left

  void Write(const http::Exchange& exchange);
  void Reopen();

 private:
  struct State;
  explicit AccessLog(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace portolan::server
