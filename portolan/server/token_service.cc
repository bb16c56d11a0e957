#include "portolan/server/token_service.h"

#include <algorithm>
#include <cstddef>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "portolan/auth/basic.h"
#include "portolan/base/base64.h"
#include "portolan/base/random_text.h"
#include "portolan/http/body.h"
#include "portolan/oci/hash.h"
#include "portolan/server/audit_request.h"
#include "portolan/server/login.h"
#include "portolan/server/reply.h"
#include "portolan/server/timestamp.h"
#include "portolan/server/token_request.h"

namespace portolan::server {
namespace {

using Proof = TokenAsked::Proof;

constexpr std::size_t kMaxForm = 128U << 10U;
constexpr std::string_view kFormType = "application/x-www-form-urlencoded";
constexpr std::string_view kNoStore = "no-store";

// Who it is, and whether it may have a refresh token: for a password or an API key alone, since an
// identity token must not be made to live longer.
struct Proved {
  auth::Identity identity;
  bool may_refresh = false;
  Secret refresh_token;     // the one that it came with
  std::string for_service;  // to which that is bound
};

struct Answer {
  std::string service;
  auth::IssuedToken token;
  std::vector<wire::Scope> granted;
  Secret refresh_token;
};

// Tokens have no character that JSON would escape; scopes neither.
http::Response TokenReply(const Answer& answer, const TokenAsked& asked) {
  std::string body = fmt::format(R"({{"token":"{0}","access_token":"{0}","expires_in":{1},)"
                                 R"("issued_at":"{2}")",
                                 answer.token.token, answer.token.lifetime.count(),
                                 Timestamp(store::ToMillis(answer.token.issued)));
  if (asked.is_post) {
    body += fmt::format(R"(,"scope":"{}","token_type":"Bearer")", ScopeText(answer.granted));
  }
  if (asked.proof == Proof::kIdentityToken) {  // RFC 8693 §2.2.1
    body += R"(,"issued_token_type":"urn:ietf:params:oauth:token-type:access_token")";
  }
  if (!answer.refresh_token.empty()) {
    body += fmt::format(R"(,"refresh_token":"{}")", answer.refresh_token.Reveal());
  }
  http::Response response = JsonReply(200, body + "}");
  response.headers.Add("Cache-Control", kNoStore);
  return response;
}

Secret NewRefreshToken(Random& random) { return Secret("ptr_" + RandomBase64Url(random, 32)); }

class TokenService final : public http::Service {
 public:
  explicit TokenService(const TokenServiceParts& parts)
      : parts_(parts),
        door_(parts.authenticator, parts.login_pool, parts.login_limiter, parts.audit, parts.clock),
        jwks_(parts.issuer.keys().ToJwks()),
        bundle_(parts.issuer.CertificateBundle()) {}

  async::Task<http::Response> Handle(http::Request request) override {
    const std::string_view path = request.url.Path();
    const bool reads = request.method == "GET" || request.method == "HEAD";
    if (path == kTokenPath && (reads || request.method == "POST")) {
      co_return co_await Token(std::move(request));
    }
    if (path == kTokenPath) co_return NoSuchMethod("GET, HEAD, POST");
    if (!IsTokenServicePath(path) && path != "/healthz") {
      co_return ErrorReply(Fail(ErrorCode::kNameUnknown, "there is nothing here; ask /token"), 404);
    }
    if (!reads) co_return NoSuchMethod("GET, HEAD");
    if (path == kJwksPath) co_return Public(jwks_, "application/jwk-set+json");
    if (path == kBundlePath) co_return Public(bundle_, "application/x-pem-file");
    co_return JsonReply(200, R"({"status":"ok"})");
  }

 private:
  static http::Response NoSuchMethod(std::string_view allowed) {
    http::Response response =
        ErrorReply(Fail(ErrorCode::kUnsupported, "this method is not offered here"));
    response.headers.Add("Allow", allowed);
    return response;
  }
  static http::Response Public(const std::string& text, std::string_view type) {
    http::Response response = JsonReply(200, text, type);
    // Short: whoever caches it must see a new key before the first token that is signed with it.
    response.headers.Add("Cache-Control", "public, max-age=60");
    return response;
  }

