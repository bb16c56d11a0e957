// Tokens that this registry issues. Spec: distribution "Token Authentication Specification".
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "portolan/auth/access.h"
#include "portolan/auth/jwt.h"
#include "portolan/auth/key.h"
#include "portolan/auth/key_set.h"
#include "portolan/base/clock.h"
#include "portolan/base/random.h"
#include "portolan/base/result.h"

namespace portolan::auth {

struct IssuerOptions {
  std::string issuer;                 ///< `iss`
  std::vector<std::string> services;  ///< for which tokens may be asked; never empty
  KidStyle kid = KidStyle::kThumbprint;
  std::chrono::seconds lifetime{300};  ///< 60 s at least: older clients assume that much
};

struct IssuedToken {
  std::string token;
  std::chrono::seconds lifetime{};
  Clock::WallTime issued;
};

/// Issues tokens with its first key; the others are those of before, or of soon, which still (or
/// already) count: publish the new key behind the old one for a token's lifetime, then before it.
/// Immutable, safe to share between threads; its clock and random numbers must outlive it.
class TokenIssuer {
 public:
  /// At least one key.
  TokenIssuer(std::vector<SigningKey> keys, IssuerOptions options, const Clock& clock,
              Random& random);

  /// A token with these grants, which the caller has found to be allowed, for one of
  /// IssuerOptions::services. `epoch`: of the bearer's account, if it has one. kInternal.
  Result<IssuedToken> Issue(const Identity& bearer, std::string_view service,
                            std::vector<wire::Scope> grants,
                            std::optional<std::int64_t> epoch) const;

  /// What it signs with, for tokens that are written elsewhere.
  const SigningKey& key() const { return keys_.front(); }
  const IssuerOptions& options() const { return options_; }
  const KeySet& keys() const { return key_set_; }
  /// PEM, for another registry's `rootcertbundle`: each key's own certificate, and none of those
  /// that have signed it, which sign others', too.
  std::string CertificateBundle() const;

 private:
  std::vector<SigningKey> keys_;
  KeySet key_set_;
  IssuerOptions options_;
  const Clock& clock_;
  Random& random_;
};

}  // namespace portolan::auth
