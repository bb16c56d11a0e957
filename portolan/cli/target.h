// What the words of a command line point to: a repository, or a registry as a whole.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "portolan/base/result.h"
#include "portolan/client/registries.h"
#include "portolan/oci/reference.h"

namespace portolan::cli {

/// When a word without a slash is a registry, where it could also be an image with a tag.
enum class RegistryRule {
  kDotted,         ///< `quay.io`, `quay.io:443`, `localhost:5000`, `[::1]`; `redis:7` is an image
  kDottedOrPorted  ///< also `myhost:5000`
};

/// The registry that `text` names alone; `docker://` may stand before it, and its web address
/// counts too. Nothing if it has a path or is no registry by `rule`.
std::optional<oci::RegistryName> RegistryAlone(std::string_view text, RegistryRule rule);

/// Everything that `text` may mean, in the order to try: a registry by `rule`, else one repository,
/// else several for a short name. Never empty. Errors as Registries::Resolve.
Result<std::vector<client::Target>> ResolveTargets(const client::Registries& registries,
                                                   std::string_view text, RegistryRule rule);

/// Whether a short name that failed so may still be another repository: the next of its meanings is
/// tried where one is not there, or not for us.
bool MayBeElsewhere(ErrorCode code);

/// A host or what lies below it: `quay.io`, `quay.io/team`, `quay.io/team/app`, or a registry's web
/// address (`https://index.docker.io/v1/`). kReferenceInvalid.
Result<client::Target> ParseHostTarget(std::string_view text);

}  // namespace portolan::cli
