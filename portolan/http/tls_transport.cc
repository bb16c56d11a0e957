#include "portolan/http/tls_transport.h"

#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <string>
#include <string_view>

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/ssl.h>

namespace portolan::http {
namespace {

// As much as is encrypted at once: records of 16 KiB, gathered for one send.
constexpr std::size_t kPiece = 64U << 10U;
static_assert(kPiece <= TransportScratch::kSize);

constexpr std::string_view kSpeakTls =
    "HTTP/1.1 400 Bad Request\r\nContent-Type: application/json\r\nContent-Length: 86\r\n"
    "Connection: close\r\n\r\n"
    R"({"errors":[{"code":"UNSUPPORTED","message":"this port speaks HTTPS, not plain HTTP"}]})";

bool IsWouldBlock() { return errno == EAGAIN || errno == EWOULDBLOCK; }

class TlsTransport final : public Transport {
 public:
  TlsTransport(SSL_CTX* context, int socket, TransportScratch& scratch)
      : socket_(socket), scratch_(scratch), ssl_(SSL_new(context), &SSL_free) {
    if (!ssl_) return;  // for want of memory: every call fails
    BIO* const bio = BIO_new(Method());
    BIO_set_data(bio, this);
    BIO_set_init(bio, 1);
    SSL_set_bio(ssl_.get(), bio, bio);
    SSL_set_accept_state(ssl_.get());
  }

  Io Handshake() override;
  Io Read(char* into, std::size_t size) override;
  Io Write(std::span<const iovec> pieces, bool more) override;
  Io SendFile(int file, std::uint64_t offset, std::size_t size) override;
  Io Flush() override;
  void EndWriting() override;
  bool has_buffered() const override {
    return !kept_.empty() || (ssl_ != nullptr && SSL_has_pending(ssl_.get()) == 1);
  }

 private:
  static const BIO_METHOD* Method();
  static int TakeIn(BIO* bio, char* into, int size);
  static int TakeOut(BIO* bio, const char* from, int size);
  static long Control(BIO* bio, int command, long number, void* pointer);
  static TlsTransport& Of(BIO* bio) { return *static_cast<TlsTransport*>(BIO_get_data(bio)); }

  void Begin();
  Io Receive();
  void KeepRest();
  Io Encrypt(const char* text, std::size_t size);
  bool Send();

