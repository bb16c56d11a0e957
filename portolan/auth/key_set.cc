#include "portolan/auth/key_set.h"

#include <utility>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <fmt/format.h>

#include "portolan/auth/json_object.h"

namespace portolan::auth {
namespace {

namespace json = boost::json;

Error NotAKeySet(std::string_view why) {
  return Fail(ErrorCode::kConfigInvalid, fmt::format("the key set {}", why),
              "it has the form {\"keys\":[{\"kty\":\"RSA\",…}]} (RFC 7517)");
}

std::string_view AlgorithmNameFor(const PublicKey& key) {
  for (const Algorithm algorithm :
       {Algorithm::kRs256, Algorithm::kEs256, Algorithm::kEs384, Algorithm::kEdDsa}) {
    if (key.Suits(algorithm)) return NameOf(algorithm);
  }
  return {};
}

}  // namespace

Result<KeySet> KeySet::FromJwks(std::string_view json_text) {
  const Result<json::object> object = ParseJsonObject(json_text, "the key set");
  if (!object) return NotAKeySet("is not a JSON object");
  const json::value* const keys = object->if_contains("keys");
  if (keys == nullptr || !keys->is_array()) return NotAKeySet("has no list \"keys\"");
  if (keys->get_array().size() > kMaxKeys) {
    return NotAKeySet(fmt::format("has more than {} keys", kMaxKeys));
  }
  KeySet set;
  for (const json::value& value : keys->get_array()) {
    if (!value.is_object()) continue;
    const Result<PublicKey> key = PublicKey::FromJwk(json::serialize(value));
    const Result<std::string> kid = TextMember(value.get_object(), "kid");
    if (key && kid) set.Add(*key, *kid);
  }
  // With keys that none can be used of, something has gone wrong at the issuer's; without any, it
  // has taken them all back.
  if (set.empty() && !keys->get_array().empty()) return NotAKeySet("has no key for signatures");
  return set;
}

void KeySet::Add(const PublicKey& key, std::string_view kid) {
  keys_.emplace(key.thumbprint(), key);
  keys_.emplace(key.libtrust_id(), key);
  if (!kid.empty()) keys_.emplace(std::string(kid), key);
}

void KeySet::Add(const KeySet& other) {
  for (const auto& [name, key] : other.keys_) keys_.emplace(name, key);
}

const PublicKey* KeySet::Find(std::string_view kid) const {
  const auto it = keys_.find(kid);
  return it != keys_.end() ? &it->second : nullptr;
}

std::string KeySet::ToJwks() const {
  json::array keys;
  for (const auto& [name, key] : keys_) {
    if (name != key.thumbprint()) continue;
    json::object jwk = *ParseJsonObject(key.jwk(), "the key");
    jwk["kid"] = name;
    jwk["use"] = "sig";
    jwk["alg"] = std::string(AlgorithmNameFor(key));
    keys.push_back(std::move(jwk));
  }
  return json::serialize(json::object{{"keys", std::move(keys)}});
}

}  // namespace portolan::auth
