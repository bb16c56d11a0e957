// What tokens allow: the scopes' words and the actions that they stand for.
#include <algorithm>
#include <initializer_list>
#include <utility>

#include "portolan/auth/access.h"

namespace portolan::auth {
namespace {

constexpr std::string_view kRepository = "repository";

bool IsCatalog(const wire::Scope& scope) {
  return scope.type == "registry" && scope.name == "catalog";
}

ActionSet SetOf(std::initializer_list<Action> actions) {
  ActionSet set;
  for (const Action action : actions) set.Add(action);
  return set;
}

// What a word of a repository's scope stands for; nothing if it is none.
ActionSet MeaningOf(std::string_view word) {
  if (word == "push") return SetOf({Action::kCreate, Action::kOverwrite});
  if (word == "*") {
    return SetOf({Action::kPull, Action::kCreate, Action::kOverwrite, Action::kDelete});
  }
  const std::optional<Action> action = ActionOf(word);
  return action && *action != Action::kCatalog ? SetOf({*action}) : ActionSet();
}

// The words for what is asked for and allowed.
std::vector<std::string> Granted(const std::vector<std::string>& words, ActionSet allowed) {
  std::vector<std::string> granted;
  const auto add = [&](std::string_view word) {
    if (std::ranges::find(granted, word) == granted.end()) granted.emplace_back(word);
  };
  for (const std::string& word : words) {
    const ActionSet meaning = MeaningOf(word);
    if (meaning.empty()) continue;
    if (allowed.And(meaning) == meaning) {
      add(word);
      continue;
    }
    // A part of it, in its own words.
    const ActionSet part = allowed.And(meaning);
    const ActionSet push = MeaningOf("push");
    if (part.And(push) == push) add("push");
    for (int i = 0; i < kActions; ++i) {
      const auto action = static_cast<Action>(i);
      const bool said = part.And(push) == push && push.Has(action);
      if (part.Has(action) && !said) add(NameOf(action));
    }
  }
  return granted;
}

}  // namespace

ActionSet Grants::Allowed(const oci::RepositoryName* repository) const {
  ActionSet allowed;
  for (const wire::Scope& scope : scopes_) {
    if (IsCatalog(scope)) {
      const bool all = std::ranges::find(scope.actions, "*") != scope.actions.end();
      if (all && repository == nullptr) allowed.Add(Action::kCatalog);
    } else if (scope.type == kRepository) {
      if (repository != nullptr && scope.name != repository->text()) continue;
      for (const std::string& word : scope.actions) allowed.Add(MeaningOf(word));
    }
  }
  return allowed;
}

std::vector<wire::Scope> AccessRules::Grant(const Identity& identity,
                                            std::span<const wire::Scope> requested) const {
  std::vector<wire::Scope> granted;
  for (const wire::Scope& scope : requested) {
    wire::Scope grant{.type = scope.type, .name = scope.name, .actions = {}};
    if (IsCatalog(scope)) {
      if (Allowed(identity, nullptr).Has(Action::kCatalog)) grant.actions = {"*"};
    } else if (scope.type == kRepository) {
      const Result<oci::RepositoryName> repository = oci::RepositoryName::Parse(scope.name);
      if (!repository) continue;
      grant.actions = Granted(scope.actions, Allowed(identity, &*repository));
    }
    if (!grant.actions.empty()) granted.push_back(std::move(grant));
  }
  return granted;
}

}  // namespace portolan::auth
