#include "portolan/http/connection.h"

#include <exception>
#include <memory>
#include <optional>
#include <utility>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/this_coro.hpp>
#include <fmt/format.h>

#include "portolan/base/text.h"
#include "portolan/http/answer_sender.h"
#include "portolan/http/channel.h"
#include "portolan/http/head_reader.h"
#include "portolan/http/request_body.h"
#include "portolan/http/socket_address.h"

namespace portolan::http {
namespace asio = boost::asio;

namespace {

constexpr std::chrono::seconds kLinger{2};           // for the client's own end
constexpr std::chrono::seconds kLingerWithBody{10};  // while it may still be sending

constexpr Refusal kBadHost{400, "the request's host is neither a name nor an address"};
constexpr Refusal kDefect{500, "the server failed"};

Response ErrorAnswer(const Refusal& refusal) {
  Response response;
  response.status = refusal.status;
  response.headers.Add("Content-Type", "application/json");
  response.body = NewTextBody(ErrorDocument(refusal.status, refusal.message));
  return response;
}

class Connection final : public Swept {
 public:
  Connection(ServerLoop& loop, int fd, std::string peer_address)
      : loop_(loop),
        channel_(loop, fd),
        reader_(channel_),
        peer_address_(std::move(peer_address)),
        client_address_(peer_address_) {
    loop_.Join(*this);
  }
  ~Connection() override {
    if (body_) body_->Detach();
    loop_.Leave(*this);
    loop_.shared().Uncount(peer_address_);
  }
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  async::Task<void> Run();
  asio::cancellation_slot slot() { return cancel_.slot(); }

  void Sweep(Clock::Instant now) override;
  void Stop() override;
  void Abort() override;

 private:
  const ServerLimits& limits() const { return loop_.shared().options.limits; }

  async::Task<bool> Handshake();
  async::Task<bool> ServeOne();
  std::optional<Refusal> TakeRequest(std::string_view bytes, Request& request);
  bool ResolveOrigin(std::string_view authority);
  void BeginRequest();
  async::Task<Response> Handle(Request request);
  async::Task<bool> Answer(Response& response);
  async::Task<void> Refuse(const Refusal& refusal);
  async::Task<bool> Send(Response& response, bool keep_alive);
  async::Task<void> Linger();
  void Report(const Response& response, std::uint64_t sent, bool complete);

  ServerLoop& loop_;
  Channel channel_;
  HeadReader reader_;
  std::string peer_address_;
  asio::cancellation_signal cancel_;
  std::shared_ptr<RequestBody> body_;
  bool in_service_ = false;               // its code, or that of an answer's body, runs
  bool handling_ = false;                 // Handle runs: nobody else watches the socket
  const AnswerSender* sender_ = nullptr;  // an answer is being sent
  std::uint64_t swept_sent_ = 0;          // bytes of its body, when the loop swept last
  bool lingers_ = false;                  // an answer was sent that the client must be able to read
  bool body_left_ = false;                // though it may still be sending

  // Of the request under way.
  std::string method_;
  int minor_version_ = 1;
  bool keep_alive_ = true;
  std::string failure_;         // of its answer
  std::string client_address_;  // the peer's, or what a trusted proxy says
  // The same, only where somebody listens to exchanges.
  std::string target_;
  Headers fields_;
  Clock::Instant begin_;

