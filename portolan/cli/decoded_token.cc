#include "portolan/cli/decoded_token.h"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <utility>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "portolan/base/base64.h"
#include "portolan/base/date.h"
#include "portolan/base/text.h"
#include "portolan/cli/pretty_json.h"

namespace portolan::cli {
namespace {

namespace json = boost::json;

std::optional<json::object> ParseObject(std::string_view text) {
  boost::system::error_code failed;
  json::value value = json::parse(text, failed);
  if (failed || !value.is_object()) return std::nullopt;
  return std::move(value.get_object());
}

std::optional<json::object> DecodePart(std::string_view part) {
  const auto text = Base64Decode(part);
  return text ? ParseObject(*text) : std::nullopt;
}

// Azure's tokens spell the members of a grant with capitals.
const json::value* Member(const json::object& object, std::string_view name) {
  for (const auto& member : object) {
    if (EqualsIgnoreCase(member.key(), name)) return &member.value();
  }
  return nullptr;
}

std::string TextMember(const json::object& object, std::string_view name) {
  const json::value* value = Member(object, name);
  return value != nullptr && value->is_string() ? std::string(value->get_string()) : std::string();
}

std::optional<Clock::WallTime> DateMember(const json::object& object, std::string_view name) {
  const json::value* value = Member(object, name);
  if (value == nullptr || !value->is_number()) return std::nullopt;
  boost::system::error_code failed;
  const double seconds = value->to_number<double>(failed);
  // Beyond this the clock's nanoseconds overflow.
  constexpr double kLatest = 9e9;
  if (failed || !(seconds >= 0 && seconds < kLatest)) return std::nullopt;
  return Clock::WallTime(std::chrono::seconds(static_cast<std::int64_t>(seconds)));
}

std::optional<std::vector<wire::Scope>> GrantsOf(const json::object& payload) {
  const json::value* access = Member(payload, "access");
  if (access == nullptr) return std::nullopt;
  std::vector<wire::Scope> grants;
  if (access->is_null()) return grants;
  if (!access->is_array()) return std::nullopt;
  for (const json::value& item : access->get_array()) {
    if (!item.is_object()) continue;
    const json::object& object = item.get_object();
    wire::Scope grant{
        .type = TextMember(object, "type"), .name = TextMember(object, "name"), .actions = {}};
    if (const json::value* actions = Member(object, "actions");
        actions != nullptr && actions->is_array()) {
      for (const json::value& action : actions->get_array()) {
        if (action.is_string()) grant.actions.emplace_back(action.get_string());
      }
    }
    grants.push_back(std::move(grant));
  }
  return grants;
}

std::optional<DecodedToken> DecodeJwt(std::string_view token) {
  const std::size_t first = token.find('.');
  const std::size_t second = first == std::string_view::npos ? first : token.find('.', first + 1);
  if (second == std::string_view::npos || token.find('.', second + 1) != std::string_view::npos) {
    return std::nullopt;
  }
  auto header = DecodePart(token.substr(0, first));
  auto payload = DecodePart(token.substr(first + 1, second - first - 1));
  if (!header || !payload) return std::nullopt;
  DecodedToken decoded;
  decoded.form = DecodedToken::Form::kJwt;
  decoded.granted = GrantsOf(*payload);
  decoded.issued = DateMember(*payload, "iat");
  decoded.expires = DateMember(*payload, "exp");
  decoded.header = json::serialize(*header);
  decoded.payload = json::serialize(*payload);
  return decoded;
}

std::optional<DecodedToken> DecodeGhcr(std::string_view token) {
  const auto text = Base64Decode(token);
  if (!text) return std::nullopt;
  const std::string_view all = *text;
  const std::size_t first = all.find(':');
  const std::size_t last = all.rfind(':');
  if (first == std::string_view::npos || first == last) return std::nullopt;
  const std::string_view version = all.substr(0, first);
  if (version.size() < 2 || version[0] != 'v' ||
      !std::ranges::all_of(version.substr(1), IsAsciiDigit)) {
    return std::nullopt;
  }
  const auto repository = oci::RepositoryName::Parse(all.substr(first + 1, last - first - 1));
  if (!repository) return std::nullopt;
  const std::string_view digits = all.substr(last + 1);
  std::int64_t nanoseconds = 0;
  const auto [end, problem] =
      std::from_chars(digits.data(), digits.data() + digits.size(), nanoseconds);
  if (problem != std::errc() || end != digits.data() + digits.size() || nanoseconds < 0) {
    return std::nullopt;
  }
  DecodedToken decoded;
  decoded.form = DecodedToken::Form::kGhcr;
  decoded.repository = repository->text();
  decoded.issued = Clock::WallTime(
      std::chrono::duration_cast<Clock::WallTime::duration>(std::chrono::nanoseconds(nanoseconds)));
  decoded.payload =
      fmt::format(R"({{"version":{},"repository":{},"issued":{},"issued_nanoseconds":{}}})",
                  JsonString(version), JsonString(repository->text()),
                  JsonString(FormatDate(*decoded.issued)), nanoseconds);
  return decoded;
}

// Names may hold colons (`registry.example:5000/a`), types and actions cannot.
wire::Scope SplitScope(std::string_view text) {
  const std::size_t first = text.find(':');
  const std::size_t last = text.rfind(':');
  if (first == std::string_view::npos || first == last) {
    return {.type = std::string(text), .name = {}, .actions = {}};
  }
  wire::Scope scope{.type = std::string(text.substr(0, first)),
                    .name = std::string(text.substr(first + 1, last - first - 1)),
                    .actions = {}};
  for (std::string_view rest = text.substr(last + 1); !rest.empty();) {
    const std::size_t comma = std::min(rest.find(','), rest.size());
    scope.actions.emplace_back(rest.substr(0, comma));
    rest.remove_prefix(std::min(comma + 1, rest.size()));
  }
  return scope;
}

bool IsGranted(const wire::Scope& wish, const std::string& action,
               const std::vector<wire::Scope>& granted) {
  return std::ranges::any_of(granted, [&](const wire::Scope& grant) {
    return grant.type == wish.type && grant.name == wish.name &&
           std::ranges::any_of(grant.actions, [&](const std::string& granted_action) {
             return granted_action == action || granted_action == "*";
           });
  });
}

}  // namespace

DecodedToken DecodeToken(std::string_view token) {
  if (auto decoded = DecodeJwt(token)) return *std::move(decoded);
  if (auto decoded = DecodeGhcr(token)) return *std::move(decoded);
  return {};
}

std::vector<std::string> NotGranted(const std::vector<std::string>& asked,
                                    const std::vector<wire::Scope>& granted) {
  std::vector<std::string> missing;
  for (const std::string& text : asked) {
    wire::Scope wish = SplitScope(text);
    if (wish.actions.empty()) continue;  // a form of some registry's own: nothing to compare
    std::erase_if(wish.actions,
                  [&](const std::string& action) { return IsGranted(wish, action, granted); });
    if (!wish.actions.empty()) missing.push_back(wish.ToString());
  }
  return missing;
}

}  // namespace portolan::cli
