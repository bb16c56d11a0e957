// What a client asks the token service for, read from the parameters of a GET or a POST.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "portolan/base/result.h"
#include "portolan/base/secret.h"
#include "portolan/wire/endpoint.h"
#include "portolan/wire/scope.h"

namespace portolan::server {

struct TokenAsked {
  /// How the name is proved. kField: by the `Authorization` field, or not at all.
  enum class Proof : std::uint8_t { kField, kPassword, kRefreshToken, kIdentityToken };
  Proof proof = Proof::kField;
  std::string service;  ///< empty: not said
  std::string client_id;
  std::vector<wire::Scope> scopes;
  bool offline = false;  ///< a refresh token is wanted
  bool is_post = false;  ///< the answer has `scope` and `access_token`, as OAuth2 wants it

  std::string user;  ///< of kPassword
  Secret secret;     ///< password, refresh token or identity token
  friend bool operator==(const TokenAsked&, const TokenAsked&) = default;
};

/// Of a GET. kNameInvalid, kTooLarge of Scope::ParseAll, and for a repository's name that no
/// repository can have.
Result<TokenAsked> ReadTokenQuery(const wire::Query& query);
/// Of a POST's form. kUsage naming a parameter that is missing or a `grant_type` that is not
/// offered.
Result<TokenAsked> ReadTokenForm(const wire::Query& form);

/// Scopes as a token request and its answer have them, divided by spaces.
std::string ScopeText(const std::vector<wire::Scope>& scopes);

}  // namespace portolan::server
