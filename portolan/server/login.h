// Who asks, and what is said to whoever may not.
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <string_view>

#include "portolan/async/task.h"
#include "portolan/auth/access.h"
#include "portolan/auth/authenticator.h"
#include "portolan/auth/login_limiter.h"
#include "portolan/base/result.h"
#include "portolan/http/message.h"
#include "portolan/server/audit_log.h"
#include "portolan/server/call.h"
#include "portolan/server/registry.h"
#include "portolan/server/routes.h"

namespace portolan::server {

/// What proves names. The references must outlive it; jobs on the pool may run on when it has gone.
struct Door {
  /// `limiter`: null for one of its own. `audit`: null where nothing is noted.
  Door(auth::Authenticator& authenticator, async::Pool& pool,
       std::shared_ptr<auth::LoginLimiter> limiter, AuditLog* audit, const Clock& clock);

  auth::Authenticator& authenticator;
  async::Pool& pool;                            ///< for password hashes and signatures
  std::shared_ptr<auth::LoginLimiter> limiter;  ///< shared by all that take the same passwords
  AuditLog* audit;                              ///< may be null
};

/// What came of it.
struct Identified {
  Result<auth::Identity> identity;
  std::chrono::seconds retry_after{0};  ///< with kTooManyRequests
};

/// Proves what an `Authorization` field says, sent from `peer_address`. Passwords are hashed, and
/// signatures verified, on the pool, unless the same were right lately: whoever is Known is never
/// kept out. Errors of Authenticator::Authenticate; kTooManyRequests, and a line in the audit log,
/// where too many logins with this name from this address have failed.
async::Task<Identified> Identify(const Door& door, std::string_view authorization,
                                 std::string_view peer_address);

/// `https://registry.example`: what clients reach this registry by.
std::string OriginOf(const RegistryOptions& options, const http::Request& request);

/// The answer to a request without credentials that count: 401 with a challenge, or 403 where
/// nobody can log in.
http::Response Unauthorized(const Backend& backend, const Route& route, const Call& call,
                            Error error);
/// The answer to a request that is understood and not allowed: 401 to whoever may still prove a
/// name or get a token that allows it, else 403.
http::Response Refused(const Backend& backend, const Route& route, const Call& call);

}  // namespace portolan::server
