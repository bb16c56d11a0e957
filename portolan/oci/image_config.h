// An image's configuration. Spec: "OCI Image Configuration".
#pragma once

#include <cstddef>
#include <string_view>

#include "portolan/base/result.h"
#include "portolan/oci/manifest.h"

namespace portolan::oci {

/// Beyond it nobody looks for a platform.
inline constexpr std::size_t kMaxImageConfig = 1U << 20U;  ///< bytes

/// What the configuration says that the image runs on; members that are missing, or are no texts,
/// are empty. kManifestInvalid for what is no JSON object, is deeper than 32, or larger than
/// kMaxImageConfig.
Result<Platform> PlatformOfConfig(std::string_view content);

}  // namespace portolan::oci
