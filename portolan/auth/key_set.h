// Keys that are trusted, by every name that a token may use for them.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <string_view>

#include "portolan/auth/key.h"
#include "portolan/base/result.h"

namespace portolan::auth {

/// A value; copies share the keys.
class KeySet {
 public:
  static constexpr std::size_t kMaxKeys = 256;

  /// A JWKS document (RFC 7517 §5). Keys that cannot be used for signatures are left out, as its
  /// reader must; kConfigInvalid if it has keys and none is left, for more than kMaxKeys, and for
  /// what is no JWKS. `{"keys":[]}` is a set without keys.
  static Result<KeySet> FromJwks(std::string_view json);

  /// Under its RFC 7638 thumbprint, its libtrust name and, if it is not empty, `kid`. Of two keys
  /// with one name the first counts.
  void Add(const PublicKey& key, std::string_view kid = {});
  void Add(const KeySet& other);
  /// The key of this name, or null. Lives as long as the set.
  const PublicKey* Find(std::string_view kid) const;
  bool empty() const { return keys_.empty(); }

  /// `{"keys":[…]}`, each key once, with `kid`, `use` and `alg`.
  std::string ToJwks() const;

 private:
  std::map<std::string, PublicKey, std::less<>> keys_;
};

}  // namespace portolan::auth
