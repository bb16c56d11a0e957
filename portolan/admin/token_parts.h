// What settings say of tokens, built: keys read, issuers trusted, the token service made.
#pragma once

#include <memory>
#include <string>

#include "portolan/async/pool.h"
#include "portolan/auth/accounts.h"
#include "portolan/auth/authenticator.h"
#include "portolan/auth/current_rules.h"
#include "portolan/auth/key.h"
#include "portolan/auth/login_limiter.h"
#include "portolan/auth/token_issuer.h"
#include "portolan/auth/token_verifier.h"
#include "portolan/base/files.h"
#include "portolan/base/result.h"
#include "portolan/http/client.h"
#include "portolan/server/audit_log.h"
#include "portolan/settings/settings.h"

namespace portolan::admin {

struct Machine;

/// What tokens need of the process around them. All of it outlives TokenParts.
struct TokenSurroundings {
  auth::Authenticator& others;  ///< proves what comes without a token
  auth::Accounts* accounts;     ///< may be null
  const auth::CurrentRules& rules;
  std::shared_ptr<auth::LoginLimiter> login_limiter;
  async::Pool& login_pool;
  async::Pool& pool;
  server::AuditLog* audit;  ///< may be null
};

/// A path's key and certificates. Errors of Files::Read and SigningKey::FromPem, naming the file.
Result<auth::SigningKey> ReadSigningKey(const std::string& path, Files& files);
/// `error`, as one of the file's.
Error In(const std::string& path, Error error);

class TokenParts {
 public:
  /// For settings that take tokens. Reads every key; errors of Files::Read, SigningKey::FromPem and
  /// CertificateRoots::FromPem, naming the file.
  static Result<std::unique_ptr<TokenParts>> Make(const settings::ServerSettings& settings,
                                                  const Machine& machine,
                                                  const TokenSurroundings& around);

  /// Takes tokens, and what TokenSurroundings::others takes.
  auth::Authenticator& authenticator() { return *authenticator_; }
  auth::TokenVerifier& verifier() { return *verifier_; }
  /// Null where the registry has no keys to sign with.
  http::Service* service() { return service_.get(); }

 private:
  TokenParts() = default;

  std::unique_ptr<auth::TokenIssuer> issuer_;
  std::unique_ptr<auth::TokenVerifier> verifier_;
  std::unique_ptr<auth::Authenticator> authenticator_;
  std::unique_ptr<http::Service> service_;
};

}  // namespace portolan::admin
