#include "portolan/auth/basic.h"

#include <algorithm>
#include <cstddef>
#include <utility>

#include "portolan/base/base64.h"
#include "portolan/base/text.h"

namespace portolan::auth {
namespace {

constexpr std::string_view kNobody = "Basic Og==";

}  // namespace

std::string Quoted(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + '"';
}

bool IsAnonymous(std::string_view authorization) {
  return authorization.empty() || authorization == kNobody;
}

bool IsBasic(std::string_view authorization) {
  const std::string_view field = TrimSpace(authorization);
  return EqualsIgnoreCase(field.substr(0, field.find(' ')), "Basic");
}

std::optional<BasicCredentials> ParseBasic(std::string_view authorization) {
  if (!IsBasic(authorization)) return std::nullopt;
  const std::string_view field = TrimSpace(authorization);
  const std::size_t space = std::min(field.find(' '), field.size());
  Result<std::string> decoded = Base64Decode(TrimSpace(field.substr(space)));
  if (!decoded) return std::nullopt;
  const Secret text(*std::move(decoded));
  const std::size_t colon = text.Reveal().find(':');
  if (colon == std::string::npos) return std::nullopt;
  return BasicCredentials{.user = text.Reveal().substr(0, colon),
                          .password = Secret(text.Reveal().substr(colon + 1))};
}

}  // namespace portolan::auth
