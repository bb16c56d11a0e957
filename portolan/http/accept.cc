#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <system_error>
#include <utility>

#include <fmt/format.h>

#include "portolan/async/event.h"
#include "portolan/http/connection.h"
#include "portolan/http/listener.h"
#include "portolan/http/socket_address.h"

namespace portolan::http {
namespace {

constexpr int kBatch = 64;  // connections taken before others have their turn
constexpr std::chrono::milliseconds kPause{200};
constexpr int kIgnoredReads = 16;

// Many clients see it as an ordinary answer; there is no waiting for one that does not read.
void RefuseBusy(int fd) {
  const std::string body = ErrorDocument(503, "this server has as many connections as it takes");
  const std::string answer = fmt::format(
      "HTTP/1.1 503 Service Unavailable\r\nContent-Type: application/json\r\nRetry-After: 5\r\n"
      "Content-Length: {}\r\nConnection: close\r\n\r\n{}",
      body.size(), body);
  (void)send(fd, answer.data(), answer.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
  shutdown(fd, SHUT_WR);
  // What has come already is taken, or closing would reset the connection before it is read.
  std::array<char, 4096> ignored{};
  for (int i = 0; i < kIgnoredReads; ++i) {
    if (recv(fd, ignored.data(), ignored.size(), MSG_DONTWAIT) <= 0) break;
  }
  close(fd);
}

void Begin(ServerLoop& loop, int fd, const SocketAddress& address) {
  std::string peer = address.Host();
  if (loop.shared().Count(peer)) {
    StartConnection(loop, fd, std::move(peer));
    return;
  }
  loop.shared().log.Warn("more connections than the server takes: the newest are refused");
  if (loop.shared().tls == nullptr) {
    RefuseBusy(fd);
  } else {
    close(fd);
  }
}

// Zero, or the error that ended the batch.
int AcceptBatch(ServerLoop& loop, int listener) {
  for (int i = 0; i < kBatch; ++i) {
    SocketAddress address;
    const int fd = accept4(listener, address.raw(), &address.size, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (fd >= 0) {
      Begin(loop, fd, address);
    } else if (errno != ECONNABORTED && errno != EINTR) {
      return errno;
    }
  }
  return 0;
}

}  // namespace

async::Task<void> AcceptConnections(ServerLoop& loop, async::Descriptor& listener) {
  while (!loop.stopping()) {
    co_await listener.WaitRead();
    if (listener.error() || loop.stopping()) break;
    const int error = AcceptBatch(loop, listener.fd());
    if (error == 0 || error == EAGAIN || error == EWOULDBLOCK) continue;
    // The connection stays in the queue, so that accepting again at once would spin.
    loop.shared().log.Warn("no new connections for a while: " +
                           std::generic_category().message(error));
    if (error == EBADF || error == EINVAL || error == ENOTSOCK || error == EOPNOTSUPP) break;
    (void)co_await async::Sleep(kPause);
  }
}

}  // namespace portolan::http
