#include "portolan/probe/recorder.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "portolan/async/event.h"
#include "portolan/base/text.h"

namespace portolan::probe {
namespace {

using std::chrono::milliseconds;

constexpr std::string_view kAuthorization = "Authorization";

http::Headers WithoutSecrets(const http::Headers& headers) {
  http::Headers out;
  for (const http::Headers::Field& field : headers.fields()) {
    const bool secret = EqualsIgnoreCase(field.name, kAuthorization);
    out.Add(field.name, secret ? field.value.substr(0, field.value.find(' ')) + " ***"
                               : std::string_view(field.value));
  }
  return out;
}

}  // namespace

// Keeps the start of what passes, and ends what takes too long: a peer that sends a byte now and
// then is never idle.
class Recorder::Body final : public http::BodyReader {
 public:
  Body(std::unique_ptr<http::BodyReader> inner, std::shared_ptr<Exchange> exchange,
       const Clock& clock, Clock::Instant end)
      : inner_(std::move(inner)), exchange_(std::move(exchange)), clock_(clock), end_(end) {}

  async::Task<Result<std::string_view>> Next() override {
    if (clock_.Now() > end_) {
      exchange_->failure = "the answer took too long";
      co_return Fail(ErrorCode::kTooLarge, exchange_->failure);
    }
    Result<std::string_view> piece = co_await inner_->Next();
    if (!piece) {
      exchange_->failure = piece.error().message;
    } else {
      exchange_->body +=
          piece->substr(0, Exchange::kKept - std::min(exchange_->body.size(), Exchange::kKept));
    }
    co_return piece;
  }
  std::optional<std::uint64_t> size() const override { return inner_->size(); }

 private:
  std::unique_ptr<http::BodyReader> inner_;
  std::shared_ptr<Exchange> exchange_;
  const Clock& clock_;
  Clock::Instant end_;
};

Recorder::Recorder(std::unique_ptr<http::Client> inner, const Clock& clock, Bounds bounds)
    : inner_(std::move(inner)), clock_(clock), bounds_(bounds) {}
Recorder::~Recorder() = default;

const Origin& Recorder::origin() const {
  const auto answered =
      std::ranges::find_if(exchanges_, [](const auto& exchange) { return exchange->status != 0; });
  return (answered == exchanges_.end() ? exchanges_.front() : *answered)->url.origin;
}

std::string Recorder::Exhausted() const {
  if (exchanges_.size() >= static_cast<std::size_t>(std::max(bounds_.requests - kept_, 0))) {
    return fmt::format("{} requests were made, and no more are allowed", bounds_.requests);
  }
  if (!exchanges_.empty() && clock_.Now() - start_ > bounds_.deadline) {
    return fmt::format("{} s have passed, and no more are allowed",
                       std::chrono::ceil<std::chrono::seconds>(bounds_.deadline).count());
  }
  return {};
}

async::Task<Result<http::Response>> Recorder::Send(http::Request request) {
  if (std::string why = Exhausted(); !why.empty()) {
    co_return Fail(ErrorCode::kTooLarge, std::move(why));
  }
  if (exchanges_.empty()) {
    start_ = clock_.Now();
  } else if (bounds_.delay.count() > 0) {
    PORTOLAN_CO_CHECK(co_await async::Sleep(bounds_.delay));
  }
  auto exchange = std::make_shared<Exchange>();
  exchanges_.push_back(exchange);
  exchange->number = static_cast<int>(exchanges_.size());
  exchange->method = request.method;
  exchange->url = request.url;
  exchange->sent = WithoutSecrets(request.headers);
  exchange->authorized = request.headers.Has(kAuthorization);
  Result<http::Response> response = co_await inner_->Send(std::move(request));
  if (!response) {
    exchange->failure = response.error().message;
    co_return response;
  }
  exchange->status = response->status;
  exchange->version = response->version;
  exchange->tls_version = response->tls_version;
  exchange->tls_issuer = response->tls_issuer;
  exchange->headers = response->headers;
  response->body = std::make_unique<Body>(std::move(response->body), exchange, clock_,
                                          clock_.Now() + bounds_.exchange);
  co_return response;
}

}  // namespace portolan::probe
