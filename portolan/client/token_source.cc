#include "portolan/client/token_source.h"

#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "portolan/base/base64.h"
#include "portolan/wire/error_body.h"

namespace portolan::client {
namespace {

constexpr std::string_view kClientId = "portolan";

// Scopes may come from a challenge: a peer's text.
std::string Shown(const std::vector<std::string>& scopes) {
  return Printable(fmt::format("{}", fmt::join(scopes, " ")), 1024);
}

bool IsLocalName(std::string_view host) {
  return host == "localhost" || host.ends_with(".localhost");
}

// A literal private address needs no name resolution to be refused, so it is refused behind a proxy
// too.
bool IsPrivateLiteral(std::string_view host) {
  if (IsLocalName(host)) return true;
  if (host.starts_with('[') && host.ends_with(']'))
    return IsPrivateAddress(host.substr(1, host.size() - 2));
  const bool looks_like_ipv4 = host.find_first_not_of("0123456789.") == std::string_view::npos;
  return looks_like_ipv4 && IsPrivateAddress(host);
}

http::Request BaseRequest(const TokenWish& wish) {
  http::Request request;
  request.tls = wish.tls;
  request.headers.Set("Accept", "application/json");
  const bool same_host = wish.request.realm.origin.host == wish.registry.host;
  if (!same_host && wish.tls && wish.tls->client_pair) {
    // Our certificate is for the registry; a realm elsewhere has not asked for it.
    auto tls = std::make_shared<http::TlsSettings>(*wish.tls);
    tls->client_pair.reset();
    request.tls = std::move(tls);
  }
  if (!same_host && !wish.registry_private && !IsPrivateLiteral(wish.registry.host)) {
    request.address_policy = http::AddressPolicy::kPublicOnly;
  }
  return request;
}

}  // namespace

TokenSource::TokenSource(Sender& sender, const Clock& clock, Log& log, const Limits& limits)
    : sender_(sender), clock_(clock), log_(log), limits_(limits) {}

async::Task<Result<RegistryMemory::Token>> TokenSource::Fetch(TokenWish wish) {
  for (const std::shared_ptr<Flight>& under_way : flights_) {
    if (under_way->wish != wish) continue;
    const std::shared_ptr<Flight> flight = under_way;
    PORTOLAN_CO_CHECK(co_await flight->landed.Wait());
    co_return *flight->result;
  }
  const auto flight = std::make_shared<Flight>();
  flight->wish = std::move(wish);
  flights_.push_back(flight);
  flight->result = co_await FetchNow(flight->wish);
  std::erase(flights_, flight);
  flight->landed.Set();
  co_return *flight->result;
}

Status TokenSource::CheckRealm(const TokenWish& wish) const {
  const Origin& realm = wish.request.realm.origin;
  if (realm.scheme != "https" && wish.registry.scheme == "https") {
    return Fail(ErrorCode::kUnsafeTarget,
                fmt::format("{} wants tokens fetched over plain http from {}",
                            wish.registry.HostPort(), realm.HostPort()),
                "the registry's token realm must be an https URL; nothing was sent");
  }
  const bool registry_private = wish.registry_private || IsPrivateLiteral(wish.registry.host);
  if (realm.host != wish.registry.host && !registry_private && IsPrivateLiteral(realm.host)) {
    return Fail(
        ErrorCode::kUnsafeTarget,
        fmt::format("{} wants tokens fetched from the private address {}", wish.registry.HostPort(),
                    realm.HostPort()),
        "only a registry that is itself on a private network may name one; nothing was sent");
  }
  return {};
}

async::Task<Result<Sender::Answer>> TokenSource::Ask(const TokenWish& wish) {
  const bool private_allowed = wish.registry_private || IsPrivateLiteral(wish.registry.host);
  if (!wish.credentials.identity_token.empty()) {
    http::Request request = BaseRequest(wish);
    request.method = "POST";
    request.url = wish.request.realm;
    std::string form = wish.request.RefreshTokenForm(wish.credentials.identity_token, kClientId);
    request.headers.Set("Content-Type", "application/x-www-form-urlencoded");
    request.content_length = form.size();
    request.body = [form = std::move(form)] { return http::NewTextBody(form); };
    PORTOLAN_CO_TRY(Sender::Answer answer,
                    co_await sender_.Send(std::move(request), private_allowed));
    // Endpoints without the OAuth2 form answer 404 or 405; with a password the GET form can still
    // be tried.
    const bool unsupported = answer.response.status == 404 || answer.response.status == 405;
    if (!unsupported || wish.credentials.password.empty()) {
      co_return Result<Sender::Answer>(std::move(answer));
    }
  }
  http::Request request = BaseRequest(wish);
  request.url = wish.request.GetUrl();
  if (!wish.credentials.username.empty() && !wish.credentials.password.empty()) {
    const std::string pair = wish.credentials.username + ":" + wish.credentials.password.Reveal();
    request.headers.Set("Authorization", "Basic " + Base64Encode(pair));
  }
  co_return co_await sender_.Send(std::move(request), private_allowed);
}

Error TokenSource::Refused(const TokenWish& wish, int status, std::string_view body) const {
  const std::string endpoint =
      wish.request.realm.origin.ToString() + std::string(wish.request.realm.Path());
  const std::string what =
      wish.request.scopes.empty()
          ? fmt::format("token from {}", endpoint)
          : fmt::format("token for {} from {}", Shown(wish.request.scopes), endpoint);
  const wire::ErrorBody said = wire::ErrorBody::Parse(body);
  Error error = wire::ToError(status, said, what);
  if (status == 400 || status == 404) error.code = ErrorCode::kUnauthorized;
  if (status < 400 || status > 404) return error;
  if (!wish.credentials.empty() && (status == 401 || status == 403)) {
    error.message = fmt::format("{}: {} was refused{}{}", what, wish.identity,
                                said.summary.empty() ? "" : ": ", said.summary);
  }
  error.hint =
      wish.credentials.empty()
          ? fmt::format("the repository does not exist, or needs a login: portolan login {}",
                        wish.registry_name)
          : fmt::format(
                "see with portolan auth explain which credentials are used; log in again with "
                "portolan login {}",
                wish.registry_name);
  return error;
}

async::Task<Result<RegistryMemory::Token>> TokenSource::FetchNow(const TokenWish& wish) {
  PORTOLAN_CO_CHECK(CheckRealm(wish));
  const Clock::Instant asked_at = clock_.Now();
  PORTOLAN_CO_TRY(Sender::Answer answer, co_await Ask(wish));
  if (answer.response.status != 200) {
    const std::string body = co_await http::ReadStart(*answer.response.body, limits_.error_body);
    co_return Refused(wish, answer.response.status, body);
  }
  PORTOLAN_CO_TRY(const std::string body,
                  co_await http::ReadAll(*answer.response.body, limits_.token_reply));
  Result<wire::TokenReply> reply = wire::TokenReply::Parse(body);
  if (!reply)
    co_return Wrap(std::move(reply).error(), "token from " + wish.request.realm.origin.ToString());

  RegistryMemory::Token token;
  token.realm = wish.request.realm.ToString();
  token.service = wish.request.service;
  token.scopes = wish.request.scopes;
  token.text = std::move(reply->token);
  token.stated_lifetime = reply->expires_in;
  // The local clock, from before the request was sent, and a tenth early: a token is never used
  // after its end, whatever date the server believes in.
  token.use_until =
      asked_at + std::chrono::duration_cast<Clock::Duration>(reply->Lifetime()) * 9 / 10;
  if (log_.debugging()) {
    log_.Debug(fmt::format(
        "token for {}: used for {} s ({})", Shown(token.scopes), reply->Lifetime().count(),
        reply->expires_in ? fmt::format("the endpoint says {} s", reply->expires_in->count())
                          : std::string("the endpoint does not say how long it lives")));
  }
  co_return Result<RegistryMemory::Token>(std::move(token));
}

}  // namespace portolan::client
