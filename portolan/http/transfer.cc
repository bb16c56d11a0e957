#include "portolan/http/transfer.h"

#include <netdb.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <utility>

#include <curl/curl.h>
#include <fmt/format.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include "portolan/http/curl_error.h"

namespace portolan::http {
namespace {

// More than this is not kept for a slow reader. A whole page of tags is usually less.
constexpr std::size_t kQueueSize = 512U << 10U;

std::string AddressOf(const curl_sockaddr& address) {
  std::array<char, NI_MAXHOST> text{};
  const int failed = getnameinfo(&address.addr, address.addrlen, text.data(), text.size(), nullptr,
                                 0, NI_NUMERICHOST);
  if (failed != 0) return {};
  const std::string name(text.data());
  return name.substr(0, name.find('%'));  // without the zone of a link-local address
}

// `CN = R3, O = Let's Encrypt, C = US`, as `openssl x509` prints it.
std::string NameOf(const X509_NAME* name) {
  BIO* out = BIO_new(BIO_s_mem());
  if (out == nullptr) return {};
  std::string text;
  if (X509_NAME_print_ex(out, name, 0, XN_FLAG_ONELINE & ~ASN1_STRFLGS_ESC_MSB) >= 0) {
    char* data = nullptr;
    const long size = BIO_get_mem_data(out, &data);
    if (size > 0) text.assign(data, static_cast<std::size_t>(size));
  }
  BIO_free(out);
  return text;
}

}  // namespace

// What curl calls. Nothing here may call curl, but to ask it.
struct Transfer::Callbacks {
  static std::size_t Header(char* data, std::size_t size, std::size_t count, void* transfer) {
    auto& self = *static_cast<Transfer*>(transfer);
    self.active_ = true;
    Status added = self.head_.AddLine({data, size * count});
    if (!added) {
      self.failure_ = std::move(added).error();
      self.failure_->message =
          fmt::format("{}: {}", self.request_.url.origin.HostPort(), self.failure_->message);
      return 0;
    }
    if (self.head_.complete()) self.changed_.Set();
    return size * count;
  }

  static std::size_t Write(char* data, std::size_t size, std::size_t count, void* transfer) {
    auto& self = *static_cast<Transfer*>(transfer);
    self.active_ = true;
    if (self.queued_.size() >= kQueueSize) {
      self.receiving_paused_ = true;
      return CURL_WRITEFUNC_PAUSE;
    }
    self.queued_.append(data, size * count);
    self.changed_.Set();
    return size * count;
  }

  static std::size_t Read(char* out, std::size_t size, std::size_t count, void* transfer) {
    auto& self = *static_cast<Transfer*>(transfer);
    self.active_ = true;
    const std::optional<std::size_t> taken = self.upload_->Take({out, size * count});
    if (taken) return *taken;
    self.changed_.Set();
    return CURL_READFUNC_PAUSE;
  }

  // curl rewinds to send again what went into a connection that the server had already closed.
  static int Seek(void* transfer, curl_off_t offset, int origin) {
    if (offset != 0 || origin != SEEK_SET) return CURL_SEEKFUNC_CANTSEEK;
    static_cast<Transfer*>(transfer)->upload_->Restart();
    return CURL_SEEKFUNC_OK;
  }

  static int Connected(void* transfer, char* peer, char*, int, int) {
    auto& self = *static_cast<Transfer*>(transfer);
    self.connected_ = true;
    self.active_ = true;
    self.failure_.reset();  // of an address that was refused before this one
    if (self.route_.proxy.direct()) self.peer_address_ = peer;
    if (self.request_.url.origin.scheme == "https") self.LookAtTls();
    return CURL_PREREQFUNC_OK;
  }

