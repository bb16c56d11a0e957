#include "portolan/auth/jwt.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <utility>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <fmt/format.h>

#include "portolan/auth/json_object.h"
#include "portolan/base/base64.h"
#include "portolan/base/text.h"

namespace portolan::auth {
namespace {

namespace json = boost::json;

constexpr std::size_t kMaxAudiences = 64;
constexpr std::size_t kMaxSubject = 255;
constexpr std::size_t kMaxChain = 8;
constexpr double kMaxTime = 253'402'300'799;  // the end of the year 9999

Error Malformed(std::string_view why) {
  return Fail(ErrorCode::kUnauthorized, fmt::format("the token {}", why));
}

Result<std::array<std::string_view, 3>> Parts(std::string_view text) {
  if (text.size() > kMaxJwt) {
    return Malformed(fmt::format("has more than {} bytes", kMaxJwt));
  }
  const std::size_t first = text.find('.');
  const std::size_t second = text.find('.', first == std::string_view::npos ? first : first + 1);
  if (second == std::string_view::npos || text.find('.', second + 1) != std::string_view::npos) {
    return Malformed("is not a JWT: three parts between full stops");
  }
  return std::array<std::string_view, 3>{
      text.substr(0, first), text.substr(first + 1, second - first - 1), text.substr(second + 1)};
}

Result<std::string> Decoded(std::string_view part, std::string_view what) {
  // One spelling for one token: neither padding nor another alphabet nor bits that say nothing.
  Result<std::string> decoded = Base64Decode(part);
  if (!decoded || Base64UrlEncode(*decoded) != part) {
    return Malformed(fmt::format("has a bad {}", what));
  }
  return decoded;
}

Status ReadChain(const json::object& header, Jwt& jwt) {
  const json::value* const x5c = header.if_contains("x5c");
  if (x5c == nullptr) return {};
  const json::array* const array = x5c->if_array();
  if (array == nullptr || array->size() > kMaxChain) return Malformed("has a bad \"x5c\"");
  for (const json::value& value : *array) {
    const json::string* const text = value.if_string();
    if (text == nullptr) return Malformed("has a bad \"x5c\"");
    Result<std::string> der = Base64Decode({text->data(), text->size()});
    if (!der) return Malformed("has a bad \"x5c\"");
    jwt.chain.push_back(*std::move(der));
  }
  return {};
}

Status ReadHeader(std::string_view text, Jwt& jwt) {
  PORTOLAN_TRY(const json::object header, ParseJsonObject(text, "the token's header"));
  PORTOLAN_TRY(const std::string algorithm, TextMember(header, "alg"));
  const std::optional<Algorithm> known = AlgorithmOf(algorithm);
  if (!known) return Malformed("is signed in a way that is not accepted");
  jwt.algorithm = *known;
  PORTOLAN_TRY(const std::string type, TextMember(header, "typ"));
  if (!type.empty() && !EqualsIgnoreCase(type, "JWT")) return Malformed("is of another type");
  if (header.contains("crit")) return Malformed("demands extensions that are not known");
  PORTOLAN_TRY(jwt.kid, TextMember(header, "kid"));
  if (const json::value* const key = header.if_contains("jwk")) {
    Result<PublicKey> own = PublicKey::FromJwk(json::serialize(*key));
    if (!own) return Malformed("has a bad \"jwk\"");
    jwt.own_key = *std::move(own);
  }
  return ReadChain(header, jwt);
}

Result<std::optional<std::int64_t>> TimeMember(const json::object& object, std::string_view name) {
  const json::value* const value = object.if_contains({name.data(), name.size()});
  if (value == nullptr) return std::optional<std::int64_t>();
  double seconds = 0;
  if (value->is_int64()) {
    seconds = static_cast<double>(value->get_int64());
  } else if (value->is_double()) {
    seconds = value->get_double();
  } else {
    return Malformed(fmt::format("has a \"{}\" that is no time", name));
  }
  if (!(std::abs(seconds) <= kMaxTime)) {
    return Malformed(fmt::format("has a \"{}\" that is no time", name));
  }
  return std::optional(static_cast<std::int64_t>(std::floor(seconds)));
}

Status ReadAudiences(const json::object& object, Claims& claims) {
  const json::value* const value = object.if_contains("aud");
  if (value == nullptr) return {};
  const auto add = [&](const json::value& one) {
    const json::string* const text = one.if_string();
    if (text != nullptr) claims.audiences.emplace_back(text->data(), text->size());
    return text != nullptr;
  };
  const json::array* const array = value->if_array();
  if (array == nullptr) return add(*value) ? Status() : Malformed("has a bad \"aud\"");
  if (array->size() > kMaxAudiences) return Malformed("has a bad \"aud\"");
  for (const json::value& one : *array) {
    if (!add(one)) return Malformed("has a bad \"aud\"");
  }
  return {};
}

Result<wire::Scope> ReadAccessEntry(const json::value& value) {
  const json::object* const entry = value.if_object();
  if (entry == nullptr) return Malformed("has a bad \"access\"");
  wire::Scope scope;
  PORTOLAN_TRY(scope.type, TextMember(*entry, "type"));
  PORTOLAN_TRY(scope.name, TextMember(*entry, "name"));
  const json::value* const actions = entry->if_contains("actions");
  if (actions == nullptr || actions->is_null()) return scope;
  if (!actions->is_array()) return Malformed("has a bad \"access\"");
  for (const json::value& action : actions->get_array()) {
    const json::string* const text = action.if_string();
    if (text == nullptr) return Malformed("has a bad \"access\"");
    scope.actions.emplace_back(text->data(), text->size());
  }
  return scope;
}

Status ReadAccess(const json::object& object, Claims& claims) {
  const json::value* const value = object.if_contains("access");
  if (value == nullptr) return {};
  claims.access.emplace();
  if (value->is_null()) return {};  // Go's form of an empty list
  const json::array* const array = value->if_array();
  if (array == nullptr || array->size() > wire::Scope::kMaxScopes) {
    return Malformed("has a bad \"access\"");
  }
  for (const json::value& one : *array) {
    PORTOLAN_TRY(wire::Scope scope, ReadAccessEntry(one));
    claims.access->push_back(std::move(scope));
  }
  return {};
}

void ReadOthers(const json::object& object, Claims& claims) {
  for (const auto& [key, value] : object) {
    const std::string name(key.data(), key.size());
    if (const json::string* const text = value.if_string()) {
      claims.others.emplace(name, std::string(text->data(), text->size()));
    } else if (value.is_number() || value.is_bool()) {
      claims.others.emplace(name, json::serialize(value));
    }
  }
}

Status ReadClaims(std::string_view text, Claims& claims) {
  PORTOLAN_TRY(const json::object object, ParseJsonObject(text, "the token"));
  PORTOLAN_TRY(claims.issuer, TextMember(object, "iss"));
  PORTOLAN_TRY(claims.subject, TextMember(object, "sub"));
  const bool control = std::ranges::any_of(
      claims.subject, [](char c) { return (c >= 0 && c < ' ') || c == '\x7f'; });
  if (control || claims.subject.size() > kMaxSubject) return Malformed("has a bad \"sub\"");
  PORTOLAN_TRY(claims.id, TextMember(object, "jti"));
  PORTOLAN_TRY(claims.expires, TimeMember(object, "exp"));
  PORTOLAN_TRY(claims.not_before, TimeMember(object, "nbf"));
  PORTOLAN_TRY(claims.issued_at, TimeMember(object, "iat"));
  PORTOLAN_CHECK(ReadAudiences(object, claims));
  PORTOLAN_CHECK(ReadAccess(object, claims));
  ReadOthers(object, claims);
  return {};
}

template <typename Range>
json::array ArrayOf(const Range& texts) {
  json::array array;
  for (const std::string& text : texts) array.emplace_back(text);
  return array;
}

json::object ObjectOf(const Claims& claims) {
  json::object object;
  for (const auto& [name, value] : claims.others) object[name] = value;
  object["iss"] = claims.issuer;
  object["sub"] = claims.subject;
  // Many readers take only a text.
  if (claims.audiences.size() == 1) {
    object["aud"] = claims.audiences.front();
  } else {
    object["aud"] = ArrayOf(claims.audiences);
  }
  if (claims.expires) object["exp"] = *claims.expires;
  if (claims.not_before) object["nbf"] = *claims.not_before;
  if (claims.issued_at) object["iat"] = *claims.issued_at;
  if (!claims.id.empty()) object["jti"] = claims.id;
  if (!claims.access) return object;
  json::array access;
  for (const wire::Scope& scope : *claims.access) {
    access.push_back(json::object{
        {"type", scope.type}, {"name", scope.name}, {"actions", ArrayOf(scope.actions)}});
  }
  object["access"] = std::move(access);
  return object;
}

}  // namespace

Result<Jwt> ParseJwt(std::string_view text) {
  PORTOLAN_TRY(const auto parts, Parts(text));
  Jwt jwt;
  PORTOLAN_TRY(const std::string header, Decoded(parts[0], "header"));
  PORTOLAN_CHECK(ReadHeader(header, jwt));
  PORTOLAN_TRY(const std::string claims, Decoded(parts[1], "payload"));
  PORTOLAN_CHECK(ReadClaims(claims, jwt.claims));
  PORTOLAN_TRY(jwt.signature, Decoded(parts[2], "signature"));
  jwt.signed_part = text.substr(0, text.rfind('.'));
  return jwt;
}

Result<std::string> SignJwt(const SigningKey& key, KidStyle style, const Claims& claims) {
  const PublicKey& public_key = key.public_key();
  json::object header{{"typ", "JWT"}, {"alg", std::string(NameOf(key.algorithm()))}};
  header["kid"] = style == KidStyle::kLibtrust ? public_key.libtrust_id() : public_key.thumbprint();
  if (!key.chain().empty()) header["x5c"] = ArrayOf(key.chain());
  return SignJwtText(key, json::serialize(header), json::serialize(ObjectOf(claims)));
}

Result<std::string> SignJwtText(const SigningKey& key, std::string_view header,
                                std::string_view claims) {
  std::string text = Base64UrlEncode(header) + '.' + Base64UrlEncode(claims);
  PORTOLAN_TRY(const std::string signature, key.Sign(text));
  return text + '.' + Base64UrlEncode(signature);
}

}  // namespace portolan::auth
