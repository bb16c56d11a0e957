#include "portolan/auth/access.h"

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>

#include "portolan/base/log.h"
#include "portolan/base/text.h"

namespace portolan::auth {
namespace {

constexpr std::array<std::string_view, kActions> kNames = {"pull", "create", "overwrite", "delete",
                                                           "catalog"};
constexpr std::string_view kUser = "${user}";
constexpr std::string_view kAnybody = "anonymous";
constexpr std::string_view kNamed = "*";

Error BadGlob(std::string_view glob, std::string_view why) {
  return Fail(ErrorCode::kConfigInvalid,
              fmt::format("the repository pattern \"{}\" {}", Printable(glob), why),
              "write for example library/*, team/** or ${user}/**");
}

Status CheckGlob(std::string_view glob) {
  if (glob.empty()) return BadGlob(glob, "is empty");
  if (glob.contains("***")) return BadGlob(glob, "has more than two stars in a row");
  if (glob.starts_with('/') || glob.ends_with('/') || glob.contains("//")) {
    return BadGlob(glob, "has an empty part between slashes");
  }
  for (std::string_view rest = glob; !rest.empty(); rest.remove_prefix(1)) {
    if (rest.starts_with(kUser)) {
      rest.remove_prefix(kUser.size() - 1);
    } else if (rest[0] == '$') {
      return BadGlob(glob, "may have no '$' but in ${user}");
    } else if (rest[0] >= 'A' && rest[0] <= 'Z') {
      return BadGlob(glob, "has an upper-case letter, which no repository has");
    } else if (!IsAsciiAlnum(rest[0]) && !std::string_view("._-/*").contains(rest[0])) {
      return BadGlob(glob, "has a character that no repository has");
    }
  }
  return {};
}

bool AppliesTo(const Rule& rule, const Identity& identity) {
  return std::ranges::any_of(rule.users, [&](const std::string& user) {
    if (user == kAnybody) return true;
    return !identity.anonymous() && (user == kNamed || user == identity.name);
  });
}

// With the asker's name where the glob wants it. Nothing if the name is not a component of a
// repository's: it could hold a star or a slash.
std::optional<std::string> Expand(std::string_view glob, const Identity& identity) {
  std::string out(glob);
  std::size_t at = out.find(kUser);
  if (at == std::string::npos) return out;
  if (identity.name.contains('/') || !oci::RepositoryName::Parse(identity.name)) {
    return std::nullopt;
  }
  for (; at != std::string::npos; at = out.find(kUser, at)) {
    out.replace(at, kUser.size(), identity.name);
  }
  return out;
}

bool Covers(const Rule& rule, const Identity& identity, const oci::RepositoryName& repository) {
  if (rule.repositories.empty()) return true;
  return std::ranges::any_of(rule.repositories, [&](const std::string& glob) {
    const std::optional<std::string> expanded = Expand(glob, identity);
    return expanded && MatchesGlob(*expanded, repository.text());
  });
}

}  // namespace

std::string_view NameOf(Action action) { return kNames[std::to_underlying(action)]; }

std::optional<Action> ActionOf(std::string_view name) {
  const auto* const it = std::ranges::find(kNames, name);
  if (it == kNames.end()) return std::nullopt;
  return static_cast<Action>(it - kNames.begin());
}

ActionSet ActionSet::All() {
  ActionSet all;
  for (int i = 0; i < kActions; ++i) all.Add(static_cast<Action>(i));
  return all;
}

Result<AccessRules> AccessRules::Make(std::vector<Rule> rules) {
  for (const Rule& rule : rules) {
    if (rule.users.empty() || std::ranges::find(rule.users, "") != rule.users.end()) {
      return Fail(ErrorCode::kConfigInvalid, "an access rule names no user",
                  "name users, * for everybody who has logged in, or anonymous for everybody");
    }
    for (const std::string& glob : rule.repositories) PORTOLAN_CHECK(CheckGlob(glob));
  }
  AccessRules made;
  made.rules_ = std::move(rules);
  return made;
}

AccessRules AccessRules::Open() {
  AccessRules open;
  open.rules_ = {{.users = {std::string(kAnybody)}, .repositories = {}, .allow = ActionSet::All()}};
  return open;
}

ActionSet AccessRules::ByRules(const Identity& identity,
                               const oci::RepositoryName* repository) const {
  ActionSet allowed;
  for (const Rule& rule : rules_) {
    if (!AppliesTo(rule, identity)) continue;
    if (repository == nullptr || Covers(rule, identity, *repository)) allowed.Add(rule.allow);
  }
  return allowed;
}

ActionSet AccessRules::Allowed(const Identity& identity,
                               const oci::RepositoryName* repository) const {
  const ActionSet by_rules = identity.by_rules ? ByRules(identity, repository) : ActionSet::All();
  return identity.grants ? by_rules.And(identity.grants->Allowed(repository)) : by_rules;
}

bool AccessRules::Shows(const Identity& identity, const oci::RepositoryName& repository) const {
  return !identity.by_rules || ByRules(identity, &repository).Has(Action::kPull);
}

}  // namespace portolan::auth
