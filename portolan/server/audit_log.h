// One JSON line for each decision that changes something.
#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>

#include "portolan/base/clock.h"
#include "portolan/base/result.h"

namespace portolan::server {

/// What was decided. Empty members are left out of the line.
struct AuditEvent {
  std::string_view event;    ///< `manifest.push`, `token.issue`, `login.limited`, `account.add`
  std::string_view outcome;  ///< `done` or `refused`
  std::string_view who;      ///< user of the registry, or of the machine; empty: anonymous
  std::string_view peer;     ///< client's address
  std::string_view repository;
  std::string_view subject;  ///< tag, digest, account, number of a key, service of a token
  std::string_view scope;    ///< what a token grants
  std::string_view tags;     ///< what became of them: `v1 created, latest overwritten`
  std::string_view reason;   ///< why it was refused
};

/// The event's line, with its newline: `{"time":…,"event":…,"outcome":…,"who":…,…}`. Everything is
/// escaped; control characters never reach the log raw.
std::string AuditLine(const AuditEvent& event, Clock::WallTime now);

/// Appends lines, each with one write, so that several processes may share a file. What cannot be
/// written is lost: a full disk must not stop a registry. Of what was refused to one address (of
/// IPv6, one network) kRefusedLines are written in a minute, so that nobody can fill the disk; how
/// many were left out is a line of its own, `audit.skip`. Thread-safe.
class AuditLog {
 public:
  static constexpr int kRefusedLines = 60;
  static constexpr Clock::Duration kRefusedWindow = std::chrono::minutes(1);

  /// `where`: `stderr`, or a file's path (made with mode 0640). kIo. `clock` must outlive it.
  static Result<std::unique_ptr<AuditLog>> Open(const std::string& where, const Clock& clock);
  ~AuditLog();
  AuditLog(const AuditLog&) = delete;
  AuditLog& operator=(const AuditLog&) = delete;

  void Write(const AuditEvent& event);
  /// Opens the file anew, after it was rotated.
  void Reopen();

 private:
  AuditLog(std::string path, int fd, const Clock& clock);
  bool IsTooMany(const AuditEvent& event);  // with the lock
  void WriteSkipped();                      // with the lock
  void WriteLine(const AuditEvent& event);  // with the lock

  const std::string path_;  // empty: the descriptor is somebody else's
  const Clock& clock_;
  std::mutex mutex_;
  // Guarded by mutex_.
  int fd_;
  Clock::Instant window_;                         // began then
  std::unordered_map<std::string, int> refused_;  // to whom how often since
  std::size_t skipped_ = 0;
};

}  // namespace portolan::server