  static curl_socket_t OpenSocket(void* transfer, curlsocktype, curl_sockaddr* address) {
    auto& self = *static_cast<Transfer*>(transfer);
    if (self.request_.address_policy == AddressPolicy::kPublicOnly && self.route_.proxy.direct()) {
      const std::string text = AddressOf(*address);
      if (IsPrivateAddress(text)) {
        self.failure_ = Fail(ErrorCode::kUnsafeTarget,
                             fmt::format("{} is at {}, which is not a public address",
                                         self.request_.url.origin.HostPort(), text),
                             "a server named this address; only public ones are followed");
        return CURL_SOCKET_BAD;
      }
    }
    // Credential helpers must not inherit it.
    return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
  }
};

Transfer::Transfer(async::Loop& loop, std::shared_ptr<Multi> multi, Request request, Route route,
                   const Limits& limits)
    : loop_(loop),
      multi_(std::move(multi)),
      request_(std::move(request)),
      route_(std::move(route)),
      limits_(limits),
      head_(limits.response_head),
      detail_(std::make_unique<char[]>(CURL_ERROR_SIZE)) {
  if (request_.body && request_.method != "HEAD")
    upload_.emplace(request_.body, request_.content_length);
}

Transfer::~Transfer() { Finish(std::nullopt); }

std::chrono::milliseconds Transfer::TickFor(const Limits& limits) {
  const std::chrono::milliseconds quarter = std::chrono::milliseconds(limits.idle_timeout) / 4;
  return std::clamp(quarter, std::chrono::milliseconds(50), std::chrono::milliseconds(1000));
}

Status Transfer::Start() {
  easy_ = curl_easy_init();
  if (easy_ == nullptr) return Fail(ErrorCode::kInternal, "libcurl has no handle");
  PORTOLAN_CHECK(SetOptions(easy_, request_, route_, limits_, lines_));
  const auto set_callback = [this](CURLoption function, auto* callback, CURLoption data) {
    curl_easy_setopt(easy_, function, callback);
    curl_easy_setopt(easy_, data, this);
  };
  set_callback(CURLOPT_HEADERFUNCTION, &Callbacks::Header, CURLOPT_HEADERDATA);
  set_callback(CURLOPT_WRITEFUNCTION, &Callbacks::Write, CURLOPT_WRITEDATA);
  set_callback(CURLOPT_PREREQFUNCTION, &Callbacks::Connected, CURLOPT_PREREQDATA);
  set_callback(CURLOPT_OPENSOCKETFUNCTION, &Callbacks::OpenSocket, CURLOPT_OPENSOCKETDATA);
  if (upload_) {
    set_callback(CURLOPT_READFUNCTION, &Callbacks::Read, CURLOPT_READDATA);
    set_callback(CURLOPT_SEEKFUNCTION, &Callbacks::Seek, CURLOPT_SEEKDATA);
  }
  curl_easy_setopt(easy_, CURLOPT_ERRORBUFFER, detail_.get());
  curl_easy_setopt(easy_, CURLOPT_PRIVATE, static_cast<Multi::Listener*>(this));
  return multi_->Add(easy_, *this);
}

// While the connection is the transfer's: curl takes it back at the end of the answer.
void Transfer::LookAtTls() {
  curl_tlssessioninfo* info = nullptr;
  if (curl_easy_getinfo(easy_, CURLINFO_TLS_SSL_PTR, &info) != CURLE_OK || info == nullptr) return;
  if (info->backend != CURLSSLBACKEND_OPENSSL || info->internals == nullptr) return;
  const auto* ssl = static_cast<const SSL*>(info->internals);
  tls_version_ = SSL_get_version(ssl);
  const X509* certificate = SSL_get0_peer_certificate(ssl);
  if (certificate != nullptr) tls_issuer_ = NameOf(X509_get_issuer_name(certificate));
}

async::Task<Status> Transfer::AwaitHead() {
  while (!head_.complete() && !finished_) PORTOLAN_CO_CHECK(co_await Turn());
  if (!head_.complete()) co_return *failure_;
  co_return Status();
}

async::Task<Result<std::string_view>> Transfer::NextPiece() {
  for (;;) {
    if (!queued_.empty()) {
      given_.clear();
      given_.swap(queued_);
      if (std::exchange(receiving_paused_, false)) Resume();
      co_return std::string_view(given_);
    }
    if (finished_ && failure_) co_return *failure_;
    if (finished_) co_return std::string_view();
    PORTOLAN_CO_CHECK(co_await Turn());
  }
}

// Does what is to be done, or waits until something is. Failures of the exchange are kept, not
// returned.
async::Task<Status> Transfer::Turn() {
  if (upload_ && upload_->wants_piece()) {
    Status pulled = co_await upload_->Pull();
    if (!pulled) {
      Finish(std::move(pulled).error());
    } else if (!finished_) {
      Resume();
    }
    co_return Status();
  }
  changed_.Reset();
  const Status waited = co_await changed_.Wait();
  if (!waited && loop_.cancelled()) co_return *loop_.cancelled();
  co_return waited;
}

// Lets go on what is not to be paused. May call the callbacks at once.
void Transfer::Resume() {
  if (easy_ == nullptr) return;
  active_ = true;
  const int paused = (receiving_paused_ ? CURLPAUSE_RECV : 0) |
                     (upload_ && upload_->wants_piece() ? CURLPAUSE_SEND : 0);
  const CURLcode code = curl_easy_pause(easy_, paused);
  if (code != CURLE_OK) OnDone(code);
}

void Transfer::OnDone(int curl_code) {
  std::optional<Error> failure;
  if (curl_code != CURLE_OK) {
    failure = failure_ ? std::move(failure_) : Explain(curl_code);
  } else if (!head_.complete()) {
    failure = Fail(ErrorCode::kConnectFailed,
                   fmt::format("{} closed the connection in the head of its answer",
                               request_.url.origin.HostPort()));
  }
  Finish(std::move(failure));
}

// Counts quiet ticks and not time, so that a process that was stopped for a while does not give up
// when it goes on.
void Transfer::OnTick() {
  const bool waits_for_us = receiving_paused_ || (upload_ && upload_->wants_piece());
  if (std::exchange(active_, false) || waits_for_us || !connected_) {
    quiet_ticks_ = 0;
    return;
  }
  if (++quiet_ticks_ * TickFor(limits_) < limits_.idle_timeout) return;
  Finish(Fail(ErrorCode::kTimeout,
              fmt::format("{} sent nothing for {} s", request_.url.origin.HostPort(),
                          limits_.idle_timeout.count())));
}

void Transfer::Finish(std::optional<Error> failure) {
  failure_ = std::move(failure);
  finished_ = true;
  if (easy_ != nullptr) {
    CURL* easy = std::exchange(easy_, nullptr);
    multi_->Remove(easy, *this);
    curl_easy_cleanup(easy);
  }
  changed_.Set();
}

Error Transfer::Explain(int curl_code) const {
  CurlFailure failure{.code = curl_code,
                      .detail = detail_.get(),
                      .origin = request_.url.origin,
                      .proxy = route_.proxy.name,
                      .connected = connected_,
                      .connect_timeout = limits_.connect_timeout};
  long system_error = 0;
  curl_easy_getinfo(easy_, CURLINFO_OS_ERRNO, &system_error);
  failure.system_error = static_cast<int>(system_error);
  curl_easy_getinfo(easy_, CURLINFO_SSL_VERIFYRESULT, &failure.verify_result);
  curl_easy_getinfo(easy_, CURLINFO_HTTP_CONNECTCODE, &failure.proxy_status);
  return ExplainCurlFailure(failure);
}

}  // namespace portolan::http
