#include "portolan/admin/auth_sources.h"

#include "portolan/admin/account_directory.h"
#include "portolan/admin/registry_process.h"
#include "portolan/auth/basic_authenticator.h"
#include "portolan/store/storage_folder.h"

namespace portolan::admin {

Result<std::unique_ptr<AuthSources>> AuthSources::Open(const settings::ServerSettings& settings,
                                                       const Machine& machine) {
  std::unique_ptr<AuthSources> sources(new AuthSources);
  sources->limiter_ = std::make_shared<auth::LoginLimiter>(machine.clock);
  if (settings.auth.accounts) {
    PORTOLAN_CHECK(store::StorageFolder::Prepare(settings.root));
    PORTOLAN_TRY(sources->store_, store::AccountStore::Open(
                                      store::AccountStore::PathIn(settings.root), machine.clock));
    sources->accounts_ = std::make_unique<AccountDirectory>(*sources->store_);
  }
  const bool has_file = !settings.auth.htpasswd.empty();
  if (!has_file && !sources->accounts_) {
    sources->authenticator_ = auth::NewOpenAuthenticator();
    return sources;
  }
  PORTOLAN_TRY(sources->authenticator_,
               auth::NewBasicAuthenticator(
                   {.accounts = sources->accounts(),
                    .htpasswd = has_file ? std::optional(settings.auth.htpasswd) : std::nullopt},
                   settings.auth.realm,
                   {.files = machine.files,
                    .clock = machine.clock,
                    .random = machine.random,
                    .log = machine.log}));
  return sources;
}

}  // namespace portolan::admin
