// Tokens that are believed: whose, for whom, how signed, until when.
#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "portolan/auth/access.h"
#include "portolan/auth/accounts.h"
#include "portolan/auth/certificate.h"
#include "portolan/auth/key_set.h"
#include "portolan/base/clock.h"
#include "portolan/base/result.h"

namespace portolan::auth {

/// Keys that change while the program runs: a JWKS file or URL. Safe to use from several threads.
class KeySource {
 public:
  virtual ~KeySource() = default;
  /// The keys as they were known last; never waits. Null before the first.
  virtual std::shared_ptr<const KeySet> Current() = 0;
  /// After another look, where one is due: a token names a key that is not known. May wait; call it
  /// on a pool. The keys of before, where the look fails.
  virtual std::shared_ptr<const KeySet> Renewed() = 0;
};

/// Whose tokens are believed, and for what.
struct TrustedIssuer {
  std::string issuer;                  ///< `iss`, exactly
  std::vector<std::string> audiences;  ///< one of them must be in `aud`; never what a client says
  KeySet keys;
  std::optional<CertificateRoots> roots;  ///< for `x5c`
  std::shared_ptr<KeySource> source;      ///< more keys; may be null
  std::vector<Algorithm> algorithms;      ///< empty: every one that suits the key
  std::vector<std::string> repositories;  ///< globs of the only repositories that its tokens may
                                          ///< speak of; empty: all
  /// This registry's own: its rules decide, too, at the moment of the request, and the account's
  /// epoch must be the token's.
  bool own = false;

  /// How long a token counts beyond its times: clocks differ.
  std::chrono::seconds leeway{60};

  /// Whether `push` in its tokens allows to delete, too.
  bool push_deletes = false;
  /// Left out of the names of repositories in its tokens, where they begin with it.
  std::string own_prefix = {};

  /// What its tokens call nobody in particular, beside an empty `sub`.
  std::string nobody = {};

  /// An identity token (OpenID Connect): whoever has these claims has this name, and the rules
  /// decide. The first whose claims all match counts.
  struct NameRule {
    std::map<std::string, std::string> claims;  ///< name to glob (as Rule::repositories)
    std::string user;                           ///< may hold `${claim}`
    friend bool operator==(const NameRule&, const NameRule&) = default;
  };
  std::vector<NameRule> names;  ///< not empty: its tokens are identity tokens
};

/// The member of an own token that says which epoch of its account it is of.
inline constexpr std::string_view kEpochClaim = "portolan_epoch";

class TokenVerifier {
 public:
  static constexpr std::chrono::seconds kMaxLifetime = std::chrono::days(1);

  virtual ~TokenVerifier() = default;
  /// The identity of a token that was verified lately and still counts. Never waits.
  virtual std::optional<Identity> Known(std::string_view token) = 0;
  /// Verifies: a key that is trusted (by certificate, by `jwk`, by `kid`) for this issuer and suits
  /// the algorithm, signature, audience, times (missing `exp` is refused, as is a life beyond
  /// kMaxLifetime), the account's epoch; an identity token must not name a disabled account. What
  /// was verified is believed for 5 minutes, or until accounts change. May wait for keys: call it
  /// on a pool. kUnauthorized with the reason.
  virtual Result<Identity> Verify(std::string_view token) = 0;
};

/// `accounts` may be null: then own tokens have no epoch. All must outlive the verifier.
std::unique_ptr<TokenVerifier> NewTokenVerifier(std::vector<TrustedIssuer> issuers,
                                                Accounts* accounts, const Clock& clock);

/// Takes what either of them takes; its errors are `first`'s. Both must outlive it.
std::unique_ptr<TokenVerifier> NewEitherVerifier(TokenVerifier& first, TokenVerifier& second);

}  // namespace portolan::auth
