// Who asks, and what is said to whoever may not.
#pragma once

#include <string>

#include "portolan/async/task.h"
#include "portolan/auth/access.h"
#include "portolan/auth/authenticator.h"
#include "portolan/base/result.h"
#include "portolan/http/message.h"
#include "portolan/server/call.h"
#include "portolan/server/registry.h"
#include "portolan/server/routes.h"

namespace portolan::server {

/// Proves the request's `Authorization`. Passwords are hashed, and signatures verified, on `pool`,
/// unless the same were right lately. Errors of Authenticator::Authenticate.
async::Task<Result<auth::Identity>> Identify(auth::Authenticator& authenticator, async::Pool& pool,
                                             const http::Request& request);

/// `https://registry.example`: what clients reach this registry by.
std::string OriginOf(const RegistryOptions& options, const http::Request& request);

/// The scope of tokens that a request to this route needs: `repository:a/b:pull,push`, with that of
/// a mount's source behind it; empty where none would help.
std::string ScopeOf(const Route& route, const Call& call);

/// The answer to a request without credentials that count: 401 with a challenge, or 403 where
/// nobody can log in.
http::Response Unauthorized(const Backend& backend, const http::Request& request, Error error,
                            std::string_view scope = {});
/// The answer to a request that is understood and not allowed: 401 to whoever may still prove a
/// name or get a token that allows it, else 403.
http::Response Refused(const Backend& backend, const Route& route, const Call& call);

}  // namespace portolan::server