  int socket_;
  TransportScratch& scratch_;
  std::unique_ptr<SSL, decltype(&SSL_free)> ssl_;
  std::string_view in_;  // received and not yet taken by OpenSSL; in `scratch_` or `kept_`
  std::string kept_;     // of `in_`, between two calls
  std::string unsent_;   // encrypted, and not taken by the kernel
  bool ends_ = false;    // after `unsent_`
};

// OpenSSL reads and writes memory that belongs to the loop, so that an idle connection has none.
const BIO_METHOD* TlsTransport::Method() {
  static BIO_METHOD* const method = [] {
    BIO_METHOD* const made = BIO_meth_new(BIO_TYPE_SOURCE_SINK, "portolan");
    BIO_meth_set_read(made, &TlsTransport::TakeIn);
    BIO_meth_set_write(made, &TlsTransport::TakeOut);
    BIO_meth_set_ctrl(made, &TlsTransport::Control);
    return made;
  }();
  return method;
}

int TlsTransport::TakeIn(BIO* bio, char* into, int size) {
  TlsTransport& self = Of(bio);
  BIO_clear_retry_flags(bio);
  if (self.in_.empty()) {
    BIO_set_retry_read(bio);
    return -1;
  }
  const std::size_t count = self.in_.copy(into, static_cast<std::size_t>(size));
  self.in_.remove_prefix(count);
  return static_cast<int>(count);
}

int TlsTransport::TakeOut(BIO* bio, const char* from, int size) {
  BIO_clear_retry_flags(bio);
  Of(bio).scratch_.out.append(from, static_cast<std::size_t>(size));
  return size;
}

long TlsTransport::Control(BIO*, int command, long, void*) {
  return command == BIO_CTRL_FLUSH ? 1 : 0;
}

// Before each group of OpenSSL calls; KeepRest and Send come after them.
void TlsTransport::Begin() {
  ERR_clear_error();
  scratch_.out.clear();
  in_ = kept_;
}

void TlsTransport::KeepRest() {
  if (in_.data() == kept_.data() && in_.size() == kept_.size()) return;
  std::string rest(in_);
  kept_ = std::move(rest);
  in_ = {};
}

Io TlsTransport::Receive() {
  ssize_t count = 0;
  do {
    count = recv(socket_, scratch_.in.get(), TransportScratch::kSize, MSG_DONTWAIT);
  } while (count < 0 && errno == EINTR);
  if (count < 0) return {IsWouldBlock() ? Io::Kind::kWantRead : Io::Kind::kFailed};
  in_ = {scratch_.in.get(), static_cast<std::size_t>(count)};
  return Io::Done(in_.size());
}

// What OpenSSL wrote goes out behind what waits already. False if the connection is broken.
bool TlsTransport::Send() {
  std::string_view out = scratch_.out;
  if (unsent_.empty()) {
    while (!out.empty()) {
      const ssize_t count = send(socket_, out.data(), out.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
      if (count < 0 && errno == EINTR) continue;
      if (count < 0 && !IsWouldBlock()) return false;
      if (count < 0) break;
      out.remove_prefix(static_cast<std::size_t>(count));
    }
  }
  unsent_ += out;
  return true;
}

Io TlsTransport::Flush() {
  std::string_view rest = unsent_;
  while (!rest.empty()) {
    const ssize_t count = send(socket_, rest.data(), rest.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0 && !IsWouldBlock()) return {};
    if (count < 0) {
      unsent_.erase(0, unsent_.size() - rest.size());
      return {Io::Kind::kWantWrite};
    }
    rest.remove_prefix(static_cast<std::size_t>(count));
  }
  unsent_ = {};
  if (ends_) shutdown(socket_, SHUT_WR);
  return Io::Done(0);
}

Io TlsTransport::Handshake() {
  if (!ssl_) return {};
  Begin();
  for (;;) {
    const int result = SSL_do_handshake(ssl_.get());
    const int error = SSL_get_error(ssl_.get(), result);
    if (result == 1 || error != SSL_ERROR_WANT_READ) {
      KeepRest();
      // Somebody forgot the "s": TLS has no words for that, plain HTTP has.
      if (ERR_GET_REASON(ERR_peek_error()) == SSL_R_HTTP_REQUEST) scratch_.out = kSpeakTls;
      if (!Send() || result != 1) break;
      return Flush();
    }
    if (!Send()) break;
    scratch_.out.clear();
    const Io io = Receive();
    if (io.kind == Io::Kind::kWantRead) return io;
    if (!io.done() || io.count == 0) break;
  }
  return {};
}

Io TlsTransport::Read(char* into, std::size_t size) {
  if (!ssl_) return {};
  Begin();
  std::size_t got = 0;
  Io end;
  for (;;) {
    std::size_t count = 0;
    if (got < size && SSL_read_ex(ssl_.get(), into + got, size - got, &count) == 1) {
      got += count;
      continue;
    }
    end = Io::Done(got);
    if (got > 0) break;
    const int error = SSL_get_error(ssl_.get(), 0);
    if (error == SSL_ERROR_ZERO_RETURN) break;
    end = {};
    if (error != SSL_ERROR_WANT_READ) break;
    end = Receive();
    if (!end.done() || end.count == 0) break;
  }
  KeepRest();
  return Send() ? end : Io{};
}

Io TlsTransport::Encrypt(const char* text, std::size_t size) {
  Begin();
  std::size_t count = 0;
  const bool written = SSL_write_ex(ssl_.get(), text, size, &count) == 1;
  KeepRest();
  return written && Send() ? Io::Done(count) : Io{};
}

Io TlsTransport::Write(std::span<const iovec> pieces, bool) {
  if (!ssl_) return {};
  if (const Io io = Flush(); !io.done()) return io;
  while (!pieces.empty() && pieces.front().iov_len == 0) pieces = pieces.subspan(1);
  if (pieces.empty()) return Io::Done(0);
  const auto* first = static_cast<const char*>(pieces.front().iov_base);
  if (pieces.size() == 1 || pieces.front().iov_len >= kPiece) {
    return Encrypt(first, std::min(pieces.front().iov_len, kPiece));
  }
  // Small pieces become one record.
  std::size_t size = 0;
  for (const iovec& piece : pieces) {
    const std::size_t count = std::min(piece.iov_len, kPiece - size);
    if (count > 0) std::memcpy(scratch_.in.get() + size, piece.iov_base, count);
    size += count;
  }
  return Encrypt(scratch_.in.get(), size);
}

Io TlsTransport::SendFile(int file, std::uint64_t offset, std::size_t size) {
  if (!ssl_) return {};
  if (const Io io = Flush(); !io.done()) return io;
  ssize_t count = 0;
  do {
    count = pread(file, scratch_.in.get(), std::min(size, kPiece), static_cast<off_t>(offset));
  } while (count < 0 && errno == EINTR);
  if (count < 0) return {};
  if (count == 0) return Io::Done(0);
  return Encrypt(scratch_.in.get(), static_cast<std::size_t>(count));
}

void TlsTransport::EndWriting() {
  if (!ssl_) return;
  Begin();
  (void)SSL_shutdown(ssl_.get());
  KeepRest();
  (void)Send();
  ends_ = true;
}

}  // namespace

std::unique_ptr<Transport> NewTlsTransport(ssl_ctx_st* context, int socket,
                                           TransportScratch& scratch) {
  return std::make_unique<TlsTransport>(context, socket, scratch);
}

}  // namespace portolan::http
