#include <sys/sendfile.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>

#include "portolan/http/transport.h"

namespace portolan::http {
namespace {

Io FromErrno(Io::Kind want) {
  return {.kind = errno == EAGAIN || errno == EWOULDBLOCK ? want : Io::Kind::kFailed};
}

class PlainTransport final : public Transport {
 public:
  explicit PlainTransport(int socket) : socket_(socket) {}

  Io Handshake() override { return Io::Done(0); }

  Io Read(char* into, std::size_t size) override {
    ssize_t count = 0;
    do {
      count = recv(socket_, into, size, MSG_DONTWAIT);
    } while (count < 0 && errno == EINTR);
    if (count < 0) return FromErrno(Io::Kind::kWantRead);
    return Io::Done(static_cast<std::size_t>(count));
  }

  Io Write(std::span<const iovec> pieces, bool more) override {
    msghdr message{};
    message.msg_iov = const_cast<iovec*>(pieces.data());
    message.msg_iovlen = pieces.size();
    const int flags = MSG_NOSIGNAL | MSG_DONTWAIT | (more ? MSG_MORE : 0);
    ssize_t count = 0;
    do {
      count = sendmsg(socket_, &message, flags);
    } while (count < 0 && errno == EINTR);
    if (count < 0) return FromErrno(Io::Kind::kWantWrite);
    return Io::Done(static_cast<std::size_t>(count));
  }

  Io SendFile(int file, std::uint64_t offset, std::size_t size) override {
    auto at = static_cast<off_t>(offset);
    ssize_t count = 0;
    do {
      count = sendfile(socket_, file, &at, size);
    } while (count < 0 && errno == EINTR);
    if (count < 0) return FromErrno(Io::Kind::kWantWrite);
    return Io::Done(static_cast<std::size_t>(count));
  }

  Io Flush() override { return Io::Done(0); }
  void EndWriting() override { shutdown(socket_, SHUT_WR); }
  bool has_buffered() const override { return false; }

 private:
  int socket_;
};

}  // namespace

std::unique_ptr<Transport> NewPlainTransport(int socket) {
  return std::make_unique<PlainTransport>(socket);
}

}  // namespace portolan::http
