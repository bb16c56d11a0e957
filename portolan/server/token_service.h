// The token service: proves names, and says in a signed token what they may do. Spec: distribution
// "Token Authentication Specification", "OAuth2 Token Authentication".
#pragma once

#include <chrono>
#include <memory>
#include <string_view>

#include "portolan/async/pool.h"
#include "portolan/auth/accounts.h"
#include "portolan/auth/authenticator.h"
#include "portolan/auth/current_rules.h"
#include "portolan/auth/login_limiter.h"
#include "portolan/auth/token_issuer.h"
#include "portolan/auth/token_verifier.h"
#include "portolan/base/clock.h"
#include "portolan/base/log.h"
#include "portolan/base/random.h"
#include "portolan/http/client.h"

namespace portolan::server {

class AuditLog;

/// What a token service is made of. All of it outlives the service.
struct TokenServiceParts {
  auth::Authenticator& authenticator;  ///< proves names, by anything but a token
  auth::TokenVerifier& verifier;       ///< proves identity tokens of other issuers
  const auth::CurrentRules& rules;
  const auth::TokenIssuer& issuer;
  auth::Accounts* accounts;  ///< null: no refresh tokens
  async::Pool& login_pool;   ///< for password hashes
  async::Pool& pool;         ///< for signatures and accounts
  const Clock& clock;
  Random& random;
  Log& log;
  /// Shared with the registry; null: the service has one of its own.
  std::shared_ptr<auth::LoginLimiter> login_limiter = nullptr;
  AuditLog* audit = nullptr;  ///< null: nothing is noted
  std::chrono::seconds refresh_lifetime = std::chrono::days(90);
};

inline constexpr std::string_view kTokenPath = "/token";
inline constexpr std::string_view kJwksPath = "/.well-known/jwks.json";
inline constexpr std::string_view kBundlePath = "/.well-known/token-certificates.pem";

/// Whether a request to this path is the token service's.
bool IsTokenServicePath(std::string_view path);

/// Answers `/token` (GET, and POST with the grants `password`, `refresh_token` and token exchange),
/// the key set, the certificates, and `/healthz`. Thread-safe.
std::unique_ptr<http::Service> NewTokenService(const TokenServiceParts& parts);

}  // namespace portolan::server
