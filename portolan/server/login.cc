#include "portolan/server/login.h"

#include <chrono>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "portolan/auth/basic.h"
#include "portolan/base/text.h"
#include "portolan/server/dialect_reply.h"
#include "portolan/server/reply.h"
#include "portolan/wire/challenge.h"
#include "portolan/wire/scope.h"

namespace portolan::server {
namespace {

// Whether a token with more in it would do.
bool WouldATokenHelp(const Route& route, const Call& call) {
  if (call.identity.grants == nullptr) return false;
  if (!call.identity.by_rules) return true;
  auth::Identity without = call.identity;
  without.grants = nullptr;
  const oci::RepositoryName* const repository =
      call.endpoint.repository ? &*call.endpoint.repository : nullptr;
  return Admits(route, call.rules->Allowed(without, repository));
}

http::Response Challenged(const Backend& backend, Error error, const auth::ChallengeRequest& what) {
  const std::string challenge = backend.parts.authenticator.ChallengeFor(what);
  if (challenge.empty()) return ErrorReply(error, 403);
  error.code = ErrorCode::kUnauthorized;
  http::Response response = ErrorReply(error);
  response.headers.Add("WWW-Authenticate", challenge);
  return response;
}

// One login, on its way through the pool. Owns what it uses.
struct Attempt {
  std::string authorization;
  std::string name;
  std::string address;
  std::shared_ptr<auth::LoginLimiter> limiter;
};

Identified Limited(std::chrono::seconds wait) {
  return {.identity = Fail(ErrorCode::kTooManyRequests,
                           "too many wrong passwords for this name, or from this address",
                           fmt::format("try again in {} s", wait.count())),
          .retry_after = wait};
}

Identified Try(auth::Authenticator& authenticator, const Attempt& attempt) {
  // Again: many may have been waiting here when the first of them failed.
  if (const auto wait = attempt.limiter->RetryAfter(attempt.name, attempt.address)) {
    return Limited(*wait);
  }
  Result<auth::Identity> identity = authenticator.Authenticate(attempt.authorization);
  if (identity) {
    attempt.limiter->Succeeded(attempt.name, attempt.address);
  } else if (identity.error().code == ErrorCode::kUnauthorized) {
    attempt.limiter->Failed(attempt.name, attempt.address);
  }
  return {.identity = std::move(identity)};
}

async::Task<Identified> TryOnPool(const Door& door, const Attempt& attempt) {
  if (const auto wait = attempt.limiter->RetryAfter(attempt.name, attempt.address)) {
    co_return Limited(*wait);
  }
  co_return co_await async::OnPool(door.pool, [&authenticator = door.authenticator, attempt] {
    return Try(authenticator, attempt);
  });
}

// The scope of tokens that a request to this route needs: `repository:a/b:pull,push`, with that of
// a mount's source behind it; empty where none would help.
std::string ScopeOf(const Backend& backend, const Route& route, const Call& call) {
  if (!route.needs[0]) return {};
  if (*route.needs[0] == auth::Action::kCatalog) return wire::Scope::ForCatalog().ToString();
  std::string_view method = "GET";
  if (*route.needs[0] == auth::Action::kCreate) method = "PUT";
  if (*route.needs[0] == auth::Action::kDelete) {
    const dialect::Served* const served = backend.parts.served;
    method = served != nullptr && served->tokens.push_deletes ? "PUT" : "DELETE";
  }
  std::string scope = wire::Scope::ForRepository(call.repository(), method).ToString();
  if (route.resource != wire::Resource::kUploads) return scope;
  if (const auto from = call.query.Get("from"); from && call.query.Get("mount")) {
    if (const auto source = oci::RepositoryName::Parse(*from)) {
      scope += ' ' + wire::Scope::ForRepository(*source, "GET").ToString();
    }
  }
  return scope;
}

}  // namespace

Door::Door(auth::Authenticator& an_authenticator, async::Pool& a_pool,
           std::shared_ptr<auth::LoginLimiter> a_limiter, AuditLog* an_audit, const Clock& clock)
    : authenticator(an_authenticator),
      pool(a_pool),
      limiter(a_limiter ? std::move(a_limiter) : std::make_shared<auth::LoginLimiter>(clock)),
      audit(an_audit) {}

async::Task<Identified> Identify(const Door& door, std::string_view authorization,
                                 std::string_view peer_address) {
  auth::Authenticator& authenticator = door.authenticator;
  if (std::optional<auth::Identity> known = authenticator.Known(authorization)) {
    co_return Identified{.identity = *std::move(known)};
  }
  std::optional<auth::BasicCredentials> basic = auth::ParseBasic(authorization);
  if (!basic) {  // nothing that could be guessed
    co_return co_await async::OnPool(
        door.pool, [&authenticator, text = std::string(authorization)] {
          return Identified{.identity = authenticator.Authenticate(text)};
        });
  }
  const Attempt attempt{.authorization = std::string(authorization),
                        .name = std::move(basic->user),
                        .address = std::string(peer_address),
                        .limiter = door.limiter};
  Identified identified = co_await TryOnPool(door, attempt);
  if (door.audit != nullptr && identified.retry_after.count() > 0) {
    door.audit->Write({.event = "login.limited",
                       .outcome = "refused",
                       .who = attempt.name,
                       .peer = attempt.address,
                       .reason = "too many wrong passwords"});
  }
  co_return identified;
}

std::string OriginOf(const RegistryOptions& options, const http::Request& request) {
  return options.external_url.empty() ? request.url.origin.ToString() : options.external_url;
}

http::Response Unauthorized(const Backend& backend, const Route& route, const Call& call,
                            Error error) {
  const http::Request& request = call.request;
  const std::string scope = ScopeOf(backend, route, call);
  if (backend.parts.served != nullptr) {
    return InDialect(backend, request, error,
                     {.endpoint = &call.endpoint, .scope = scope, .bad_credentials = true});
  }
  // Whoever sent a token needs another one; others need credentials, which is no error of a
  // token's.
  const bool with_token = wire::BearerToken(request.headers.Get("Authorization")).has_value();
  const std::string origin = OriginOf(backend.options, request);
  return Challenged(backend, std::move(error),
                    {.origin = origin,
                     .scope = scope,
                     .error = with_token ? std::string_view("invalid_token") : std::string_view()});
}

http::Response Refused(const Backend& backend, const Route& route, const Call& call) {
  const std::string_view action = NameOf(*route.needs[0]);
  const Error refusal = Fail(
      ErrorCode::kDenied,
      call.endpoint.repository
          ? fmt::format("{} of the repository {} is not allowed", action, call.repository().text())
          : fmt::format("{} is not allowed", action));
  const std::string scope = ScopeOf(backend, route, call);
  if (backend.parts.served != nullptr) {
    const bool has_token = call.identity.grants != nullptr;
    return InDialect(
        backend, call.request,
        Fail(has_token ? ErrorCode::kDenied : ErrorCode::kUnauthorized, refusal.message),
        {.endpoint = &call.endpoint, .scope = scope});
  }
  const bool token_helps = WouldATokenHelp(route, call);
  if (!call.identity.anonymous() && !token_helps) {
    return ErrorReply(refusal, 0, DetailOf(call.endpoint));
  }
  const std::string origin = OriginOf(backend.options, call.request);
  const bool with_token = call.identity.grants != nullptr;
  return Challenged(
      backend, refusal,
      {.origin = origin,
       .scope = scope,
       .error = with_token ? std::string_view("insufficient_scope") : std::string_view()});
}

}  // namespace portolan::server
