#include "portolan/probe/answer.h"

#include <algorithm>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "portolan/base/base64.h"
#include "portolan/base/text.h"

namespace portolan::probe {
namespace {

namespace json = boost::json;

std::optional<json::value> ParseJson(std::string_view text) {
  boost::system::error_code failed;
  json::value value = json::parse(text, failed);
  if (failed) return std::nullopt;
  return value;
}

const json::object* FirstError(const json::value& value) {
  if (!value.is_object()) return nullptr;
  const json::value* errors = value.get_object().if_contains("errors");
  if (errors == nullptr || !errors->is_array() || errors->get_array().empty()) return nullptr;
  return errors->get_array().front().if_object();
}

// Of a JWT: 0 the header, 1 the claims.
std::optional<json::object> PartOf(std::string_view token, int index) {
  for (; index > 0; --index) {
    const std::size_t dot = token.find('.');
    if (dot == std::string_view::npos) return std::nullopt;
    token.remove_prefix(dot + 1);
  }
  const std::size_t end = token.find('.');
  if (end == std::string_view::npos) return std::nullopt;
  const auto text = Base64Decode(token.substr(0, end));
  if (!text) return std::nullopt;
  auto value = ParseJson(*text);
  if (!value || !value->is_object()) return std::nullopt;
  return std::move(value->get_object());
}

std::string PercentDecode(std::string_view text) {
  const auto digit = [](char c) {
    if (IsAsciiDigit(c)) return c - '0';
    const char lower = AsciiLower(c);
    return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
  };
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool coded =
        text[i] == '%' && i + 2 < text.size() && digit(text[i + 1]) >= 0 && digit(text[i + 2]) >= 0;
    if (!coded) {
      out += text[i];
      continue;
    }
    out += static_cast<char>(digit(text[i + 1]) * 16 + digit(text[i + 2]));
    i += 2;
  }
  return out;
}

}  // namespace

std::string BodyKind(std::string_view body) {
  const std::string_view text = TrimSpace(body);
  if (text.empty()) return "empty";
  if (text == "true" || text == "{}") return std::string(text);
  if (const auto value = ParseJson(text)) {
    const json::object* error = FirstError(*value);
    if (error == nullptr) return "json, own form";
    const json::value* detail = error->if_contains("detail");
    if (detail == nullptr) return "json, no detail";
    return detail->is_null() ? "json, detail null" : "json, with detail";
  }
  return text.starts_with('<') ? "html" : "text";
}

std::string ErrorCodeOf(std::string_view body) {
  const auto value = ParseJson(TrimSpace(body));
  const json::object* error = value ? FirstError(*value) : nullptr;
  const json::value* code = error != nullptr ? error->if_contains("code") : nullptr;
  if (code == nullptr || !code->is_string()) return {};
  const std::string text(code->get_string());
  const bool plain = text.size() <= 64 &&
                     std::ranges::all_of(text, [](char c) { return IsAsciiAlnum(c) || c == '_'; });
  return plain ? text : std::string();
}

std::string MemberNames(std::string_view body) {
  const auto value = ParseJson(TrimSpace(body));
  std::string out;
  if (!value || !value->is_object()) return out;
  for (const auto& member : value->get_object()) {
    if (!out.empty()) out += ',';
    out += member.key();
  }
  return out;
}

std::optional<std::string> MemberText(std::string_view body, std::string_view member) {
  const auto value = ParseJson(TrimSpace(body));
  if (!value || !value->is_object()) return std::nullopt;
  const json::value* found = value->get_object().if_contains(member);
  if (found == nullptr) return std::nullopt;
  if (found->is_string()) return std::string(found->get_string());
  if (found->is_number()) return json::serialize(*found);
  return std::nullopt;
}

std::string TokenForm(std::string_view token) {
  if (const auto header = PartOf(token, 0)) {
    std::string out = "JWT";
    if (const json::value* alg = header->if_contains("alg"); alg != nullptr && alg->is_string()) {
      out += " " + std::string(alg->get_string());
    }
    for (const char* name : {"kid", "jwk", "x5c"}) {
      if (header->contains(name)) out += fmt::format(" {}", name);
    }
    return out;
  }
  const auto text = Base64Decode(token);
  const bool readable = text && !text->empty() &&
                        std::ranges::all_of(*text, [](char c) { return c >= ' ' && c < 0x7F; });
  return readable ? "base64 text" : "opaque";
}

std::optional<long> TokenSeconds(std::string_view token) {
  const auto claims = PartOf(token, 1);
  if (!claims) return std::nullopt;
  const json::value* end = claims->if_contains("exp");
  const json::value* begin = claims->if_contains("iat");
  if (end == nullptr || begin == nullptr || !end->is_int64() || !begin->is_int64()) {
    return std::nullopt;
  }
  return static_cast<long>(end->get_int64() - begin->get_int64());
}

std::vector<Parameter> QueryOf(std::string_view target) {
  std::vector<Parameter> out;
  const std::size_t question = target.find('?');
  if (question == std::string_view::npos) return out;
  std::string_view query = target.substr(question + 1);
  while (!query.empty()) {
    const std::size_t end = std::min(query.find('&'), query.size());
    const std::string_view one = query.substr(0, end);
    query.remove_prefix(std::min(end + 1, query.size()));
    const std::size_t equals = std::min(one.find('='), one.size());
    if (one.empty()) continue;
    out.push_back({.name = PercentDecode(one.substr(0, equals)),
                   .value = PercentDecode(one.substr(std::min(equals + 1, one.size())))});
  }
  return out;
}

std::string WithN(std::string_view target, std::size_t n) {
  std::string query;
  const std::size_t question = std::min(target.find('?'), target.size());
  std::string_view rest = target.substr(std::min(question + 1, target.size()));
  bool placed = false;
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find('&'), rest.size());
    const std::string_view one = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    const bool is_n = one.starts_with("n=");
    placed = placed || is_n;
    query += query.empty() ? "" : "&";
    query += is_n ? fmt::format("n={}", n) : std::string(one);
  }
  if (!placed) query = query.empty() ? fmt::format("n={}", n) : fmt::format("n={}&{}", n, query);
  return std::string(target.substr(0, question)) + "?" + query;
}

std::string HeaderCase(const http::Headers& headers) {
  bool lower = false;
  bool upper = false;
  for (const http::Headers::Field& field : headers.fields()) {
    const bool is_lower = field.name == AsciiLower(field.name);
    lower = lower || is_lower;
    upper = upper || !is_lower;
  }
  if (lower && upper) return "mixed";
  return upper ? "capitals" : "lower case";
}

}  // namespace portolan::probe
