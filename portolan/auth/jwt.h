// JSON Web Tokens as registries use them. Spec: RFC 7519, RFC 7515; distribution "Token
// Authentication Implementation".
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "portolan/auth/key.h"
#include "portolan/base/result.h"
#include "portolan/wire/scope.h"

namespace portolan::auth {

/// What a token says. Times are seconds since 1970.
struct Claims {
  std::string issuer;   ///< `iss`
  std::string subject;  ///< `sub`; empty: nobody
  std::vector<std::string> audiences;
  std::optional<std::int64_t> expires;
  std::optional<std::int64_t> not_before;
  std::optional<std::int64_t> issued_at;
  std::string id;  ///< `jti`
  /// `access`; absent in identity tokens.
  std::optional<std::vector<wire::Scope>> access;
  /// Every other member of the object whose value is a text, a number or a truth value, as text.
  std::map<std::string, std::string> others;

  friend bool operator==(const Claims&, const Claims&) = default;
};

/// A token that was read and not yet believed.
struct Jwt {
  Algorithm algorithm = Algorithm::kRs256;
  std::string kid;
  std::vector<std::string> chain;    ///< `x5c`, DER
  std::optional<PublicKey> own_key;  ///< `jwk`: says nothing but which trusted key is meant
  Claims claims;
  std::string signed_part;  ///< what the signature is of
  std::string signature;
};

/// Bytes of the longest token that is read.
inline constexpr std::size_t kMaxJwt = 64U << 10U;

/// Reads the compact form. kUnauthorized for what is none: more than kMaxJwt bytes, a member that
/// is there twice, an algorithm other than Algorithm's (so `none` and shared secrets), `crit`, a
/// `typ` other than JWT, a `sub` of more than 255 bytes or with control characters, times that are
/// no numbers, more than Scope::kMaxScopes entries of `access`. Messages never show the token.
Result<Jwt> ParseJwt(std::string_view text);

/// How a token names its key.
enum class KidStyle : std::uint8_t {
  kThumbprint,  ///< RFC 7638: everything of today
  kLibtrust,    ///< CNCF distribution 2.x and GitLab where the certificate is not used
};

/// Signs a header and claims as they stand, two JSON texts. kInternal.
Result<std::string> SignJwtText(const SigningKey& key, std::string_view header,
                                std::string_view claims);

/// Signs: header with `kid`, and `x5c` where the key has certificates. kInternal.
Result<std::string> SignJwt(const SigningKey& key, KidStyle style, const Claims& claims);

}  // namespace portolan::auth
