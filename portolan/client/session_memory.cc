// What a session keeps of what it was told: the challenge, and tokens.
#include <algorithm>

#include "portolan/client/session.h"

namespace portolan::client {
namespace {

// A token for no scope at all (a login's) is good for no scope, and no other token stands in for
// it.
bool Covers(const RegistryMemory::Token& token, const std::vector<std::string>& scopes) {
  if (scopes.empty()) return token.scopes.empty();
  return std::ranges::all_of(scopes, [&](const std::string& scope) {
    return std::ranges::find(token.scopes, scope) != token.scopes.end();
  });
}

}  // namespace

void Session::Remember(const wire::Challenge& challenge, bool from_base) {
  const bool new_scheme = memory_.scheme != challenge.scheme;
  memory_.scheme = challenge.scheme;
  if (challenge.scheme == "bearer") {
    memory_.realm = challenge.Get("realm");
    memory_.service = challenge.Get("service");
    // The scope of /v2/ may be a placeholder (GHCR); a registry with a single scope sends it
    // everywhere.
    if (!from_base || profile_->challenge_scope_only)
      memory_.challenge_scope = challenge.Get("scope");
  }
  if (new_scheme && memory_.scheme == "basic") Save();
}

void Session::Save() {
  memory_.profile = profile_->id;
  services_.cache.Store(api_host_, setup_.credentials, memory_);
}

const RegistryMemory::Token* Session::FindToken(const std::vector<std::string>& scopes) const {
  for (const RegistryMemory::Token& token : memory_.tokens) {
    const bool same_issuer = token.realm == memory_.realm && token.service == memory_.service;
    if (same_issuer && Covers(token, scopes) && token.use_until > services_.clock.Now())
      return &token;
  }
  return nullptr;
}

void Session::DropEnded() {
  std::erase_if(memory_.tokens,
                [&](const auto& token) { return token.use_until <= services_.clock.Now(); });
}

}  // namespace portolan::client
