#include "portolan/wire/scope.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "portolan/base/log.h"
#include "portolan/base/text.h"

namespace portolan::wire {
namespace {

std::vector<std::string> ActionsOf(std::string_view method) {
  if (method == "POST" || method == "PUT" || method == "PATCH") return {"pull", "push"};
  if (method == "DELETE") return {"delete"};
  return {"pull"};
}

constexpr std::size_t kMaxName = 255;
constexpr std::size_t kMaxActions = 16;
constexpr std::size_t kMaxShown = 80;

Error NotAScope(std::string_view text) {
  return Fail(
      ErrorCode::kNameInvalid,
      fmt::format("the scope \"{}\" cannot be understood", Printable(text.substr(0, kMaxShown))),
      "it has the form repository:NAME:pull,push");
}

bool IsWord(std::string_view text) {
  return !text.empty() && text.size() <= 64 && std::ranges::all_of(text, [](char c) {
    return IsAsciiAlnum(c) || std::string_view("-_.*").contains(c);
  });
}

// Parts between dividers, without empty ones.
std::vector<std::string_view> Split(std::string_view text, char divider) {
  std::vector<std::string_view> parts;
  while (!text.empty()) {
    const std::string_view part = text.substr(0, text.find(divider));
    if (!part.empty()) parts.push_back(part);
    text.remove_prefix(std::min(part.size() + 1, text.size()));
  }
  return parts;
}

Status AddActions(std::vector<std::string>& actions, std::span<const std::string_view> more) {
  for (const std::string_view action : more) {
    if (std::ranges::find(actions, action) != actions.end()) continue;
    if (!IsWord(action) || actions.size() == kMaxActions) return NotAScope(action);
    actions.emplace_back(action);
  }
  return {};
}

}  // namespace

Result<Scope> Scope::Parse(std::string_view text) {
  const std::size_t first = text.find(':');
  const std::size_t last = text.rfind(':');
  if (first == std::string_view::npos || last == first) return NotAScope(text);
  std::string_view type = text.substr(0, first);
  if (type.ends_with(')')) type = type.substr(0, type.find('('));
  const std::string_view name = text.substr(first + 1, last - first - 1);
  if (!IsWord(type) || name.empty() || name.size() > kMaxName) return NotAScope(text);
  if (!std::ranges::all_of(name, [](char c) { return c > ' ' && c < '\x7f'; })) {
    return NotAScope(text);
  }
  Scope scope{.type = std::string(type), .name = std::string(name), .actions = {}};
  if (!AddActions(scope.actions, Split(text.substr(last + 1), ','))) return NotAScope(text);
  return scope;
}

Result<std::vector<Scope>> Scope::ParseAll(std::span<const std::string_view> parameters) {
  std::vector<Scope> scopes;
  for (const std::string_view parameter : parameters) {
    for (const std::string_view text : Split(parameter, ' ')) {
      PORTOLAN_TRY(Scope scope, Parse(text));
      const auto same = std::ranges::find_if(scopes, [&](const Scope& other) {
        return other.type == scope.type && other.name == scope.name;
      });
      if (same != scopes.end()) {
        const std::vector<std::string_view> more(scope.actions.begin(), scope.actions.end());
        PORTOLAN_CHECK(AddActions(same->actions, more));
        continue;
      }
      if (scopes.size() == kMaxScopes) {
        return Fail(ErrorCode::kTooLarge,
                    fmt::format("more than {} scopes in one request", kMaxScopes));
      }
      scopes.push_back(std::move(scope));
    }
  }
  return scopes;
}

Scope Scope::ForRepository(const oci::RepositoryName& repository, std::string_view method) {
  return {.type = "repository", .name = repository.text(), .actions = ActionsOf(method)};
}

Scope Scope::ForCatalog() { return {.type = "registry", .name = "catalog", .actions = {"*"}}; }

std::string Scope::ToString() const {
  std::string out = type + ":" + name + ":";
  for (std::size_t i = 0; i < actions.size(); ++i) {
    if (i > 0) out += ',';
    out += actions[i];
  }
  return out;
}

}  // namespace portolan::wire
