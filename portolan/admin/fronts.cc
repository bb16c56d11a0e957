#include "portolan/admin/fronts.h"

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "portolan/admin/token_parts.h"
#include "portolan/base/date.h"
#include "portolan/base/limits.h"
#include "portolan/dialect/served.h"
#include "portolan/server/dialect_tokens.h"
#include "portolan/server/hosts.h"
#include "portolan/server/registry.h"
#include "portolan/server/upload_memory.h"

namespace portolan::admin {
namespace {

server::RegistryOptions RegistryOptionsOf(const settings::ServerSettings& settings) {
  server::RegistryOptions options;
  options.manifest_size = settings.limits.manifest_size;
  options.blob_size = settings.limits.blob_size;
  options.uploads = settings.limits.uploads;
  options.upload_memory = settings.limits.upload_memory;
  options.upload_sessions = static_cast<std::uint64_t>(settings.limits.upload_sessions);
  options.sparse_indexes = settings.storage.sparse_indexes;
  options.read_only = settings.read_only;
  options.pull_limit = settings.pull_limit;
  if (settings.external_url) {
    options.external_url = settings.external_url->origin.ToString();
  }
  return options;
}

// What signs a dialect's tokens: the registry's own key, or one for as long as the process lives.
// RSA, as the registries have it whose clients look into tokens.
Result<auth::SigningKey> KeyOf(const settings::ServerSettings& settings, const Machine& machine) {
  if (settings.auth.token.keys.empty()) {
    return auth::SigningKey::Generate(auth::Algorithm::kRs256, "portolan",
                                      UnixSeconds(machine.clock.WallNow()));
  }
  return ReadSigningKey(settings.auth.token.keys.front(), machine.files);
}

class Assembled final : public Fronts {
 public:
  Assembled(const settings::ServerSettings& settings, const Machine& machine,
            const FrontSurroundings& around)
      : settings_(settings),
        machine_(machine),
        around_(around),
        upload_budget_(std::make_shared<server::UploadBudget>(settings.limits.upload_memory)) {}

  Status Prepare() {
    for (const auto& [path, profile] : settings_.profiles) {
      for (const std::string& what : profile->not_imitated) {
        machine_.log.Warn(fmt::format("{}: {}", path, what));
      }
    }
    PORTOLAN_TRY(http::Service* const others, Add({.names = {},
                                                   .path = {},
                                                   .dialect = settings_.dialect,
                                                   .token_realm = settings_.auth.token.realm}));
    std::vector<server::Hosted> hosted;
    for (const settings::Host& host : settings_.hosts) {
      PORTOLAN_TRY(http::Service* const service, Add(host));
      hosted.push_back({.names = host.names, .path = host.path, .service = service});
    }
    service_ = others;
    if (hosted.empty()) return {};
    hosts_ = server::NewHosts(std::move(hosted), *others);
    service_ = hosts_.get();
    return {};
  }

  http::Service& service() override { return *service_; }

 private:
  Result<http::Service*> Add(const settings::Host& host) {
    const std::string path = host.path.empty() ? std::string() : "/" + host.path;
    if (const dialect::Served* const served = settings_.ServedBy(host.dialect)) {
      if (!served->basic_challenge.empty()) {
        return AddRegistry(around_.sources.authenticator(), nullptr, served, path);
      }
      PORTOLAN_TRY(server::DialectTokens* const tokens, AddTokens(host, *served));
      return AddRegistry(tokens->authenticator(), &tokens->service(), served, path);
    }
    if (!settings_.auth.takes_tokens()) {
      return AddRegistry(around_.sources.authenticator(), nullptr, nullptr, path);
    }
    if (!own_tokens_) {
      PORTOLAN_TRY(own_tokens_, TokenParts::Make(settings_, machine_,
                                                 {.others = around_.sources.authenticator(),
                                                  .accounts = around_.sources.accounts(),
                                                  .rules = around_.rules,
                                                  .login_limiter = around_.sources.limiter(),
                                                  .login_pool = around_.login_pool,
                                                  .pool = around_.pool,
                                                  .audit = around_.audit}));
    }
    return AddRegistry(own_tokens_->authenticator(), own_tokens_->service(), nullptr, path);
  }

  // Of the registry that clients ask first; null where it takes no tokens.
  auth::TokenVerifier* Default() {
    if (settings_.dialect.empty()) return own_tokens_ ? &own_tokens_->verifier() : nullptr;
    if (!settings_.ServedBy(settings_.dialect)->basic_challenge.empty()) return nullptr;
    return &dialect_tokens_.front()->verifier();
  }

  Result<server::DialectTokens*> AddTokens(const settings::Host& host,
                                           const dialect::Served& served) {
    if (!key_) {
      PORTOLAN_TRY(key_, KeyOf(settings_, machine_));
    }
    PORTOLAN_TRY(std::unique_ptr<server::DialectTokens> tokens,
                 server::DialectTokens::Make(
                     {.served = served,
                      .others = around_.sources.authenticator(),
                      .accounts = around_.sources.accounts(),
                      .rules = around_.rules,
                      .login_limiter = around_.sources.limiter(),
                      .login_pool = around_.login_pool,
                      .pool = around_.pool,
                      .metadata = around_.storage.metadata(),
                      .clock = machine_.clock,
                      .random = machine_.random,
                      .log = machine_.log,
                      .audit = around_.audit,
                      .external_url = RegistryOptionsOf(settings_).external_url,
                      .realm = host.token_realm ? host.token_realm->ToString() : std::string(),
                      .path = host.path.empty() ? std::string() : "/" + host.path,
                      .also = host.path.empty() ? nullptr : Default()},
                     *key_));
    return dialect_tokens_.emplace_back(std::move(tokens)).get();
  }

  http::Service* AddRegistry(auth::Authenticator& authenticator, http::Service* token_service,
                             const dialect::Served* served, std::string path) {
    server::RegistryOptions options = RegistryOptionsOf(settings_);
    options.blob_origin = around_.blob_origin;
    return registries_
        .emplace_back(server::NewRegistry({.storage = around_.storage,
                                           .authenticator = authenticator,
                                           .rules = around_.rules,
                                           .login_pool = around_.login_pool,
                                           .pool = around_.pool,
                                           .clock = machine_.clock,
                                           .log = machine_.log,
                                           .login_limiter = around_.sources.limiter(),
                                           .upload_budget = upload_budget_,
                                           .audit = around_.audit,
                                           .token_service = token_service,
                                           .served = served,
                                           .random = &machine_.random,
                                           .accounts = around_.sources.accounts(),
                                           .path = std::move(path),
                                           .seals = around_.seals},
                                          std::move(options)))
        .get();
  }

  const settings::ServerSettings settings_;
  const Machine machine_;
  const FrontSurroundings around_;
  const std::shared_ptr<server::UploadBudget> upload_budget_;  // of all fronts together
  std::optional<auth::SigningKey> key_;
  std::unique_ptr<TokenParts> own_tokens_;
  std::vector<std::unique_ptr<server::DialectTokens>> dialect_tokens_;
  std::vector<std::unique_ptr<http::Service>> registries_;
  std::unique_ptr<http::Service> hosts_;
  http::Service* service_ = nullptr;
};

}  // namespace

Result<std::unique_ptr<Fronts>> Fronts::Make(const settings::ServerSettings& settings,
                                             const Machine& machine,
                                             const FrontSurroundings& around) {
  auto fronts = std::make_unique<Assembled>(settings, machine, around);
  PORTOLAN_CHECK(fronts->Prepare());
  return std::unique_ptr<Fronts>(std::move(fronts));
}

}  // namespace portolan::admin
