// Where names and passwords come from, opened.
#pragma once

#include <memory>

#include "portolan/auth/accounts.h"
#include "portolan/auth/authenticator.h"
#include "portolan/auth/login_limiter.h"
#include "portolan/base/result.h"
#include "portolan/settings/settings.h"
#include "portolan/store/account_store.h"

namespace portolan::admin {

struct Machine;

class AuthSources {
 public:
  /// By the settings; without users everybody is anonymous. Errors of NewBasicAuthenticator,
  /// StorageFolder::Prepare and AccountStore::Open.
  static Result<std::unique_ptr<AuthSources>> Open(const settings::ServerSettings& settings,
                                                   const Machine& machine);

  auth::Authenticator& authenticator() { return *authenticator_; }
  /// Null where there are none.
  auth::Accounts* accounts() { return accounts_.get(); }
  /// Of all that take these passwords.
  std::shared_ptr<auth::LoginLimiter> limiter() { return limiter_; }

 private:
  AuthSources() = default;

  std::unique_ptr<store::AccountStore> store_;
  std::unique_ptr<auth::Accounts> accounts_;
  std::shared_ptr<auth::LoginLimiter> limiter_;
  std::unique_ptr<auth::Authenticator> authenticator_;
};

}  // namespace portolan::admin
