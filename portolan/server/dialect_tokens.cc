#include "portolan/server/dialect_tokens.h"

#include <chrono>
#include <cstddef>
#include <optional>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "portolan/auth/certificate.h"
#include "portolan/auth/jwt.h"
#include "portolan/auth/key_set.h"
#include "portolan/auth/opaque_tokens.h"
#include "portolan/auth/token_verifier.h"
#include "portolan/base/random_text.h"
#include "portolan/server/audit_request.h"
#include "portolan/server/dialect_reply.h"
#include "portolan/server/login.h"
#include "portolan/server/reply.h"
#include "portolan/server/token_request.h"

namespace portolan::server {
namespace {

constexpr std::size_t kIdBytes = 16;

Result<auth::TrustedIssuer> Own(const dialect::Tokens& tokens, const auth::SigningKey& key) {
  auth::TrustedIssuer issuer{.issuer = std::string(tokens.issuer),
                             .audiences = {std::string(tokens.service)},
                             .keys = {},
                             .roots = {},
                             .source = nullptr,
                             .algorithms = {},
                             .repositories = {},
                             .own = true,
                             .leeway = tokens.leeway,
                             .push_deletes = tokens.push_deletes,
                             .own_prefix = std::string(tokens.own_prefix),
                             .nobody = std::string(tokens.nobody),
                             .names = {}};
  issuer.keys.Add(key.public_key());
  if (!key.certificates().empty()) {
    PORTOLAN_TRY(issuer.roots, auth::CertificateRoots::FromPem(key.certificates()));
  }
  return issuer;
}

class Tokens final : public DialectTokens, public http::Service {
 public:
  Tokens(const DialectTokenParts& parts, auth::SigningKey key)
      : parts_(parts),
        tokens_(parts.served.tokens),
        key_(std::move(key)),
        door_(parts.others, parts.login_pool, parts.login_limiter, parts.audit, parts.clock) {}

  Status Prepare() {
    if (tokens_.opaque != nullptr) {
      auto table = std::make_unique<auth::OpaqueTokens>(parts_.accounts, parts_.clock);
      opaque_ = table.get();
      verifier_ = std::move(table);
    } else {
      PORTOLAN_TRY(auth::TrustedIssuer own, Own(tokens_, key_));
      verifier_ = auth::NewTokenVerifier({std::move(own)}, parts_.accounts, parts_.clock);
    }
    if (parts_.also != nullptr) either_ = auth::NewEitherVerifier(*verifier_, *parts_.also);
    authenticator_ =
        auth::NewBearerAuthenticator(parts_.others, either_ ? *either_ : *verifier_,
                                     {.realm = parts_.realm,
                                      .service = std::string(tokens_.service),
                                      .path = parts_.path + std::string(tokens_.path)});
    return {};
  }

  auth::Authenticator& authenticator() override { return *authenticator_; }
  auth::TokenVerifier& verifier() override { return *verifier_; }
  http::Service& service() override { return *this; }

  async::Task<http::Response> Handle(http::Request request) override {
    if (request.method != "GET" && request.method != "HEAD") {
      http::Response response =
          Failure(request, Fail(ErrorCode::kUnsupported, "this method is not offered here"));
      response.headers.Add("Allow", "GET, HEAD");
      co_return response;
    }
    const wire::Query query(request.url.Query());
    if (tokens_.refuse_scopes != nullptr) {
      if (const auto words = tokens_.refuse_scopes(query.GetAll("scope"))) {
        co_return Challenged(request, *words);
      }
    }
    const Result<TokenAsked> asked = ReadTokenQuery(query);
    if (!asked) co_return Failure(request, asked.error());
    const Identified proved = co_await Prove(request);
    const Result<auth::Identity>& identity = proved.identity;
    if (!identity) {
      AuditRefusedProof(parts_.audit, *asked, request, identity.error());
      http::Response response = Failure(request, identity.error());
      if (proved.retry_after.count() > 0) {
        response.headers.Set("Retry-After", std::to_string(proved.retry_after.count()));
      }
      co_return response;
    }
    http::Response response = co_await async::OnPool(
        parts_.pool, [&] { return Issue(request, *identity, asked->scopes); });
    response.principal = identity->name;
    co_return response;
  }

 private:
  async::Task<Identified> Prove(const http::Request& request) {
    const bool brings = !request.headers.Get("Authorization").empty();
    if (brings && parts_.others.Challenge().empty()) {
      co_return Identified{.identity = Fail(ErrorCode::kUnauthorized, "nobody can log in here")};
    }
    co_return co_await Identify(door_, request.headers.Get("Authorization"), request.peer_address);
  }

