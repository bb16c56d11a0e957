// Where names and passwords come from, opened.
#pragma once

#include <memory>

#include "portolan/auth/accounts.h"
#include "portolan/auth/authenticator.h"
#include "portolan/base/result.h"
#include "portolan/settings/settings.h"

namespace portolan::admin {

struct Machine;

class AuthSources {
 public:
  /// By the settings; without users everybody is anonymous. Errors of NewBasicAuthenticator.
  static Result<std::unique_ptr<AuthSources>> Open(const settings::ServerSettings& settings,
                                                   const Machine& machine);

  auth::Authenticator& authenticator() { return *authenticator_; }
  /// Null where there are none.
  auth::Accounts* accounts() { return accounts_.get(); }

 private:
  AuthSources() = default;

  std::unique_ptr<auth::Accounts> accounts_;
  std::unique_ptr<auth::Authenticator> authenticator_;
};

}  // namespace portolan::admin
