#include "portolan/http/testing/raw_client.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <charconv>

#include <gtest/gtest.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include "portolan/http/testing/head_field.h"

namespace portolan::http {

struct RawClient::State {
  int fd = -1;
  std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context{nullptr, &SSL_CTX_free};
  std::unique_ptr<SSL, decltype(&SSL_free)> ssl{nullptr, &SSL_free};
  std::string received;
  bool ended = false;
};

RawClient::RawClient(std::uint16_t port, bool tls) : state_(std::make_unique<State>()) {
  (void)signal(SIGPIPE, SIG_IGN);  // OpenSSL writes to connections that the server has closed
  state_->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const int on = 1;
  const timeval patience{.tv_sec = 10, .tv_usec = 0};
  setsockopt(state_->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
  setsockopt(state_->fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
  EXPECT_EQ(connect(state_->fd, reinterpret_cast<sockaddr*>(&address), sizeof(address)), 0);
  if (!tls) return;
  state_->context.reset(SSL_CTX_new(TLS_client_method()));
  state_->ssl.reset(SSL_new(state_->context.get()));
  SSL_set_fd(state_->ssl.get(), state_->fd);
  if (SSL_connect(state_->ssl.get()) != 1) state_->ended = true;
}

RawClient::RawClient(const std::string& path) : state_(std::make_unique<State>()) {
  state_->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  path.copy(address.sun_path, sizeof(address.sun_path) - 1);
  const timeval patience{.tv_sec = 10, .tv_usec = 0};
  setsockopt(state_->fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
  EXPECT_EQ(connect(state_->fd, reinterpret_cast<sockaddr*>(&address), sizeof(address)), 0);
}

RawClient::~RawClient() {
  if (state_->fd >= 0) close(state_->fd);
}

int RawClient::fd() const { return state_->fd; }

bool RawClient::Send(std::string_view bytes) { return SendInPieces(bytes, bytes.size()); }

bool RawClient::SendInPieces(std::string_view bytes, std::size_t size) {
  while (!bytes.empty()) {
    const std::string_view piece = bytes.substr(0, size);
    const long sent =
        state_->ssl ? SSL_write(state_->ssl.get(), piece.data(), static_cast<int>(piece.size()))
                    : send(state_->fd, piece.data(), piece.size(), MSG_NOSIGNAL);
    if (sent <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

void RawClient::EndSending() { shutdown(state_->fd, SHUT_WR); }

bool RawClient::Fill() {
  if (state_->ended) return false;
  std::array<char, 65536> buffer{};
  const long count =
      state_->ssl ? SSL_read(state_->ssl.get(), buffer.data(), static_cast<int>(buffer.size()))
                  : recv(state_->fd, buffer.data(), buffer.size(), 0);
  if (count <= 0) {
    state_->ended = true;
    return false;
  }
  state_->received.append(buffer.data(), static_cast<std::size_t>(count));
  return true;
}

std::optional<RawClient::Answer> RawClient::Read(bool to_head) {
  std::string& received = state_->received;
  std::size_t end = 0;
  while ((end = received.find("\r\n\r\n")) == std::string::npos) {
    if (!Fill()) return std::nullopt;
  }
  Answer answer;
  answer.head = received.substr(0, end + 4);
  received.erase(0, end + 4);
  if (answer.head.size() > 12) {
    std::from_chars(answer.head.data() + 9, answer.head.data() + 12, answer.status);
  }
  if (to_head || answer.status < 200 || answer.status == 204 || answer.status == 304) {
    answer.complete = true;
    return answer;
  }
  const auto length = answer.Field("Content-Length");
  const auto coding = answer.Field("Transfer-Encoding");
  std::size_t size = 0;
  if (length) std::from_chars(length->data(), length->data() + length->size(), size);
  const auto take = [&](std::size_t count) {
    while (received.size() < count && Fill()) {
    }
    std::string taken = received.substr(0, count);
    received.erase(0, count);
    return taken;
  };
  if (length) {
    answer.body = take(size);
    answer.complete = answer.body.size() == size;
    return answer;
  }
  if (!coding) {  // to the connection's end
    while (Fill()) {
    }
    answer.body = std::exchange(received, {});
    answer.complete = true;
    return answer;
  }
  for (;;) {
    while (!received.contains("\r\n")) {
      if (!Fill()) return answer;
    }
    size = 0;
    std::from_chars(received.data(), received.data() + received.size(), size, 16);
    received.erase(0, received.find("\r\n") + 2);
    const std::string chunk = take(size + 2);
    if (chunk.size() < size + 2) return answer;
    if (size == 0) break;
    answer.body.append(chunk, 0, size);
  }
  answer.complete = true;
  return answer;
}

std::optional<RawClient::Answer> RawClient::Ask(std::string_view bytes) {
  (void)Send(bytes);  // a server may answer and close before it has everything
  return Read(bytes.starts_with("HEAD "));
}

bool RawClient::AwaitEnd() {
  if (!state_->received.empty()) return false;
  if (state_->ended) return true;
  if (Fill()) return false;
  const bool patient = errno == EAGAIN || errno == EWOULDBLOCK;
  return state_->ssl != nullptr || !patient;
}

bool RawClient::certificate_is_for(const std::string& name) const {
  X509* const certificate = SSL_get0_peer_certificate(state_->ssl.get());
  return certificate != nullptr &&
         X509_check_host(certificate, name.c_str(), name.size(), 0, nullptr) == 1;
}

std::optional<std::string> RawClient::Answer::Field(std::string_view name) const {
  return HeadField(head, name);
}

}  // namespace portolan::http