  std::string authority_;  // that origin_ was made of
  Origin origin_;
};

void Connection::Sweep(Clock::Instant now) {
  channel_.Sweep(now);
  // Nobody watches the socket either while an answer waits for what its body brings.
  const bool rests = sender_ != nullptr && !channel_.waits() &&
                     std::exchange(swept_sent_, sender_->sent()) == sender_->sent();
  if ((handling_ || rests) && channel_.PeerGone(!body_ || body_->done())) Abort();
}

void Connection::Stop() {
  if (reader_.idle()) channel_.EndWait();
}

void Connection::Abort() {
  if (channel_.aborted()) return;
  channel_.Abort();
  if (in_service_) cancel_.emit(asio::cancellation_type::terminal);
}

async::Task<void> Connection::Run() {
  // A cancelled wait tells its caller with a value instead of throwing through every frame.
  co_await asio::this_coro::throw_if_cancelled(false);
  if (!co_await Handshake()) co_return;
  while (co_await ServeOne()) {
  }
  if (lingers_ && !channel_.aborted()) co_await Linger();
}

async::Task<bool> Connection::Handshake() {
  if (loop_.shared().tls == nullptr) co_return true;
  const Clock::Instant end = loop_.now() + limits().head_timeout;
  for (;;) {
    const Io io = channel_.transport().Handshake();
    if (io.done()) co_return true;
    if (io.kind == Io::Kind::kFailed) co_return false;
    co_await channel_.Wait(io.kind, end - loop_.now());
    if (channel_.woken() != Channel::Woken::kReady) co_return false;
  }
}

async::Task<bool> Connection::ServeOne() {
  Request request;
  {
    const auto bytes = co_await reader_.Read();
    BeginRequest();
    const auto refusal = bytes ? TakeRequest(bytes->head, request) : bytes.error().refusal;
    if (refusal) {
      co_await Refuse(*refusal);
      co_return false;
    }
    if (!bytes) co_return false;
    reader_.Consume(*bytes);
  }
  Response response = co_await Handle(std::move(request));
  if (channel_.aborted()) {
    Report(response, 0, false);
    co_return false;
  }
  const bool again = co_await Answer(response);
  if (body_) {
    body_left_ = !body_->done();
    body_->Detach();
    body_.reset();
  }
  co_return again;
}

// A request that is refused unread leaves these as they are here.
void Connection::BeginRequest() {
  method_.clear();
  minor_version_ = 1;
  failure_.clear();
  client_address_ = peer_address_;
  if (!loop_.shared().options.on_exchange) return;
  target_.clear();
  fields_ = {};
  begin_ = loop_.shared().clock.Now();
}

bool Connection::ResolveOrigin(std::string_view authority) {
  if (!authority_.empty() && authority_ == authority) return true;
  if (authority.find_first_of("/?#@") != std::string_view::npos) return false;
  const std::string_view scheme = loop_.shared().tls == nullptr ? "http" : "https";
  Result<Url> url = Url::Parse(fmt::format("{}://{}/", scheme, authority));
  if (!url) return false;
  origin_ = std::move(url->origin);
  authority_ = authority;
  return true;
}

std::optional<Refusal> Connection::TakeRequest(std::string_view bytes, Request& request) {
  RequestHead& head = loop_.scratch().head;
  if (bytes.starts_with("HEAD ")) method_ = "HEAD";  // even a refusal of it has no body
  if (auto refusal = ParseRequestHead(bytes, limits(), head)) return refusal;
  if (head.authority.empty()) {  // HTTP/1.0: the address that the client reached
    const SocketAddress local = LocalAddressOf(channel_.fd());
    if (!ResolveOrigin(local.Host().empty() ? "localhost" : local.ToString())) return kBadHost;
  } else if (!ResolveOrigin(head.authority)) {
    return kBadHost;
  }
  method_ = head.method;
  minor_version_ = head.minor_version;
  keep_alive_ = head.keep_alive;
  request.method = head.method;
  request.url.origin = origin_;
  request.url.target = head.target;
  request.headers.Reserve(head.fields.size());
  for (const RequestHead::Field& field : head.fields) request.headers.Add(field.name, field.value);
  const TrustedProxies& proxies = loop_.shared().options.trusted_proxies;
  if (!proxies.empty()) client_address_ = proxies.ClientOf(peer_address_, request.headers);
  request.peer_address = client_address_;
  if (!head.chunked) request.content_length = head.content_length.value_or(0);
  if (head.has_body()) {
    body_ = std::make_shared<RequestBody>(channel_, head);
    request.body = [body = body_] { return NewRequestBodyReader(body); };
  }
  if (loop_.shared().options.on_exchange) {
    target_ = request.url.target;
    fields_ = request.headers;
  }
  return std::nullopt;
}

async::Task<Response> Connection::Handle(Request request) {
  Response response;
  in_service_ = handling_ = true;
  try {
    response = co_await loop_.shared().service.Handle(std::move(request));
  } catch (const std::exception& error) {
    // A defect of the service; the other requests have nothing to do with it.
    loop_.shared().log.Warn(fmt::format("a request failed: {}", Printable(error.what())));
    response = ErrorAnswer(kDefect);
  }
  in_service_ = handling_ = false;
  if (response.status < 200 || response.status > 599 || !response.body) {
    loop_.shared().log.Warn(fmt::format("a service answered with status {}", response.status));
    response = ErrorAnswer(kDefect);
  }
  co_return response;
}

async::Task<bool> Connection::Answer(Response& response) {
  if (body_ && body_->refusal()) {
    co_await Refuse(*body_->refusal());
    co_return false;
  }
  const bool wanted = keep_alive_ && !loop_.stopping() &&
                      !EqualsIgnoreCase(response.headers.Get("Connection"), "close") &&
                      (!body_ || body_->CanDiscard(limits().discarded_body));
  const bool again = co_await Send(response, wanted);
  if (!again || !body_ || body_->done()) co_return again;
  co_return co_await body_->Discard();
}

async::Task<void> Connection::Refuse(const Refusal& refusal) {
  Response response = ErrorAnswer(refusal);
  (void)co_await Send(response, false);
}

async::Task<bool> Connection::Send(Response& response, bool keep_alive) {
  const AnswerSender::Wishes wishes{.to_head_request = method_ == "HEAD",
                                    .minor_version = minor_version_,
                                    .keep_alive = keep_alive};
  AnswerSender sender(channel_, response, wishes);
  in_service_ = true;
  sender_ = &sender;
  const AnswerSender::Outcome outcome = co_await sender.Send();
  sender_ = nullptr;
  in_service_ = false;
  if (outcome == AnswerSender::Outcome::kUnstarted) {
    response = ErrorAnswer(kDefect);
    failure_ = sender.error()->message;
    co_return co_await Send(response, false);
  }
  const bool complete = outcome == AnswerSender::Outcome::kSent;
  if (sender.error()) failure_ = sender.error()->message;
  Report(response, sender.sent(), complete);
  if (complete) {
    lingers_ = !sender.keep_alive();
    co_return sender.keep_alive();
  }
  // The client must not take what it has for the whole.
  channel_.ResetOnClose();
  channel_.Abort();
  co_return false;
}

void Connection::Report(const Response& response, std::uint64_t sent, bool complete) {
  if (!loop_.shared().options.on_exchange) return;
  Exchange exchange;
  exchange.method = method_;
  exchange.target = target_;
  exchange.peer_address = client_address_;
  exchange.user_agent = fields_.Get("User-Agent");
  exchange.principal = response.principal;
  exchange.version = minor_version_ == 0 ? "1.0" : "1.1";
  exchange.status = response.status;
  exchange.received = body_ ? body_->received() : 0;
  exchange.sent = sent;
  exchange.duration = loop_.shared().clock.Now() - begin_;
  exchange.complete = complete;
  exchange.failure = failure_;
  exchange.request_headers = &fields_;
  exchange.response_headers = &response.headers;
  loop_.shared().options.on_exchange(exchange);
}

// Closing at once would reset the connection if something unread has come, and the client would
// lose the answer.
async::Task<void> Connection::Linger() {
  channel_.transport().EndWriting();
  if (!co_await channel_.Flush()) co_return;
  const Clock::Instant end = loop_.now() + (body_left_ ? kLingerWithBody : kLinger);
  while (loop_.now() < end) {
    const Io io =
        channel_.transport().Read(loop_.scratch().input.get(), ServerLoop::Scratch::kInputSize);
    if (io.kind == Io::Kind::kFailed || (io.done() && io.count == 0)) co_return;
    if (io.done()) {
      co_await channel_.Share(io.count);
      continue;
    }
    co_await channel_.Wait(io.kind, end - loop_.now());
    if (channel_.woken() != Channel::Woken::kReady) co_return;
  }
}

}  // namespace

void StartConnection(ServerLoop& loop, int fd, std::string peer_address) {
  auto connection = std::make_shared<Connection>(loop, fd, std::move(peer_address));
  asio::cancellation_slot slot = connection->slot();
  auto task = connection->Run();
  // The handler keeps the connection until its coroutine is gone.
  asio::co_spawn(loop.executor(), std::move(task),
                 asio::bind_cancellation_slot(
                     slot, [connection = std::move(connection)](const std::exception_ptr& failure) {
                       if (failure) connection->Abort();
                     }));
}

}  // namespace portolan::http
