#include "portolan/server/token_request.h"

#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "portolan/base/log.h"
#include "portolan/oci/reference.h"

namespace portolan::server {
namespace {

constexpr std::string_view kExchange = "urn:ietf:params:oauth:grant-type:token-exchange";
constexpr std::string_view kIdToken = "urn:ietf:params:oauth:token-type:id_token";
constexpr std::string_view kJwt = "urn:ietf:params:oauth:token-type:jwt";
constexpr std::size_t kMaxText = 1024;

std::string TextOf(const wire::Query& query, std::string_view name) {
  return std::string(query.Get(name).value_or(std::string_view()));
}

Result<std::string> Required(const wire::Query& form, std::string_view name) {
  std::string text = TextOf(form, name);
  if (!text.empty()) return text;
  return Fail(ErrorCode::kUsage, fmt::format("the parameter {} is missing", name));
}

// Below this, nobody sees a name that no repository can have.
Status ReadScopes(const wire::Query& query, TokenAsked& asked) {
  const std::vector<std::string_view> parameters = query.GetAll("scope");
  PORTOLAN_TRY(asked.scopes, wire::Scope::ParseAll(parameters));
  for (const wire::Scope& scope : asked.scopes) {
    if (scope.type != "repository" || oci::RepositoryName::Parse(scope.name)) continue;
    return Fail(ErrorCode::kNameInvalid,
                fmt::format("the scope names \"{}\", which no repository is called",
                            Printable(scope.name)));
  }
  asked.service = TextOf(query, "service");
  asked.client_id = TextOf(query, "client_id");
  if (asked.service.size() > kMaxText || asked.client_id.size() > kMaxText) {
    return Fail(ErrorCode::kTooLarge, "the parameters are too long");
  }
  return {};
}

}  // namespace

Result<TokenAsked> ReadTokenQuery(const wire::Query& query) {
  TokenAsked asked;
  PORTOLAN_CHECK(ReadScopes(query, asked));
  asked.offline = query.Get("offline_token") == "true";
  return asked;
}

Result<TokenAsked> ReadTokenForm(const wire::Query& form) {
  TokenAsked asked;
  asked.is_post = true;
  PORTOLAN_CHECK(ReadScopes(form, asked));
  asked.offline = form.Get("access_type") == "offline";
  PORTOLAN_TRY(const std::string grant, Required(form, "grant_type"));
  if (grant == "password") {
    asked.proof = TokenAsked::Proof::kPassword;
    PORTOLAN_TRY(asked.user, Required(form, "username"));
    asked.secret = Secret(TextOf(form, "password"));
  } else if (grant == "refresh_token") {
    asked.proof = TokenAsked::Proof::kRefreshToken;
    PORTOLAN_TRY(std::string token, Required(form, "refresh_token"));
    asked.secret = Secret(std::move(token));
  } else if (grant == kExchange) {
    asked.proof = TokenAsked::Proof::kIdentityToken;
    PORTOLAN_TRY(const std::string type, Required(form, "subject_token_type"));
    if (type != kIdToken && type != kJwt) {
      return Fail(ErrorCode::kUsage, "only identity tokens (JWT) can be exchanged",
                  fmt::format("the subject_token_type is {}", kIdToken));
    }
    PORTOLAN_TRY(std::string token, Required(form, "subject_token"));
    asked.secret = Secret(std::move(token));
    if (asked.service.empty()) asked.service = TextOf(form, "audience");
  } else {
    return Fail(
        ErrorCode::kUsage,
        fmt::format("the grant_type \"{}\" is not offered", Printable(grant.substr(0, kMaxText))),
        "password, refresh_token and token exchange are");
  }
  return asked;
}

std::string ScopeText(const std::vector<wire::Scope>& scopes) {
  std::string text;
  for (const wire::Scope& scope : scopes) {
    if (!text.empty()) text += ' ';
    text += scope.ToString();
  }
  return text;
}

}  // namespace portolan::server
