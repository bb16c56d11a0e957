// Tokens of a registry that stands in for another: in its form, from its endpoint.
#pragma once

#include <memory>
#include <string>

#include "portolan/async/pool.h"
#include "portolan/auth/accounts.h"
#include "portolan/auth/authenticator.h"
#include "portolan/auth/current_rules.h"
#include "portolan/auth/key.h"
#include "portolan/auth/login_limiter.h"
#include "portolan/auth/token_verifier.h"
#include "portolan/base/clock.h"
#include "portolan/base/log.h"
#include "portolan/base/random.h"
#include "portolan/base/result.h"
#include "portolan/dialect/served.h"
#include "portolan/http/client.h"
#include "portolan/store/metadata_store.h"

namespace portolan::server {

class AuditLog;

/// What they are made of. All of it outlives DialectTokens.
struct DialectTokenParts {
  const dialect::Served& served;
  auth::Authenticator& others;  ///< proves names and passwords
  auth::Accounts* accounts;     ///< may be null
  const auth::CurrentRules& rules;
  std::shared_ptr<auth::LoginLimiter> login_limiter;
  async::Pool& login_pool;
  async::Pool& pool;
  store::MetadataStore& metadata;
  const Clock& clock;
  Random& random;
  Log& log;
  AuditLog* audit = nullptr;      ///< null: nothing is noted
  std::string external_url = {};  ///< as RegistryOptions has it
  /// Where clients are sent for tokens; empty: the dialect's path, below `path` of this registry.
  std::string realm = {};
  std::string path = {};  ///< `/hub`, or empty
  /// Takes other tokens that count here; null: none. Clients ask `/v2/` for where to get tokens,
  /// which is another registry's where this one is found by a path.
  auth::TokenVerifier* also = nullptr;
};

/// Issues and takes tokens of one dialect. `repository:…` scopes of what does not exist get
/// nothing, unless their bearer could make it: as registries answer that hide what is private.
class DialectTokens {
 public:
  /// `key` signs where the dialect's tokens are JWTs. Errors of CertificateRoots::FromPem.
  static Result<std::unique_ptr<DialectTokens>> Make(const DialectTokenParts& parts,
                                                     auth::SigningKey key);
  virtual ~DialectTokens() = default;

  /// Takes the tokens; its challenge is the dialect's.
  virtual auth::Authenticator& authenticator() = 0;
  /// Takes this dialect's tokens alone.
  virtual auth::TokenVerifier& verifier() = 0;
  /// Answers at the dialect's endpoint.
  virtual http::Service& service() = 0;
};

}  // namespace portolan::server
