#include "portolan/http/testing/http2_server.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdint>
#include <cstring>
#include <map>
#include <mutex>
#include <utility>

#include <fmt/format.h>
#include <nghttp2/nghttp2.h>
#include <openssl/err.h>
#include <openssl/ssl.h>

#include "portolan/http/testing/loopback_listener.h"

namespace portolan::http {
namespace {

// ALPN, the client's list being (length, name)*: h2 or nothing.
int ChooseHttp2(SSL*, const unsigned char** out, unsigned char* out_size,
                const unsigned char* offered, unsigned int offered_size, void*) {
  static constexpr std::array<unsigned char, 3> kHttp2 = {2, 'h', '2'};
  unsigned char* chosen = nullptr;
  const int found =
      SSL_select_next_proto(&chosen, out_size, kHttp2.data(), kHttp2.size(), offered, offered_size);
  *out = chosen;
  return found == OPENSSL_NPN_NEGOTIATED ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_ALERT_FATAL;
}

std::shared_ptr<SSL_CTX> NewHttp2Context(const TestIdentity& identity) {
  std::shared_ptr<SSL_CTX> context = NewServerContext(identity);
  SSL_CTX_set_alpn_select_cb(context.get(), ChooseHttp2, nullptr);
  return context;
}

std::string_view View(const std::uint8_t* data, std::size_t size) {
  return {reinterpret_cast<const char*>(data), size};
}

nghttp2_nv Field(const std::string& name, const std::string& value) {
  // nghttp2 copies both, and does not write to them.
  const auto bytes = [](const std::string& text) {
    return reinterpret_cast<std::uint8_t*>(const_cast<char*>(text.data()));
  };
  return {bytes(name), bytes(value), name.size(), value.size(), NGHTTP2_NV_FLAG_NONE};
}

}  // namespace

struct Http2Server::State {
  State(Script script_in, const TestIdentity& identity, std::size_t together_in)
      : script(std::move(script_in)),
        together(together_in),
        context(NewHttp2Context(identity)),
        listener([this](int fd, int connection) { Serve(fd, connection); }) {}

  class Connection;
  void Serve(int fd, int connection);

  const Script script;
  const std::size_t together;
  const std::shared_ptr<SSL_CTX> context;
  std::atomic<std::size_t> sent = 0;

  mutable std::mutex mutex;  // of `seen`, and of calls of the script
  std::vector<Seen> seen;
  LoopbackListener listener;  // ends first: its threads use all the rest
};

// One connection. nghttp2 calls back with the object as its user data.
class Http2Server::State::Connection {
 public:
  Connection(State& server, int fd, int connection)
      : server_(server), connection_(connection), ssl_(SSL_new(server.context.get()), &SSL_free) {
    SSL_set_fd(ssl_.get(), fd);
  }

  void Run();

 private:
  // The request as it grows, then the answer and what of its body was sent.
  struct Stream {
    Seen request;
    Answer answer;
    std::size_t offset = 0;
  };

  static Connection& Of(void* user) { return *static_cast<Connection*>(user); }
  static ssize_t Send(nghttp2_session*, const std::uint8_t* data, std::size_t size, int,
                      void* user);
  static int OnHeader(nghttp2_session*, const nghttp2_frame* frame, const std::uint8_t* name,
                      std::size_t name_size, const std::uint8_t* value, std::size_t value_size,
                      std::uint8_t, void* user);
  static int OnData(nghttp2_session*, std::uint8_t, std::int32_t id, const std::uint8_t* data,
                    std::size_t size, void* user);
  static int OnFrame(nghttp2_session*, const nghttp2_frame* frame, void* user);
  static int OnClose(nghttp2_session*, std::int32_t id, std::uint32_t, void* user);
  static ssize_t ReadBody(nghttp2_session*, std::int32_t id, std::uint8_t* out, std::size_t size,
                          std::uint32_t* flags, nghttp2_data_source*, void* user);

  void TakeRequest(std::int32_t id);
  void SendAnswer(std::int32_t id);

