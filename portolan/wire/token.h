// The token endpoint (distribution "Docker Registry v2 authentication via central service").
#pragma once

#include <chrono>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "portolan/base/result.h"
#include "portolan/base/secret.h"
#include "portolan/base/url.h"

namespace portolan::wire {

/// What to ask for. `account` is sent only if not empty.
struct TokenRequest {
  Url realm;
  std::string service;
  std::vector<std::string> scopes;  ///< each becomes a `scope` parameter of its own
  std::string account;

  friend bool operator==(const TokenRequest&, const TokenRequest&) = default;

  /// The URL of the GET form. Parameters in the order account, scope…, service (that of Go's
  /// url.Values.Encode), `:` and
  /// `/` escaped; empty ones left out; what the realm's own query holds stays before them.
  Url GetUrl() const;
  /// The form body of the OAuth2 POST (grant_type=refresh_token),
  /// `application/x-www-form-urlencoded`.
  std::string RefreshTokenForm(const Secret& refresh_token, std::string_view client_id) const;
};

/// A token endpoint's answer.
struct TokenReply {
  Secret token;
  Secret refresh_token;  ///< empty if none came
  std::optional<std::chrono::seconds>
      expires_in;     ///< as stated, at most 100 years; zero or negative: absent
  std::string scope;  ///< of an OAuth2 answer; empty if none

  /// Accepts `token` or `access_token` (the first if both), ignores `issued_at`. Numbers may come
  /// as text. kProtocol if the text is not a JSON object or holds neither, or a token with anything
  /// but printable ASCII, or with a space.
  static Result<TokenReply> Parse(std::string_view text);
  /// How long the token is used: `expires_in`, at least 60 s, at most a day; 60 s where nothing is
  /// stated.
  std::chrono::seconds Lifetime() const;
};

}  // namespace portolan::wire
