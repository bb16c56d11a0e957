#include "portolan/dialect/profile.h"

#include <array>

namespace portolan::dialect {

std::span<const Profile* const> AllProfiles() {
  static const std::array kProfiles = {&DockerHub(), &Ghcr(),         &Quay(),        &Ecr(),
                                       &EcrPublic(), &Gcr(),          &Gar(),         &Acr(),
                                       &GitLab(),    &Harbor(),       &Artifactory(), &Nexus(),
                                       &Zot(),       &Distribution(), &Generic()};
  return kProfiles;
}

bool HostMatches(std::string_view pattern, std::string_view host) {
  const std::size_t star = pattern.find('*');
  if (star == std::string_view::npos) return pattern == host;
  if (!host.starts_with(pattern.substr(0, star))) return false;
  host.remove_prefix(star);
  pattern.remove_prefix(star + 1);
  // A star stands for at least one character; try the shortest first. Patterns have two stars at
  // the most.
  for (std::size_t taken = 1; taken <= host.size(); ++taken) {
    if (HostMatches(pattern, host.substr(taken))) return true;
  }
  return false;
}

const Profile& ProfileFor(const oci::RegistryName& registry) {
  for (const Profile* profile : AllProfiles()) {
    for (const std::string_view pattern : profile->hosts) {
      if (HostMatches(pattern, registry.host())) return *profile;
    }
  }
  return Generic();
}

const Profile& Refine(const Profile& current, const Signals& signals) {
  if (&current != &Generic()) return current;
  for (const Profile* profile : AllProfiles()) {
    if (profile->recognise != nullptr && profile->recognise(signals)) return *profile;
  }
  return current;
}

const Profile& ProfileById(std::string_view id) {
  for (const Profile* profile : AllProfiles()) {
    if (profile->id == id) return *profile;
  }
  return Generic();
}

std::string ApiHost(const oci::RegistryName& registry) {
  return registry.text() == "docker.io" ? "registry-1.docker.io" : registry.text();
}

}  // namespace portolan::dialect
