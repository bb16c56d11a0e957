#include "portolan/server/audit_log.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <system_error>
#include <utility>

#include <fmt/format.h>

#include "portolan/auth/login_limiter.h"
#include "portolan/server/timestamp.h"
#include "portolan/wire/reply.h"

namespace portolan::server {
namespace {

constexpr std::size_t kMaxMember = 512;
// Whose refusals are counted one by one; all others share a count.
constexpr std::size_t kMaxPeers = 4096;

int OpenFile(const std::string& path) {
  return open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0640);
}

}  // namespace

std::string AuditLine(const AuditEvent& event, Clock::WallTime now) {
  std::string out = fmt::format("{{\"time\":\"{}\"", Timestamp(store::ToMillis(now)));
  const auto add = [&](std::string_view name, std::string_view value) {
    if (value.empty()) return;
    out += fmt::format(",\"{}\":", name);
    wire::AppendJsonString(out, value.substr(0, kMaxMember));
  };
  add("event", event.event);
  add("outcome", event.outcome);
  add("who", event.who);
  add("peer", event.peer);
  add("repository", event.repository);
  add("subject", event.subject);
  add("scope", event.scope);
  add("tags", event.tags);
  add("reason", event.reason);
  return out + "}\n";
}

AuditLog::AuditLog(std::string path, int fd, const Clock& clock)
    : path_(std::move(path)), clock_(clock), fd_(fd), window_(clock.Now()) {}

AuditLog::~AuditLog() {
  WriteSkipped();
  if (!path_.empty()) close(fd_);
}

Result<std::unique_ptr<AuditLog>> AuditLog::Open(const std::string& where, const Clock& clock) {
  if (where == "stderr") {
    return std::unique_ptr<AuditLog>(new AuditLog({}, STDERR_FILENO, clock));
  }
  const int fd = OpenFile(where);
  if (fd < 0) {
    return Fail(ErrorCode::kIo, fmt::format("opening the audit log {}: {}", where,
                                            std::generic_category().message(errno)));
  }
  return std::unique_ptr<AuditLog>(new AuditLog(where, fd, clock));
}

void AuditLog::Write(const AuditEvent& event) {
  const std::lock_guard lock(mutex_);
  if (event.outcome == "refused" && IsTooMany(event)) {
    ++skipped_;
  } else {
    WriteLine(event);
  }
}

bool AuditLog::IsTooMany(const AuditEvent& event) {
  if (clock_.Now() - window_ >= kRefusedWindow) {
    WriteSkipped();
    refused_.clear();
    window_ = clock_.Now();
  }
  std::string peer = auth::NetworkOf(event.peer);
  if (refused_.size() >= kMaxPeers && !refused_.contains(peer)) peer.clear();
  return ++refused_[peer] > kRefusedLines;
}

void AuditLog::WriteSkipped() {
  if (skipped_ == 0) return;
  const std::string reason =
      fmt::format("{} refusals: more than {} to one address in a minute", skipped_, kRefusedLines);
  skipped_ = 0;
  WriteLine({.event = "audit.skip", .outcome = "done", .reason = reason});
}

void AuditLog::WriteLine(const AuditEvent& event) {
  const std::string line = AuditLine(event, clock_.WallNow());
  [[maybe_unused]] const ssize_t written = write(fd_, line.data(), line.size());
}

void AuditLog::Reopen() {
  if (path_.empty()) return;
  const std::lock_guard lock(mutex_);
  const int fresh = OpenFile(path_);
  if (fresh < 0) return;
  close(fd_);
  fd_ = fresh;
}

}  // namespace portolan::server
