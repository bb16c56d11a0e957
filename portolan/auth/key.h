// The keys that tokens are signed with. Spec: RFC 7517 (JWK), RFC 7518 (algorithms), RFC 8037.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "portolan/base/result.h"
#include "portolan/base/secret.h"

namespace portolan::auth {

/// How a token is signed. There is no `none`, and nothing with a shared secret: a key that is meant
/// to be public can never be used as one.
enum class Algorithm : std::uint8_t { kRs256, kRs384, kRs512, kEs256, kEs384, kEdDsa };
/// "RS256".
std::string_view NameOf(Algorithm algorithm);
std::optional<Algorithm> AlgorithmOf(std::string_view name);

/// One public key: RSA of 2,048 to 8,192 bits, EC on P-256 or P-384, or Ed25519. Immutable, safe to
/// share between threads; copies share the key. Errors of its functions are kConfigInvalid.
class PublicKey {
 public:
  /// Of one `-----BEGIN PUBLIC KEY-----`.
  static Result<PublicKey> FromPem(std::string_view pem);
  /// A JWK's text. `use` other than `sig` is refused. Points that are not on the curve are, too.
  static Result<PublicKey> FromJwk(std::string_view json);

  /// Whether it is the key's signature of `message`. False, too, where the algorithm does not suit
  /// the key's kind: that a peer names an algorithm decides nothing.
  bool Verifies(Algorithm algorithm, std::string_view message, std::string_view signature) const;
  /// Whether the algorithm suits the key.
  bool Suits(Algorithm algorithm) const;

  /// `{"e":…,"kty":…,"n":…}`: the members that the key consists of, in lexical order, without
  /// spaces.
  const std::string& jwk() const;
  /// base64url of the SHA-256 of jwk(). Spec: RFC 7638.
  const std::string& thumbprint() const;
  /// `ABCD:…`: twelve groups of four, of the SHA-256 of the key's DER form, as Docker's libtrust
  /// names keys (CNCF distribution 2.x, GitLab).
  const std::string& libtrust_id() const;

  struct Parts;
  explicit PublicKey(std::shared_ptr<const Parts> parts) : parts_(std::move(parts)) {}
  const Parts& parts() const { return *parts_; }

 private:
  std::shared_ptr<const Parts> parts_;
};

/// A private key, with the certificate that goes with it, if there is one. Immutable, safe to share
/// between threads.
class SigningKey {
 public:
  /// kRs256 (2,048 bits), kEs256 or kEdDsa, with a certificate signed by itself, valid for ten
  /// years from `now` (seconds since 1970) on. kUnsupported for the others.
  static Result<SigningKey> Generate(Algorithm algorithm, std::string_view common_name,
                                     std::int64_t now);
  /// A PEM file: one private key (without a pass phrase), and certificates, the key's first, none
  /// or more. kConfigInvalid.
  static Result<SigningKey> FromPem(const Secret& pem);

  /// The key and its certificates, as FromPem reads them.
  Secret ToPem() const;
  /// The certificates alone; empty without any.
  const std::string& certificates() const;
  /// Each certificate's DER in base64: a JWT's `x5c`.
  const std::vector<std::string>& chain() const;

  /// RS256, ES256, ES384 or EdDSA, by the key's kind.
  Algorithm algorithm() const;
  const PublicKey& public_key() const;
  /// kInternal if OpenSSL cannot.
  Result<std::string> Sign(std::string_view message) const;

 private:
  struct Parts;
  explicit SigningKey(std::shared_ptr<const Parts> parts) : parts_(std::move(parts)) {}
  std::shared_ptr<const Parts> parts_;
};

}  // namespace portolan::auth
