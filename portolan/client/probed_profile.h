// Profiles that `portolan probe` wrote, for the client.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "portolan/base/environment.h"
#include "portolan/base/files.h"
#include "portolan/base/result.h"
#include "portolan/dialect/profile.h"
#include "portolan/oci/reference.h"

namespace portolan::client {

/// The profile of `file` (`--profile`), or else that which the variable PORTOLAN_PROFILES
/// (`HOST=FILE`, several with commas between) names for the registry. Null where there is none.
/// kConfigInvalid and Files' errors, with the file's name.
Result<std::shared_ptr<const dialect::Profile>> FindProfile(const oci::RegistryName& registry,
                                                            const std::optional<std::string>& file,
                                                            const Environment& environment,
                                                            Files& files);

}  // namespace portolan::client
