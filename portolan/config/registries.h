// registries.conf v2 (containers-registries.conf(5)): short names, mirrors, blocked and insecure
// registries.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "portolan/base/environment.h"
#include "portolan/base/files.h"
#include "portolan/base/limits.h"
#include "portolan/base/log.h"
#include "portolan/base/result.h"
#include "portolan/oci/reference.h"

namespace portolan::config {

/// One place to ask for a repository (or for a whole registry: then `repository` is absent).
struct Endpoint {
  oci::RegistryName registry;
  std::optional<oci::RepositoryName> repository;
  bool insecure = false;  ///< unverified TLS, and plain HTTP if https does not answer, are allowed
  bool mirror = false;    ///< a `[[registry.mirror]]` and not the registry's own location

  friend bool operator==(const Endpoint&, const Endpoint&) = default;
};

/// The merged configuration. A value; nothing is read after Load.
class RegistriesConf {
 public:
  /// No rules at all.
  RegistriesConf() = default;

  /// Reads `path` if given (`--registries-conf`, or CONTAINERS_REGISTRIES_CONF; it must exist
  /// then), else the first that exists of
  /// `${XDG_CONFIG_HOME:-~/.config}/containers/registries.conf` and
  /// `/etc/containers/registries.conf`; then the drop-ins `*.conf` of
  /// `/etc/containers/registries.conf.d` and of the user's `registries.conf.d` in byte order of
  /// their names, later ones winning per prefix, alias and setting (with `path` no drop-ins are
  /// read, CONTAINERS_REGISTRIES_CONF likewise). kConfigInvalid names the file, the line and what
  /// was expected; version-1 files are refused with advice. Every file read is told to `log`.
  static Result<RegistriesConf> Load(Files& files, const Environment& environment,
                                     const std::optional<std::string>& path, const Limits& limits,
                                     Log& log);

  /// What a short name stands for, in the order to try: the `[aliases]` entry alone if there is
  /// one; else one reference for each of `unqualified-search-registries`; else docker.io. With
  /// several search registries and short-name-mode `enforcing` (the default): kReferenceInvalid
  /// listing the candidates.
  Result<std::vector<oci::Reference>> ExpandShortName(std::string_view short_name) const;

  /// The endpoints of a tag listing, in the order to try: mirrors (but not those for digests only),
  /// then the registry's own, with prefix rewritten to location. kBlocked if the longest matching
  /// prefix is blocked.
  Result<std::vector<Endpoint>> Resolve(const oci::RegistryName& registry,
                                        const std::optional<oci::RepositoryName>& repository) const;

  const std::vector<std::string>& credential_helpers() const { return credential_helpers_; }

 private:
  struct Mirror {
    std::string location;
    bool insecure = false;
    bool for_tags = true;
  };
  struct Rule {
    std::string prefix;
    std::string location;
    bool insecure = false;
    bool blocked = false;
    std::vector<Mirror> mirrors;
  };
  struct Alias {
    std::string name;
    std::string target;
  };
  friend class RegistriesConfReader;

  const Rule* FindRule(std::string_view name) const;

  std::vector<Rule> rules_;
  std::vector<Alias> aliases_;
  std::vector<std::string> search_registries_;
  std::string short_name_mode_ = "enforcing";
  std::vector<std::string> credential_helpers_;
};

}  // namespace portolan::config
