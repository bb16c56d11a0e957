#include "portolan/server/access_log.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <mutex>
#include <system_error>
#include <thread>
#include <utility>

#include <fmt/format.h>

#include "portolan/server/timestamp.h"
#include "portolan/wire/reply.h"

namespace portolan::server {
namespace {

constexpr std::size_t kFlushSize = 64U << 10U;
constexpr std::size_t kMaxPending = 8U << 20U;
constexpr std::chrono::milliseconds kFlushInterval{250};

std::string_view Cut(std::string_view text, std::size_t size) { return text.substr(0, size); }

void AppendMember(std::string& out, std::string_view name, std::string_view value) {
  out += ",\"";
  out += name;
  out += "\":";
  wire::AppendJsonString(out, value);
}

}  // namespace

std::string AccessLine(const http::Exchange& exchange, Clock::WallTime now) {
  std::string out = fmt::format("{{\"time\":\"{}\"", Timestamp(store::ToMillis(now)));
  AppendMember(out, "peer", exchange.peer_address);
  if (!exchange.principal.empty()) AppendMember(out, "user", Cut(exchange.principal, 256));
  AppendMember(out, "method", Cut(exchange.method, 32));
  AppendMember(out, "target", Cut(exchange.target, 4096));
  out += fmt::format(",\"status\":{},\"received\":{},\"sent\":{},\"ms\":{:.3f}", exchange.status,
                     exchange.received, exchange.sent,
                     std::chrono::duration<double, std::milli>(exchange.duration).count());
  AppendMember(out, "agent", Cut(exchange.user_agent, 512));
  if (!exchange.complete) out += ",\"broken\":true";
  out += "}\n";
  return out;
}

struct AccessLog::State {
  explicit State(const Clock& the_clock) : clock(the_clock) {}
  const Clock& clock;
  std::string path;  // empty: the descriptor is somebody else's
  std::mutex mutex;
  std::condition_variable wake;
  int fd = -1;                // guarded by mutex; written to without it by the writer alone
  std::string pending;        // guarded by mutex
  std::uint64_t dropped = 0;  // guarded by mutex
  bool reopen = false;        // guarded by mutex
  bool ending = false;        // guarded by mutex
  std::thread writer;

  void Run() {
    std::string taken;
    std::unique_lock lock(mutex);
    for (;;) {
      wake.wait_for(lock, kFlushInterval,
                    [this] { return ending || reopen || pending.size() >= kFlushSize; });
      taken.clear();
      std::swap(taken, pending);
      if (dropped > 0) {
        taken += fmt::format("{{\"dropped\":{}}}\n", std::exchange(dropped, 0));
      }
      const bool last = ending;
      const bool anew = std::exchange(reopen, false);
      lock.unlock();
      WriteAll(taken);
      if (anew) OpenAnew();
      lock.lock();
      if (last && pending.empty()) return;
    }
  }

  // A log that cannot be written must not stop a registry: what fails is lost.
  void WriteAll(std::string_view text) const {
    while (!text.empty()) {
      const ssize_t count = write(fd, text.data(), text.size());
      if (count < 0 && errno == EINTR) continue;
      if (count <= 0) return;
      text.remove_prefix(static_cast<std::size_t>(count));
    }
  }

  void OpenAnew() {
    if (path.empty()) return;
    const int fresh = open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0640);
    if (fresh < 0) return;
    close(fd);
    fd = fresh;
  }
};

AccessLog::AccessLog(std::unique_ptr<State> state) : state_(std::move(state)) {
  state_->writer = std::thread([s = state_.get()] { s->Run(); });
}

AccessLog::~AccessLog() {
  {
    const std::lock_guard lock(state_->mutex);
    state_->ending = true;
  }
  state_->wake.notify_one();
  state_->writer.join();
  if (!state_->path.empty()) close(state_->fd);
}

std::unique_ptr<AccessLog> AccessLog::ToDescriptor(int fd, const Clock& clock) {
  auto state = std::make_unique<State>(clock);
  state->fd = fd;
  return std::unique_ptr<AccessLog>(new AccessLog(std::move(state)));
}

Result<std::unique_ptr<AccessLog>> AccessLog::ToFile(const std::string& path, const Clock& clock) {
  auto state = std::make_unique<State>(clock);
  state->path = path;
  state->fd = open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0640);
  if (state->fd < 0) {
    return Fail(ErrorCode::kIo, fmt::format("opening the access log {}: {}", path,
                                            std::generic_category().message(errno)));
  }
  return std::unique_ptr<AccessLog>(new AccessLog(std::move(state)));
}

void AccessLog::Write(const http::Exchange& exchange) {
  const std::string line = AccessLine(exchange, state_->clock.WallNow());
  bool full = false;
  {
    const std::lock_guard lock(state_->mutex);
    if (state_->pending.size() + line.size() > kMaxPending) {
      ++state_->dropped;
      return;
    }
    state_->pending += line;
    full = state_->pending.size() >= kFlushSize;
  }
  if (full) state_->wake.notify_one();
}

void AccessLog::Reopen() {
  {
    const std::lock_guard lock(state_->mutex);
    state_->reopen = true;
  }
  state_->wake.notify_one();
}

}  // namespace portolan::server
