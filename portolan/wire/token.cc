#include "portolan/wire/token.h"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <utility>

#include <boost/json.hpp>

#include "portolan/base/text.h"

namespace portolan::wire {
namespace {

namespace json = boost::json;

constexpr std::size_t kMaxDepth = 32;
constexpr std::chrono::seconds kMinLifetime{60};
constexpr std::chrono::seconds kMaxLifetime = std::chrono::days(1);
// Whatever is stated beyond it would only overflow the arithmetic of clocks.
constexpr std::chrono::seconds kMaxStated = std::chrono::days(36'500);

void AddParameter(std::string& query, std::string_view name, std::string_view value) {
  if (value.empty()) return;
  if (!query.empty()) query += '&';
  query += name;
  query += '=';
  query += PercentEncode(value);
}

std::string TextOf(const json::object& object, std::string_view name) {
  const json::value* value = object.if_contains({name.data(), name.size()});
  if (value == nullptr || !value->is_string()) return {};
  return {value->get_string().data(), value->get_string().size()};
}

// A number, or a text that is one.
std::optional<double> NumberOf(const json::value& value) {
  if (const auto* number = value.if_int64()) return static_cast<double>(*number);
  if (const auto* number = value.if_uint64()) return static_cast<double>(*number);
  if (const auto* number = value.if_double()) return *number;
  const json::string* string = value.if_string();
  if (string == nullptr) return std::nullopt;
  const std::string_view text = TrimSpace({string->data(), string->size()});
  double number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

std::optional<std::chrono::seconds> ExpiresIn(const json::object& object) {
  const json::value* value = object.if_contains("expires_in");
  if (value == nullptr) return std::nullopt;
  const std::optional<double> number = NumberOf(*value);
  if (!number || !(*number >= 1)) return std::nullopt;  // NaN is not >= 1 either
  if (*number >= static_cast<double>(kMaxStated.count())) return kMaxStated;
  return std::chrono::seconds(static_cast<std::int64_t>(*number));
}

// Whether it can stand in a header field without changing what the field means.
bool IsHeaderSafe(std::string_view token) {
  return std::ranges::all_of(token, [](char c) { return c > ' ' && c < '\x7f'; });
}

}  // namespace

Url TokenRequest::GetUrl() const {
  std::string query;
  AddParameter(query, "account", account);
  for (const std::string& scope : scopes) AddParameter(query, "scope", scope);
  AddParameter(query, "service", service);
  Url url = realm;
  if (query.empty()) return url;
  if (!url.target.contains('?')) {
    url.target += '?';
  } else if (!url.target.ends_with('?') && !url.target.ends_with('&')) {
    url.target += '&';
  }
  url.target += query;
  return url;
}

std::string TokenRequest::RefreshTokenForm(const Secret& refresh_token,
                                           std::string_view client_id) const {
  // One `scope` of all, divided by spaces: OAuth2 forbids a parameter to come twice (RFC 6749 §3.2,
  // §3.3).
  std::string all;
  for (const std::string& scope : scopes) {
    if (!all.empty() && !scope.empty()) all += ' ';
    all += scope;
  }
  std::string form;
  AddParameter(form, "client_id", client_id);
  AddParameter(form, "grant_type", "refresh_token");
  AddParameter(form, "refresh_token", refresh_token.Reveal());
  AddParameter(form, "scope", all);
  AddParameter(form, "service", service);
  return form;
}

Result<TokenReply> TokenReply::Parse(std::string_view text) {
  if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);
  json::parse_options options;
  options.max_depth = kMaxDepth;
  json::error_code ec;
  const json::value value = json::parse({text.data(), text.size()}, ec, {}, options);
  if (ec) {
    return Fail(ErrorCode::kProtocol,
                "the token endpoint's answer is not JSON (" + ec.message() + ")");
  }
  if (!value.is_object()) {
    return Fail(ErrorCode::kProtocol, "the token endpoint's answer is not a JSON object");
  }
  const json::object& object = value.get_object();
  std::string token = TextOf(object, "token");
  if (token.empty()) token = TextOf(object, "access_token");
  if (token.empty()) {
    return Fail(ErrorCode::kProtocol, "the token endpoint's answer holds no token");
  }
  if (!IsHeaderSafe(token)) {
    return Fail(ErrorCode::kProtocol,
                "the token endpoint's token holds characters that no token can have");
  }
  return TokenReply{.token = Secret(std::move(token)),
                    .refresh_token = Secret(TextOf(object, "refresh_token")),
                    .expires_in = ExpiresIn(object),
                    .scope = TextOf(object, "scope")};
}

std::chrono::seconds TokenReply::Lifetime() const {
  return std::clamp(expires_in.value_or(kMinLifetime), kMinLifetime, kMaxLifetime);
}

}  // namespace portolan::wire
