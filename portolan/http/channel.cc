#include "portolan/http/channel.h"

#include <poll.h>
#include <sys/socket.h>

#include <boost/asio/post.hpp>

#include "portolan/http/tls_context.h"

namespace portolan::http {
namespace {

std::unique_ptr<Transport> NewTransport(ServerLoop& loop, int fd) {
  TlsContext* const tls = loop.shared().tls;
  return tls == nullptr ? NewPlainTransport(fd) : tls->NewTransport(fd, loop.scratch().transport);
}

// Drops `count` bytes from the front.
std::span<iovec> Advance(std::span<iovec> pieces, std::size_t count) {
  while (!pieces.empty() && count >= pieces.front().iov_len) {
    count -= pieces.front().iov_len;
    pieces = pieces.subspan(1);
  }
  if (count > 0) {
    pieces.front().iov_base = static_cast<char*>(pieces.front().iov_base) + count;
    pieces.front().iov_len -= count;
  }
  return pieces;
}

}  // namespace

Channel::Channel(ServerLoop& loop, int fd)
    : loop_(loop), descriptor_(loop.executor(), fd), transport_(NewTransport(loop, fd)) {}

async::Task<void> Channel::Wait(Io::Kind want, Clock::Duration timeout) {
  deadline_ = loop_.now() + timeout;
  timed_out_ = false;
  moved_ = 0;
  return want == Io::Kind::kWantWrite ? descriptor_.WaitWrite() : descriptor_.WaitRead();
}

Channel::Woken Channel::woken() {
  deadline_ = Clock::Instant::max();
  if (aborted_) return Woken::kAborted;
  if (timed_out_) return Woken::kTimeout;
  return descriptor_.error() ? Woken::kAborted : Woken::kReady;
}

async::Task<bool> Channel::AwaitRoom(Io::Kind want) {
  const ServerLimits& limits = loop_.shared().options.limits;
  const Clock::Instant begin = loop_.now();
  co_await Wait(want, limits.idle_timeout);
  written_.Waited(loop_.now() - begin);
  if (woken() != Woken::kReady) co_return false;
  co_return !written_.TooSlow(limits.idle_timeout, limits.min_body_rate);
}

async::Task<bool> Channel::WriteAll(std::span<iovec> pieces) {
  pieces = Advance(pieces, 0);
  while (!pieces.empty()) {
    const Io io = transport_->Write(pieces, false);
    if (io.kind == Io::Kind::kFailed) co_return false;
    if (io.done()) {
      Wrote(io.count);
      pieces = Advance(pieces, io.count);
      continue;
    }
    if (!co_await AwaitRoom(io.kind)) co_return false;
  }
  co_return true;
}

async::Task<bool> Channel::WriteAll(std::string_view text) {
  iovec piece{.iov_base = const_cast<char*>(text.data()), .iov_len = text.size()};
  co_return co_await WriteAll(std::span(&piece, 1));
}

async::Task<bool> Channel::Flush() {
  for (;;) {
    const Io io = transport_->Flush();
    if (io.done()) co_return true;
    if (io.kind == Io::Kind::kFailed) co_return false;
    if (!co_await AwaitRoom(io.kind)) co_return false;
  }
}

async::Task<void> Channel::Share(std::size_t moved) {
  moved_ += moved;
  if (moved_ < kShare) co_return;
  moved_ = 0;
  co_await boost::asio::post(loop_.executor(), boost::asio::use_awaitable_t<async::Executor>());
}

void Channel::Sweep(Clock::Instant now) {
  if (now >= deadline_) EndWait();
}

void Channel::EndWait() {
  timed_out_ = true;
  descriptor_.Cancel();
}

void Channel::Abort() {
  if (aborted_) return;
  aborted_ = true;
  shutdown(fd(), SHUT_RDWR);
  descriptor_.Cancel();
}

void Channel::ResetOnClose() {
  const linger now{.l_onoff = 1, .l_linger = 0};
  (void)setsockopt(fd(), SOL_SOCKET, SO_LINGER, &now, sizeof(now));
}

bool Channel::PeerGone(bool half) {
  pollfd peer{.fd = fd(), .events = POLLRDHUP, .revents = 0};
  if (poll(&peer, 1, 0) <= 0) return false;
  return (peer.revents & (POLLERR | POLLHUP)) != 0 || (half && (peer.revents & POLLRDHUP) != 0);
}

}  // namespace portolan::http
