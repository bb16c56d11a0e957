#include "portolan/wire/scope.h"

#include <cstddef>
#include <utility>

namespace portolan::wire {
namespace {

std::vector<std::string> ActionsOf(std::string_view method) {
  if (method == "POST" || method == "PUT" || method == "PATCH") return {"pull", "push"};
  if (method == "DELETE") return {"delete"};
  return {"pull"};
}

}  // namespace

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