  http::Response Issue(const http::Request& request, const auth::Identity& bearer,
                       const std::vector<wire::Scope>& asked) {
    const std::string id = RandomBase64Url(parts_.random, kIdBytes);
    const std::vector<wire::Scope> granted = Grant(bearer, asked);
    const Result<std::string> more = MoreClaims(bearer);
    if (!more) return Failure(request, more.error());
    const dialect::TokenFacts facts{.name = bearer.name,
                                    .service = tokens_.service,
                                    .issuer = tokens_.issuer,
                                    .lifetime = tokens_.lifetime,
                                    .now = parts_.clock.WallNow().time_since_epoch(),
                                    .asked = asked,
                                    .granted = granted,
                                    .id = id,
                                    .algorithm = NameOf(key_.algorithm()),
                                    .kid = key_.public_key().thumbprint(),
                                    .x5c = key_.chain(),
                                    .more_claims = *more};
    if (tokens_.refuse_grant != nullptr) {
      if (const auto words = tokens_.refuse_grant(facts)) return Challenged(request, *words);
    }
    const Result<std::string> token = Write(facts, bearer);
    if (!token) return Failure(request, token.error());
    AuditToken(parts_.audit, {.who = bearer.name,
                              .peer = request.peer_address,
                              .service = tokens_.service,
                              .scope = ScopeText(granted)});
    http::Response response = JsonReply(200, tokens_.reply(facts, *token));
    if (!tokens_.cache_control.empty()) {
      response.headers.Add("Cache-Control", tokens_.cache_control);
    }
    return response;
  }

  std::vector<wire::Scope> Grant(const auth::Identity& bearer,
                                 const std::vector<wire::Scope>& asked) {
    const auto rules = parts_.rules.Get();
    std::vector<wire::Scope> granted;
    for (wire::Scope scope : asked) {
      const bool with_prefix =
          !tokens_.own_prefix.empty() && scope.name.starts_with(tokens_.own_prefix);
      if (with_prefix) scope.name.erase(0, tokens_.own_prefix.size());
      std::vector<wire::Scope> allowed = rules->Grant(bearer, std::span(&scope, 1));
      if (allowed.empty() || IsHidden(*rules, bearer, scope)) continue;
      if (with_prefix) allowed.front().name.insert(0, tokens_.own_prefix);
      granted.push_back(std::move(allowed.front()));
    }
    return granted;
  }
  // Whether it is not there, and the bearer could not make it.
  bool IsHidden(const auth::AccessRules& rules, const auth::Identity& bearer,
                const wire::Scope& scope) {
    const Result<oci::RepositoryName> name = oci::RepositoryName::Parse(scope.name);
    if (scope.type != "repository" || !name) return false;
    if (rules.Allowed(bearer, &*name).Has(auth::Action::kCreate)) return false;
    const Status there = parts_.metadata.ListTags(*name, {}, 0, [](std::string_view) {});
    return !there && there.error().code == ErrorCode::kNameUnknown;
  }

  Result<std::string> MoreClaims(const auth::Identity& bearer) {
    if (parts_.accounts == nullptr || bearer.anonymous()) return std::string();
    PORTOLAN_TRY(const std::optional<std::int64_t> epoch, parts_.accounts->EpochOf(bearer.name));
    return epoch ? fmt::format(R"(,"{}":"{}")", auth::kEpochClaim, *epoch) : std::string();
  }

  Result<std::string> Write(const dialect::TokenFacts& facts, auth::Identity bearer) {
    if (opaque_ == nullptr) {
      const dialect::JwtParts parts = tokens_.jwt(facts);
      return auth::SignJwtText(key_, parts.header, parts.claims);
    }
    std::string token = tokens_.opaque(facts);
    bearer.grants = std::make_shared<const auth::Grants>(
        std::vector<wire::Scope>(facts.granted.begin(), facts.granted.end()));
    PORTOLAN_CHECK(opaque_->Keep(token, std::move(bearer), facts.lifetime));
    return token;
  }

  http::Response Challenged(const http::Request& request, const dialect::Words& words) const {
    http::Response response = WordsReply(words);
    if (words.challenge) {
      const std::string origin =
          parts_.external_url.empty() ? request.url.origin.ToString() : parts_.external_url;
      response.headers.Add("WWW-Authenticate", authenticator_->ChallengeFor({.origin = origin}));
    }
    return response;
  }

  http::Response Failure(const http::Request& request, const Error& error) const {
    int status = InfoOf(error.code).http_status;
    if (error.code == ErrorCode::kUsage || error.code == ErrorCode::kTooLarge) status = 400;
    if (status == 0 || status >= 500) {
      parts_.log.Warn(error.message);
      return ErrorReply(Fail(ErrorCode::kInternal, "the token service could not do it"));
    }
    return Challenged(
        request, tokens_.error({.code = error.code, .status = status, .message = error.message}));
  }

  const DialectTokenParts parts_;
  const dialect::Tokens& tokens_;
  const auth::SigningKey key_;
  const Door door_;
  std::unique_ptr<auth::TokenVerifier> verifier_;
  std::unique_ptr<auth::TokenVerifier> either_;  // null: there are no others
  auth::OpaqueTokens* opaque_ = nullptr;         // the verifier, where tokens are opaque
  std::unique_ptr<auth::Authenticator> authenticator_;
};

}  // namespace

Result<std::unique_ptr<DialectTokens>> DialectTokens::Make(const DialectTokenParts& parts,
                                                           auth::SigningKey key) {
  auto tokens = std::make_unique<Tokens>(parts, std::move(key));
  PORTOLAN_CHECK(tokens->Prepare());
  return std::unique_ptr<DialectTokens>(std::move(tokens));
}

}  // namespace portolan::server
