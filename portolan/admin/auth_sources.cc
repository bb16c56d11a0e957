#include "portolan/admin/auth_sources.h"

#include "portolan/admin/registry_process.h"
#include "portolan/auth/basic_authenticator.h"

namespace portolan::admin {

Result<std::unique_ptr<AuthSources>> AuthSources::Open(const settings::ServerSettings& settings,
                                                       const Machine& machine) {
  std::unique_ptr<AuthSources> sources(new AuthSources);
  if (settings.auth.htpasswd.empty()) {
    sources->authenticator_ = auth::NewOpenAuthenticator();
    return sources;
  }
  PORTOLAN_TRY(sources->authenticator_,
               auth::NewBasicAuthenticator(
                   {.accounts = sources->accounts(), .htpasswd = settings.auth.htpasswd},
                   settings.auth.realm,
                   {.files = machine.files,
                    .clock = machine.clock,
                    .random = machine.random,
                    .log = machine.log}));
  return sources;
}

}  // namespace portolan::admin
