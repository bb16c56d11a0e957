#include "portolan/admin/token_parts.h"

#include <chrono>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "portolan/admin/registry_process.h"
#include "portolan/async/loop.h"
#include "portolan/auth/key_source.h"
#include "portolan/base/limits.h"
#include "portolan/http/body.h"
#include "portolan/server/token_service.h"

namespace portolan::admin {
namespace {

constexpr std::chrono::seconds kFetchTimeout{5};

Result<std::vector<auth::SigningKey>> ReadKeys(const std::vector<std::string>& paths,
                                               Files& files) {
  std::vector<auth::SigningKey> keys;
  for (const std::string& path : paths) {
    PORTOLAN_TRY(auth::SigningKey key, ReadSigningKey(path, files));
    keys.push_back(std::move(key));
  }
  return keys;
}

async::Task<Result<std::string>> Get(http::Client& client, http::Request request) {
  const std::string url = request.url.ToString();
  PORTOLAN_CO_TRY(http::Response response, co_await client.Send(std::move(request)));
  if (response.status != 200) {
    co_return Fail(ErrorCode::kServerError,
                   fmt::format("{} answered with {}", url, response.status));
  }
  co_return co_await http::ReadAll(*response.body, Limits().token_reply);
}

// On a loop of its own: whoever verifies a token is on a pool's thread and waits.
Result<std::string> Fetch(const Url& url, const Environment& environment) {
  async::Loop loop;
  loop.CancelAfter(kFetchTimeout);
  const std::unique_ptr<http::Client> client = http::NewNetworkClient(loop, environment, Limits());
  http::Request request;
  request.url = url;
  request.headers.Add("Accept", "application/json");
  return loop.Run(Get(*client, std::move(request)));
}

std::shared_ptr<auth::KeySource> SourceOf(const settings::Issuer& issuer, const Machine& machine) {
  if (issuer.jwks.empty()) return nullptr;
  auth::FetchedKeys::Times times;
  std::function<Result<std::string>()> fetch;
  const Result<Url> url = Url::Parse(issuer.jwks);
  if (url && issuer.jwks.contains("://")) {
    fetch = [url = *url, &environment = machine.environment] { return Fetch(url, environment); };
  } else {
    times.min_interval = std::chrono::seconds(1);
    times.max_age = std::chrono::seconds(10);
    fetch = [path = issuer.jwks, &files = machine.files] {
      return files.Read(path, Limits().config_file);
    };
  }
  return std::make_shared<auth::FetchedKeys>(issuer.issuer, std::move(fetch), times, machine.clock,
                                             machine.log);
}

Result<auth::TrustedIssuer> Trusted(const settings::Issuer& issuer,
                                    const std::vector<std::string>& services,
                                    const Machine& machine) {
  auth::TrustedIssuer trusted{.issuer = issuer.issuer,
                              .audiences = issuer.audiences,
                              .keys = {},
                              .roots = {},
                              .source = SourceOf(issuer, machine),
                              .algorithms = issuer.algorithms,
                              .repositories = issuer.repositories,
                              .names = issuer.names};
  if (trusted.audiences.empty()) trusted.audiences = {services.front()};
  if (issuer.certificates.empty()) return trusted;
  PORTOLAN_TRY(const std::string pem,
               machine.files.Read(issuer.certificates, Limits().config_file));
  Result<auth::CertificateRoots> roots = auth::CertificateRoots::FromPem(pem);
  if (!roots) return In(issuer.certificates, std::move(roots).error());
  Result<std::vector<auth::PublicKey>> keys = auth::KeysOfCertificates(pem);
  if (!keys) return In(issuer.certificates, std::move(keys).error());
  trusted.roots = *std::move(roots);
  for (const auth::PublicKey& key : *keys) trusted.keys.Add(key);
  return trusted;
}

auth::TrustedIssuer Own(const auth::TokenIssuer& issuer, const std::string& service) {
  return {.issuer = issuer.options().issuer,
          .audiences = {service},
          .keys = issuer.keys(),
          .roots = {},
          .source = nullptr,
          .algorithms = {},
          .repositories = {},
          .own = true,
          .names = {}};
}

}  // namespace

Error In(const std::string& path, Error error) {
  error.message = fmt::format("{}: {}", path, error.message);
  return error;
}

Result<auth::SigningKey> ReadSigningKey(const std::string& path, Files& files) {
  PORTOLAN_TRY(std::string pem, files.Read(path, Limits().config_file));
  Result<auth::SigningKey> key = auth::SigningKey::FromPem(Secret(std::move(pem)));
  if (!key) return In(path, std::move(key).error());
  return key;
}

Result<std::unique_ptr<TokenParts>> TokenParts::Make(const settings::ServerSettings& settings,
                                                     const Machine& machine,
                                                     const TokenSurroundings& around) {
  const settings::ServerSettings::Auth::Token& token = settings.auth.token;
  const std::string& service = token.services.front();
  std::unique_ptr<TokenParts> parts(new TokenParts);
  std::vector<auth::TrustedIssuer> issuers;
  if (!token.keys.empty()) {
    PORTOLAN_TRY(std::vector<auth::SigningKey> keys, ReadKeys(token.keys, machine.files));
    parts->issuer_ =
        std::make_unique<auth::TokenIssuer>(std::move(keys),
                                            auth::IssuerOptions{.issuer = token.issuer,
                                                                .services = token.services,
                                                                .kid = token.kid,
                                                                .lifetime = token.lifetime},
                                            machine.clock, machine.random);
    issuers.push_back(Own(*parts->issuer_, service));
  }
  for (const settings::Issuer& issuer : settings.auth.issuers) {
    PORTOLAN_TRY(auth::TrustedIssuer trusted, Trusted(issuer, token.services, machine));
    issuers.push_back(std::move(trusted));
  }
  parts->verifier_ = auth::NewTokenVerifier(std::move(issuers), around.accounts, machine.clock);
  parts->authenticator_ = auth::NewBearerAuthenticator(
      around.others, *parts->verifier_,
      {.realm = token.realm ? token.realm->ToString() : std::string(), .service = service});
  if (parts->issuer_) {
    // Not with tokens: one that lives for minutes must not be exchanged for another, for ever.
    parts->service_ = server::NewTokenService({.authenticator = around.others,
                                               .verifier = *parts->verifier_,
                                               .rules = around.rules,
                                               .issuer = *parts->issuer_,
                                               .accounts = around.accounts,
                                               .login_pool = around.login_pool,
                                               .pool = around.pool,
                                               .clock = machine.clock,
                                               .random = machine.random,
                                               .log = machine.log,
                                               .login_limiter = around.login_limiter,
                                               .audit = around.audit,
                                               .refresh_lifetime = token.refresh_lifetime});
  }
  return parts;
}

}  // namespace portolan::admin