  async::Task<http::Response> Token(http::Request request) {
    Result<TokenAsked> asked = request.method == "POST"
                                   ? co_await ReadForm(request)
                                   : ReadTokenQuery(wire::Query(request.url.Query()));
    if (!asked) co_return Failure(asked.error());
    std::chrono::seconds retry_after{0};
    Result<Proved> proved = co_await Prove(*asked, request, retry_after);
    if (!proved) {
      AuditRefusedProof(parts_.audit, *asked, request, proved.error());
      http::Response response = Failure(proved.error());
      if (retry_after.count() > 0) {
        response.headers.Set("Retry-After", std::to_string(retry_after.count()));
      }
      co_return response;
    }
    const std::string name = proved->identity.name;
    const Result<Answer> answer = co_await Issue(*asked, *std::move(proved));
    if (answer) {
      AuditToken(parts_.audit, {.who = name,
                                .peer = request.peer_address,
                                .service = answer->service,
                                .scope = ScopeText(answer->granted),
                                .new_refresh = asked->proof != Proof::kRefreshToken &&
                                               !answer->refresh_token.empty()});
    } else {
      AuditRefusedProof(parts_.audit, *asked, request, answer.error());
    }
    http::Response response = answer ? TokenReply(*answer, *asked) : Failure(answer.error());
    response.principal = name;
    co_return response;
  }

  static async::Task<Result<TokenAsked>> ReadForm(http::Request& request) {
    const std::string_view type = request.headers.Get("Content-Type");
    if (!type.starts_with(kFormType)) {
      co_return Fail(ErrorCode::kUsage,
                     fmt::format("a POST to /token has the Content-Type {}", kFormType));
    }
    if (!request.body) co_return Fail(ErrorCode::kUsage, "the form is empty");
    const std::unique_ptr<http::BodyReader> body = request.body();
    const Result<std::string> form = co_await http::ReadAll(*body, kMaxForm);
    if (form) co_return ReadTokenForm(wire::Query(*form));
    if (form.error().code == ErrorCode::kTooLarge) co_return form.error();
    co_return Fail(ErrorCode::kUsage, "the form did not come whole");
  }

  async::Task<Result<Proved>> Prove(TokenAsked& asked, const http::Request& request,
                                    std::chrono::seconds& retry_after) {
    switch (asked.proof) {
      case Proof::kField: {
        const std::string_view field = request.headers.Get("Authorization");
        co_return Of(co_await Identify(door_, field, request.peer_address), auth::IsBasic(field),
                     retry_after);
      }
      case Proof::kPassword: {
        // As if it had come in the field: one way to prove a password.
        const std::string field = "Basic " + Base64Encode(asked.user + ":" + asked.secret.Reveal());
        co_return Of(co_await Identify(door_, field, request.peer_address), true, retry_after);
      }
      case Proof::kRefreshToken:
        co_return co_await async::OnPool(parts_.pool, [this, &asked] { return Refresh(asked); });
      case Proof::kIdentityToken:
        co_return co_await async::OnPool(parts_.pool, [this, &asked, &retry_after] {
          return Of({.identity = parts_.verifier.Verify(asked.secret.Reveal())}, false,
                    retry_after);
        });
    }
    co_return Fail(ErrorCode::kInternal, "a proof of no kind");
  }

  // A token that says what it allows buys no other one: else it would live for as long as its
  // bearer cares to renew it.
  static Result<Proved> Of(Identified identified, bool by_password,
                           std::chrono::seconds& retry_after) {
    retry_after = identified.retry_after;
    Result<auth::Identity>& identity = identified.identity;
    if (!identity) return std::move(identity).error();
    if (identity->grants != nullptr) {
      return Fail(ErrorCode::kUnauthorized, "an access token does not give another one",
                  "log in with a name and a password, or send an identity token");
    }
    const bool may_refresh = by_password && !identity->anonymous();
    return Proved{.identity = *std::move(identity), .may_refresh = may_refresh};
  }

  Result<Proved> Refresh(const TokenAsked& asked) {
    const Error refused =
        Fail(ErrorCode::kUnauthorized,
             "the refresh token is not (or no longer) one of this service", "log in again");
    if (parts_.accounts == nullptr) return refused;
    PORTOLAN_TRY(const std::optional<auth::RefreshToken> known,
                 parts_.accounts->FindRefreshToken(oci::Sha256(asked.secret.Reveal())));
    if (!known) return refused;
    return Proved{
        .identity = {.name = known->account, .api_key = known->api_key, .grants = nullptr},
        .refresh_token = asked.secret,
        .for_service = known->service};
  }

