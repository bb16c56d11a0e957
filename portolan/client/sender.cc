#include "portolan/client/sender.h"

#include <utility>

#include <fmt/format.h>

#include "portolan/base/text.h"
#include "portolan/wire/retry_after.h"

namespace portolan::client {
namespace {

using std::chrono::milliseconds;

// Gives the place at the gate back when the body has been dropped.
class GovernedBody final : public http::BodyReader {
 public:
  GovernedBody(std::unique_ptr<http::BodyReader> body, Governor::Slot slot)
      : slot_(std::move(slot)), body_(std::move(body)) {}
  async::Task<Result<std::string_view>> Next() override {
    Result<std::string_view> piece = co_await body_->Next();
    if (!piece || piece->empty()) slot_ = Governor::Slot();
    co_return piece;
  }

 private:
  Governor::Slot slot_;  // destroyed after the body, whose end frees the connection
  std::unique_ptr<http::BodyReader> body_;
};

bool IsRedirect(int status) {
  return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

bool MayPass(int status) {
  return status == 408 || (status >= 500 && status != 501 && status <= 599);
}

// Signed URLs of storage services carry their secret in the query.
std::string Shown(const http::Request& request, const Origin& first) {
  if (request.url.origin == first || request.url.Query().empty()) return request.url.ToString();
  return fmt::format("{}{}?…", request.url.origin.ToString(), request.url.Path());
}

// What another origin may see: headers that say what is wanted, and none that could say who asks
// (Authorization, Cookie, vendors' token headers).
http::Headers WithoutSecrets(const http::Headers& headers) {
  http::Headers kept;
  for (const http::Headers::Field& field : headers.fields()) {
    const std::string name = AsciiLower(field.name);
    if (name == "accept" || name.starts_with("accept-") || name == "range" ||
        name.starts_with("if-") || name == "user-agent") {
      kept.Add(field.name, field.value);
    }
  }
  return kept;
}

}  // namespace

Sender::Sender(http::Client& http, const Clock& clock, Random& random, Log& log,
               const Limits& limits, Policy policy)
    : http_(http),
      clock_(clock),
      random_(random),
      log_(log),
      limits_(limits),
      policy_(std::move(policy)),
      governor_(clock, policy_.max_parallel_per_host) {}

async::Task<Result<Sender::Answer>> Sender::Send(http::Request request, bool private_allowed,
                                                 bool follow_redirects) {
  if (!request.headers.Has("User-Agent")) request.headers.Set("User-Agent", policy_.user_agent);
  const Origin first = request.url.origin;
  for (int redirects = 0;; ++redirects) {
    PORTOLAN_CO_TRY(http::Response response,
                    co_await SendPatiently(request, Shown(request, first)));
    if (request.url.origin == first && !response.peer_address.empty()) {
      private_allowed = private_allowed || IsPrivateAddress(response.peer_address);
    }
    const std::string location(response.headers.Get("Location"));
    const bool follows = follow_redirects && (request.method == "GET" || request.method == "HEAD");
    if (!follows || !IsRedirect(response.status) || location.empty()) {
      co_return Result<Answer>(Answer{.response = std::move(response),
                                      .url = request.url,
                                      .from_elsewhere = request.url.origin != first});
    }
    if (redirects == limits_.max_redirects) {
      co_return Fail(ErrorCode::kProtocol, fmt::format("{} redirects more than {} times",
                                                       first.ToString(), limits_.max_redirects));
    }
    PORTOLAN_CO_TRY(http::Request next, Redirected(request, location, private_allowed));
    request = std::move(next);
  }
}

async::Task<bool> Sender::WaitToRetry(int attempt, const Error& error) {
  if (!InfoOf(error.code).retryable) co_return false;
  const auto delay = NextDelay(policy_.failures, attempt, std::nullopt, random_.Fraction());
  if (!delay) co_return false;
  log_.Debug(fmt::format("{}; next try in {} ms", error.message, delay->count()));
  const Status slept = co_await async::Sleep(*delay);
  co_return slept.has_value();
}

Result<http::Request> Sender::Redirected(const http::Request& request, std::string_view location,
                                         bool private_allowed) const {
  PORTOLAN_TRY(Url url, request.url.Resolve(location));
  http::Request next = request;
  if (url.origin != request.url.origin) {
    if (request.url.origin.scheme == "https" && url.origin.scheme != "https") {
      return Fail(ErrorCode::kUnsafeTarget,
                  fmt::format("{} redirects from https to plain http ({})",
                              request.url.origin.HostPort(), url.origin.HostPort()));
    }
    next.headers = WithoutSecrets(request.headers);
    next.tls = nullptr;
    if (!private_allowed && url.origin.host != request.url.origin.host) {
      next.address_policy = http::AddressPolicy::kPublicOnly;
    }
  }
  next.url = std::move(url);
  return next;
}

async::Task<Result<http::Response>> Sender::SendPatiently(const http::Request& request,
                                                          std::string shown) {
  int failures = 0;
  int limited = 0;
  for (;;) {
    Result<http::Response> response = co_await SendOnce(request, shown);
    const bool rate_limited = response && response->status == 429;
    const bool failed =
        response ? MayPass(response->status) : InfoOf(response.error().code).retryable;
    if (!rate_limited && !failed) co_return response;

    std::optional<milliseconds> asked;
    if (response) asked = co_await RetryAfter(*response);
    const std::optional<milliseconds> delay =
        rate_limited ? NextDelay(policy_.rate_limit, limited++, asked, random_.Fraction())
                     : NextDelay(policy_.failures, failures++, asked, random_.Fraction());
    if (rate_limited) WarnOfLimit(request.url.origin, delay, asked);
    if (!delay) co_return response;
    const std::string reason =
        response ? fmt::format("status {}", response->status) : response.error().message;
    log_.Debug(
        fmt::format("{} {}: {}; next try in {} ms", request.method, shown, reason, delay->count()));
    response = Fail(ErrorCode::kInternal,
                    "dropped before the next try");  // gives its place at the gate back
    if (rate_limited) governor_.Pause(request.url.origin.HostPort(), *delay);
    PORTOLAN_CO_CHECK(co_await async::Sleep(*delay));
  }
}

// A wait that a user would notice is said, and so is one that is too long to be waited.
void Sender::WarnOfLimit(const Origin& origin, std::optional<milliseconds> delay,
                         std::optional<milliseconds> asked) {
  using std::chrono::seconds;
  const std::string host = origin.HostPort();
  if (delay && *delay >= seconds(1)) {
    log_.Warn(fmt::format("{} limits the rate of requests: waiting", host));
  } else if (!delay && asked && *asked > policy_.rate_limit.ceiling) {
    log_.Warn(fmt::format("{} limits the rate of requests: it asks to come back in {} s", host,
                          std::chrono::ceil<seconds>(*asked).count()));
  }
}

// Reads what the peer says of waiting; a 429's body is read for it and put back.
async::Task<std::optional<milliseconds>> Sender::RetryAfter(http::Response& response) {
  const auto now = clock_.WallNow();
  if (auto wait = wire::ParseRetryAfter(response.headers.Get("Retry-After"), now)) co_return wait;
  if (auto wait = wire::ParseUnixRetryAfter(response.headers.Get("X-Retry-After"), now))
    co_return wait;
  if (response.status != 429) co_return std::nullopt;
  std::string text = co_await http::ReadStart(*response.body, limits_.error_body);
  const auto wait = wire::ParseRetryAfterText(text);
  response.body = http::NewTextBody(std::move(text));
  co_return wait;
}

async::Task<Result<http::Response>> Sender::SendOnce(const http::Request& request,
                                                     const std::string& shown) {
  PORTOLAN_CO_TRY(Governor::Slot slot, co_await governor_.Enter(request.url.origin.HostPort()));
  const Clock::Instant start = clock_.Now();
  http::Request copy = request;
  Result<http::Response> response = co_await http_.Send(std::move(copy));
  if (log_.debugging()) {
    const auto took = std::chrono::duration_cast<milliseconds>(clock_.Now() - start);
    const std::string outcome =
        response ? fmt::format("{} (HTTP/{})", response->status, response->version)
                 : response.error().message;
    log_.Debug(fmt::format("{} {}: {}, {} ms", request.method, shown, outcome, took.count()));
  }
  if (response)
    response->body = std::make_unique<GovernedBody>(std::move(response->body), std::move(slot));
  co_return response;
}

}  // namespace portolan::client