  State& server_;
  const int connection_;
  const std::unique_ptr<SSL, decltype(&SSL_free)> ssl_;
  nghttp2_session* session_ = nullptr;
  std::map<std::int32_t, Stream> streams_;
  std::vector<std::int32_t> held_;  // whose answers wait
};

ssize_t Http2Server::State::Connection::Send(nghttp2_session*, const std::uint8_t* data,
                                             std::size_t size, int, void* user) {
  const int sent = SSL_write(Of(user).ssl_.get(), data, static_cast<int>(size));
  return sent > 0 ? sent : NGHTTP2_ERR_CALLBACK_FAILURE;
}

int Http2Server::State::Connection::OnHeader(nghttp2_session*, const nghttp2_frame* frame,
                                             const std::uint8_t* name, std::size_t name_size,
                                             const std::uint8_t* value, std::size_t value_size,
                                             std::uint8_t, void* user) {
  Connection& self = Of(user);
  Http2Server::Seen& request = self.streams_[frame->hd.stream_id].request;
  const std::string_view key = View(name, name_size);
  const std::string_view text = View(value, value_size);
  if (key == ":method") request.method = text;
  if (key == ":path") request.target = text;
  if (!key.starts_with(':')) request.headers.Add(key, text);
  return 0;
}

int Http2Server::State::Connection::OnData(nghttp2_session*, std::uint8_t, std::int32_t id,
                                           const std::uint8_t* data, std::size_t size, void* user) {
  Of(user).streams_[id].request.body += View(data, size);
  return 0;
}

int Http2Server::State::Connection::OnFrame(nghttp2_session*, const nghttp2_frame* frame,
                                            void* user) {
  const bool of_request = frame->hd.type == NGHTTP2_HEADERS || frame->hd.type == NGHTTP2_DATA;
  if (of_request && (frame->hd.flags & NGHTTP2_FLAG_END_STREAM) != 0) {
    Of(user).TakeRequest(frame->hd.stream_id);
  }
  return 0;
}

int Http2Server::State::Connection::OnClose(nghttp2_session*, std::int32_t id, std::uint32_t,
                                            void* user) {
  Of(user).streams_.erase(id);
  return 0;
}

ssize_t Http2Server::State::Connection::ReadBody(nghttp2_session*, std::int32_t id,
                                                 std::uint8_t* out, std::size_t size,
                                                 std::uint32_t* flags, nghttp2_data_source*,
                                                 void* user) {
  Connection& self = Of(user);
  Stream& stream = self.streams_[id];
  const bool reset = stream.answer.reset;
  const std::size_t end = stream.answer.body.size() - (reset ? 1 : 0);
  const std::size_t count = std::min(size, end - stream.offset);
  std::memcpy(out, stream.answer.body.data() + stream.offset, count);
  stream.offset += count;
  self.server_.sent += count;
  if (reset && count == 0) return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
  if (!reset && stream.offset == end) *flags |= NGHTTP2_DATA_FLAG_EOF;
  return static_cast<ssize_t>(count);
}

void Http2Server::State::Connection::TakeRequest(std::int32_t id) {
  Stream& stream = streams_[id];
  stream.request.connection = connection_;
  {
    const std::lock_guard lock(server_.mutex);
    stream.answer = server_.script(stream.request);
    server_.seen.push_back(stream.request);
  }
  held_.push_back(id);
  if (held_.size() < server_.together) return;
  for (const std::int32_t waiting : std::exchange(held_, {})) SendAnswer(waiting);
}

void Http2Server::State::Connection::SendAnswer(std::int32_t id) {
  const Http2Server::Answer& answer = streams_[id].answer;
  const std::string status_name = ":status";
  const std::string status = fmt::format("{}", answer.status);
  std::vector<nghttp2_nv> fields = {Field(status_name, status)};
  for (const Headers::Field& field : answer.headers.fields()) {
    fields.push_back(Field(field.name, field.value));
  }
  nghttp2_data_provider body{};
  body.read_callback = ReadBody;
  nghttp2_submit_response(session_, id, fields.data(), fields.size(),
                          answer.body.empty() ? nullptr : &body);
  if (answer.go_away) {
    nghttp2_submit_goaway(session_, NGHTTP2_FLAG_NONE, id, NGHTTP2_NO_ERROR, nullptr, 0);
  }
}

void Http2Server::State::Connection::Run() {
  if (SSL_accept(ssl_.get()) != 1) {
    ERR_clear_error();
    return;
  }
  nghttp2_session_callbacks* callbacks = nullptr;
  nghttp2_session_callbacks_new(&callbacks);
  nghttp2_session_callbacks_set_send_callback(callbacks, Send);
  nghttp2_session_callbacks_set_on_header_callback(callbacks, OnHeader);
  nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks, OnData);
  nghttp2_session_callbacks_set_on_frame_recv_callback(callbacks, OnFrame);
  nghttp2_session_callbacks_set_on_stream_close_callback(callbacks, OnClose);
  nghttp2_session_server_new(&session_, callbacks, this);
  nghttp2_session_callbacks_del(callbacks);
  nghttp2_submit_settings(session_, NGHTTP2_FLAG_NONE, nullptr, 0);
  std::array<std::uint8_t, 65536> buffer{};
  const auto wants_more = [&] {
    return nghttp2_session_want_read(session_) != 0 || nghttp2_session_want_write(session_) != 0;
  };
  int count = 1;
  while (count > 0 && nghttp2_session_send(session_) == 0 && wants_more()) {
    count = SSL_read(ssl_.get(), buffer.data(), buffer.size());
    const auto size = static_cast<std::size_t>(std::max(count, 0));
    if (nghttp2_session_mem_recv(session_, buffer.data(), size) < 0) break;
  }
  // Closing with bytes unread would take back the answer that is on its way.
  while (count > 0) count = SSL_read(ssl_.get(), buffer.data(), buffer.size());
  nghttp2_session_del(session_);
  ERR_clear_error();
}

void Http2Server::State::Serve(int fd, int connection) { Connection(*this, fd, connection).Run(); }

Http2Server::Http2Server(Script script, const TestIdentity& identity, std::size_t together)
    : state_(std::make_unique<State>(std::move(script), identity, together)) {}

Http2Server::~Http2Server() = default;

Url Http2Server::AtLocalhost(std::string_view target) const {
  return Url{Origin{"https", "localhost", state_->listener.port()}, std::string(target)};
}

std::vector<Http2Server::Seen> Http2Server::seen() const {
  const std::lock_guard lock(state_->mutex);
  return state_->seen;
}

int Http2Server::connections() const { return state_->listener.connections(); }

std::size_t Http2Server::sent() const { return state_->sent; }

}  // namespace portolan::http
