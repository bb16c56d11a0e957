// Names proved by Basic: with an API key, an account's password, or a user's of an htpasswd file.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "portolan/auth/accounts.h"
#include "portolan/auth/authenticator.h"

namespace portolan::auth {

/// Where names come from; at least one of the two.
struct BasicSources {
  Accounts* accounts = nullptr;
  std::optional<std::string> htpasswd;  ///< a file's path
};

/// What the authenticator needs of the machine. All of it, and the accounts, outlive it.
struct BasicParts {
  Files& files;
  const Clock& clock;
  Random& random;
  Log& log;
};

/// A password that looks like an API key (IsApiKeyText) is one: the name beside it must be empty or
/// the key's account's, and so is the identity. Any other is compared with the account's hash;
/// where there is no account of this name, with that of the htpasswd file's user (whom an account
/// of the same name hides, also a disabled one). Every wrong password costs the same work, whoever
/// has the name. Verified credentials are remembered as NewHtpasswdAuthenticator says, until the
/// file or Accounts::Generation changes. Several calls with the same credentials at once cost the
/// work of one. Other errors than kUnauthorized: those of Accounts. Errors at the start: those of
/// NewHtpasswdAuthenticator.
Result<std::unique_ptr<Authenticator>> NewBasicAuthenticator(BasicSources sources,
                                                             std::string realm,
                                                             const BasicParts& parts);

}  // namespace portolan::auth