  // Audiences are this service's list; what a client names is only compared with it.
  Result<std::string> ServiceFor(const TokenAsked& asked, const Proved& proved) const {
    const std::vector<std::string>& services = parts_.issuer.options().services;
    std::string service = asked.service;
    if (service.empty()) service = proved.for_service;
    if (service.empty()) service = services.front();
    const bool known = std::ranges::find(services, service) != services.end();
    if (known && (proved.for_service.empty() || proved.for_service == service)) return service;
    return Fail(ErrorCode::kUsage, "tokens for this service are not issued here",
                fmt::format("it is called {}", services.front()));
  }

  async::Task<Result<Answer>> Issue(const TokenAsked& asked, Proved proved) {
    PORTOLAN_CO_TRY(std::string service, ServiceFor(asked, proved));
    co_return co_await async::OnPool(parts_.pool, [&]() -> Result<Answer> {
      Answer answer{.service = service};
      PORTOLAN_TRY(const std::optional<std::int64_t> epoch, EpochOf(proved.identity));
      answer.granted = parts_.rules.Get()->Grant(proved.identity, asked.scopes);
      PORTOLAN_TRY(answer.token,
                   parts_.issuer.Issue(proved.identity, service, answer.granted, epoch));
      answer.refresh_token = proved.refresh_token;
      if (asked.offline && proved.may_refresh) {
        PORTOLAN_TRY(answer.refresh_token, SaveRefreshToken(proved, asked, service));
      }
      return answer;
    });
  }

  Result<std::optional<std::int64_t>> EpochOf(const auth::Identity& identity) {
    if (parts_.accounts == nullptr || identity.anonymous()) return std::optional<std::int64_t>();
    PORTOLAN_TRY(const std::optional<std::int64_t> epoch, parts_.accounts->EpochOf(identity.name));
    if (epoch) return epoch;
    // Whoever has an account without one has just lost it.
    PORTOLAN_TRY(const std::optional<auth::Account> account, parts_.accounts->Find(identity.name));
    if (!account) return epoch;
    return Fail(ErrorCode::kUnauthorized, "the account may not log in any more");
  }

  // Empty where the name has no account: its client goes on with the password.
  Result<Secret> SaveRefreshToken(const Proved& proved, const TokenAsked& asked,
                                  const std::string& service) {
    if (parts_.accounts == nullptr) return Secret();
    Secret token = NewRefreshToken(parts_.random);
    const Status saved = parts_.accounts->SaveRefreshToken(
        oci::Sha256(token.Reveal()), {.account = proved.identity.name,
                                      .service = service,
                                      .client_id = asked.client_id,
                                      .api_key = proved.identity.api_key,
                                      .expires = parts_.clock.WallNow() + parts_.refresh_lifetime});
    if (saved) return token;
    if (saved.error().code == ErrorCode::kDenied) return Secret();
    return saved.error();
  }

  // Never for want of rights: those are simply not in the token.
  http::Response Failure(const Error& error) const {
    int status = InfoOf(error.code).http_status;
    if (error.code == ErrorCode::kUsage || error.code == ErrorCode::kTooLarge) status = 400;
    if (status == 0 || status >= 500) {
      parts_.log.Warn(error.message);
      if (error.code == ErrorCode::kBusy) return ErrorReply(error);
      return ErrorReply(Fail(ErrorCode::kInternal, "the token service could not do it"));
    }
    http::Response response = ErrorReply(error, status);
    if (status == 401) response.headers.Add("WWW-Authenticate", "Basic realm=\"token service\"");
    response.headers.Add("Cache-Control", kNoStore);
    return response;
  }

  const TokenServiceParts parts_;
  const Door door_;
  const std::string jwks_;
  const std::string bundle_;
};

}  // namespace

bool IsTokenServicePath(std::string_view path) {
  return path == kTokenPath || path == kJwksPath || path == kBundlePath;
}

std::unique_ptr<http::Service> NewTokenService(const TokenServiceParts& parts) {
  return std::make_unique<TokenService>(parts);
}

}  // namespace portolan::server
