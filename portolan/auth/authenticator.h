// Proving a name.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "portolan/auth/access.h"
#include "portolan/base/clock.h"
#include "portolan/base/files.h"
#include "portolan/base/log.h"
#include "portolan/base/random.h"
#include "portolan/base/result.h"

namespace portolan::auth {

/// What a challenge is for. All may be empty.
struct ChallengeRequest {
  std::string_view origin =
      {};                       ///< `https://registry.example:5000`: where the client is talking to
  std::string_view scope = {};  ///< what the request needs: `repository:a/b:pull`
  std::string_view error = {};  ///< what was wrong with the token that came: `invalid_token`,
                                ///< `insufficient_scope` (RFC 6750 §3.1)
};

/// Turns an `Authorization` field into an identity. No field, and Basic with an empty name and an
/// empty password (which some clients send for want of any), are anonymous. Safe to use from
/// several threads.
class Authenticator {
 public:
  virtual ~Authenticator() = default;

  /// The identity if it is known without slow work: no field at all (anonymous), or credentials
  /// verified lately. Never blocks. Where it does not know, ask Authenticate.
  virtual std::optional<Identity> Known(std::string_view authorization) = 0;
  /// The identity. May take a tenth of a second (bcrypt): call it on a pool. kUnauthorized for a
  /// wrong name or password, with one and the same message and in the same time for both, and for a
  /// scheme that is not offered.
  virtual Result<Identity> Authenticate(std::string_view authorization) = 0;
  /// Values of `WWW-Authenticate` for a 401: `Basic realm="…"`. Empty where nobody needs to prove
  /// anything.
  virtual std::string Challenge() const = 0;
  /// The same for one request, where the answer can be more exact.
  virtual std::string ChallengeFor(const ChallengeRequest&) const { return Challenge(); }
};

/// Everybody is anonymous; credentials are ignored.
std::unique_ptr<Authenticator> NewOpenAuthenticator();

/// Users of an htpasswd file with bcrypt entries ($2y$, $2a$, $2b$; cost at most 14). Read again
/// when it changes (looked at by Authenticate, no more than once a second; Known knows nothing when
/// the last look is older); a file that has become unreadable or wrong keeps the users of before,
/// with a warning. Verified credentials are remembered under an HMAC for 5 minutes, at most 4,096
/// of them, and forgotten when the file changes. Passwords of more than 72 bytes are refused with a
/// message of their own: bcrypt would cut them silently. kConfigInvalid naming the line for an
/// entry that is not bcrypt, for a file that does not exist, and for a realm that is not printable
/// ASCII. All arguments must outlive the authenticator.
Result<std::unique_ptr<Authenticator>> NewHtpasswdAuthenticator(std::string path, std::string realm,
                                                                Files& files, const Clock& clock,
                                                                Random& random, Log& log);

class TokenVerifier;

struct BearerOptions {
  std::string realm;    ///< URL of the token service; empty: `path` where the client is talking to
  std::string service;  ///< as tokens' audiences name this registry
  std::string path = "/token";
};

/// Bearer tokens by `verifier`; everything else by `others`, which both must outlive it. Its
/// challenge is Bearer's alone, since that is what clients then take to the token service.
std::unique_ptr<Authenticator> NewBearerAuthenticator(Authenticator& others,
                                                      TokenVerifier& verifier,
                                                      BearerOptions options);

}  // namespace portolan::auth
