// Certificates that vouch for a token's key. Spec: RFC 7515 §4.1.6 (`x5c`), RFC 5280.
#pragma once

#include <chrono>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "portolan/auth/key.h"
#include "portolan/base/result.h"

namespace portolan::auth {

/// The public keys of all certificates of a PEM text, in order. kConfigInvalid if there is none, or
/// one whose key cannot be used.
Result<std::vector<PublicKey>> KeysOfCertificates(std::string_view pem);

/// Certificates that are trusted, and whatever they have signed. Safe to share between threads.
class CertificateRoots {
 public:
  /// kConfigInvalid if the PEM text has no certificate.
  static Result<CertificateRoots> FromPem(std::string_view pem);

  /// The key of the first of `chain` (DER each; at most 8 of them), if it is one of the roots or
  /// leads to one by signatures of today's strength, and all are valid at `now`. kUnauthorized.
  Result<PublicKey> Verify(std::span<const std::string> chain,
                           std::chrono::system_clock::time_point now) const;

 private:
  struct Store;
  std::shared_ptr<Store> store_;
};

}  // namespace portolan::auth
