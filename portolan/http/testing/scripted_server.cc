#include "portolan/http/testing/scripted_server.h"

#include <sys/socket.h>

#include <array>
#include <atomic>
#include <charconv>
#include <mutex>
#include <thread>
#include <utility>

#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/ssl.h>

#include "portolan/http/testing/head_field.h"
#include "portolan/http/testing/loopback_listener.h"

namespace portolan::http {
namespace {

// One connection, plain or TLS, with what was read too far.
class Peer {
 public:
  Peer(int fd, SSL_CTX* context) : fd_(fd), ssl_(nullptr, &SSL_free) {
    if (context == nullptr) return;
    ssl_.reset(SSL_new(context));
    SSL_set_fd(ssl_.get(), fd);
    open_ = SSL_accept(ssl_.get()) == 1;
    ERR_clear_error();
  }

  bool open() const { return open_; }

  bool Send(std::string_view bytes) {
    while (!bytes.empty()) {
      const long sent = ssl_ ? SSL_write(ssl_.get(), bytes.data(), static_cast<int>(bytes.size()))
                             : send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent <= 0) return false;
      bytes.remove_prefix(static_cast<std::size_t>(sent));
      sent_ += static_cast<std::size_t>(sent);
      if (on_sent) on_sent(static_cast<std::size_t>(sent));
    }
    return true;
  }

  bool Fill() {
    std::array<char, 65536> buffer{};
    const long count = ssl_ ? SSL_read(ssl_.get(), buffer.data(), static_cast<int>(buffer.size()))
                            : recv(fd_, buffer.data(), buffer.size(), 0);
    if (count <= 0) return false;
    buffer_.append(buffer.data(), static_cast<std::size_t>(count));
    return true;
  }

  // Up to and with `end`.
  std::optional<std::string> ReadUntil(std::string_view end) {
    std::size_t at = 0;
    while ((at = buffer_.find(end)) == std::string::npos) {
      if (!Fill()) return std::nullopt;
    }
    return Cut(at + end.size());
  }

  std::optional<std::string> ReadExactly(std::size_t size) {
    while (buffer_.size() < size) {
      if (!Fill()) return std::nullopt;
    }
    return Cut(size);
  }

  std::function<void(std::size_t)> on_sent;

 private:
  std::string Cut(std::size_t size) {
    std::string cut = buffer_.substr(0, size);
    buffer_.erase(0, size);
    return cut;
  }

  int fd_;
  std::unique_ptr<SSL, decltype(&SSL_free)> ssl_;
  bool open_ = true;
  std::string buffer_;
  std::size_t sent_ = 0;
};

std::size_t ParseSize(std::string_view text, int base) {
  std::size_t size = 0;
  std::from_chars(text.data(), text.data() + text.size(), size, base);
  return size;
}

bool ReadBody(Peer& peer, ScriptedServer::Seen& seen) {
  if (const auto length = seen.Field("Content-Length")) {
    auto body = peer.ReadExactly(ParseSize(*length, 10));
    if (!body) return false;
    seen.body = *std::move(body);
    return true;
  }
  if (!seen.Field("Transfer-Encoding")) return true;
  for (;;) {
    const auto line = peer.ReadUntil("\r\n");
    if (!line) return false;
    const std::size_t size = ParseSize(*line, 16);
    const auto chunk = peer.ReadExactly(size + 2);
    if (!chunk) return false;
    if (size == 0) return true;
    seen.body.append(*chunk, 0, size);
  }
}

}  // namespace

std::optional<std::string> ScriptedServer::Seen::Field(std::string_view name) const {
  return HeadField(head, name);
}

struct ScriptedServer::State {
  State(Script script_in, Options options)
      : script(std::move(script_in)),
        greeting(options.greeting),
        context(options.tls ? NewServerContext(*options.tls, options.client_authority) : nullptr),
        listener([this](int fd, int connection) { Serve(fd, connection); }) {}

  void Serve(int fd, int connection);
  bool AnswerOne(Peer& peer, int fd, int connection);

  const Script script;
  const std::string greeting;
  const std::shared_ptr<SSL_CTX> context;  // nothing: plain
  std::atomic<std::size_t> sent = 0;

  mutable std::mutex mutex;  // of `seen`
  std::vector<Seen> seen;
  std::mutex script_mutex;
  LoopbackListener listener;  // ends first: its threads use all the rest
};

void ScriptedServer::State::Serve(int fd, int connection) {
  Peer peer(fd, context.get());
  peer.on_sent = [this](std::size_t size) { sent += size; };
  if (!greeting.empty()) {
    (void)(peer.Fill() && peer.Send(greeting));
    shutdown(fd, SHUT_RDWR);
  }
  while (peer.open() && AnswerOne(peer, fd, connection)) {
  }
}

bool ScriptedServer::State::AnswerOne(Peer& peer, int fd, int connection) {
  auto head = peer.ReadUntil("\r\n\r\n");
  if (!head) return false;
  Seen request{.head = *std::move(head), .body = {}, .connection = connection};
  Answer answer;
  {
    const std::lock_guard lock(script_mutex);
    answer = script(request);
  }
  if (!answer.skip_body && !ReadBody(peer, request)) return false;
  {
    const std::lock_guard lock(mutex);
    seen.push_back(request);
  }
  for (std::size_t i = 0; i < answer.pieces.size(); ++i) {
    if (i > 0) std::this_thread::sleep_for(answer.delay);
    if (!peer.Send(answer.pieces[i])) return false;
  }
  if (answer.close) shutdown(fd, SHUT_WR);
  if (answer.hang || answer.close) {
    while (peer.Fill()) {
    }
  }
  return !answer.hang && !answer.close;
}

ScriptedServer::ScriptedServer(Script script) : ScriptedServer(std::move(script), Options{}) {}

ScriptedServer::ScriptedServer(Script script, Options options)
    : state_(std::make_unique<State>(std::move(script), std::move(options))) {}

ScriptedServer::ScriptedServer(std::vector<Answer> answers)
    : ScriptedServer([answers = std::move(answers), next = std::size_t{0}](const Seen&) mutable {
        const std::size_t index = std::min(next++, answers.size() - 1);
        return answers[index];
      }) {}

ScriptedServer::~ScriptedServer() = default;

std::uint16_t ScriptedServer::port() const { return state_->listener.port(); }

Url ScriptedServer::At(std::string_view target) const {
  return Url{Origin{state_->context ? "https" : "http", "127.0.0.1", port()}, std::string(target)};
}

Url ScriptedServer::AtLocalhost(std::string_view target) const {
  Url url = At(target);
  url.origin.host = "localhost";
  return url;
}

std::vector<ScriptedServer::Seen> ScriptedServer::seen() const {
  const std::lock_guard lock(state_->mutex);
  return state_->seen;
}

int ScriptedServer::connections() const { return state_->listener.connections(); }

std::size_t ScriptedServer::sent() const { return state_->sent; }

bool ScriptedServer::AwaitNoConnection() const { return state_->listener.AwaitNoConnection(); }

ScriptedServer::Answer PlainAnswer(int status, std::string_view body, std::string_view headers) {
  return {.pieces = {fmt::format("HTTP/1.1 {} Status\r\nContent-Length: {}\r\n{}\r\n{}", status,
                                 body.size(), headers, body)}};
}

}  // namespace portolan::http
