// Images as Docker's schema 1 has them: what registries once gave to clients that know nothing
// newer.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "portolan/base/result.h"
#include "portolan/oci/manifest.h"
#include "portolan/oci/reference.h"

namespace portolan::oci {

/// A configuration that is larger than this is not looked at, in bytes.
inline constexpr std::size_t kMaxSchema1Config = 4U << 20U;

/// The text of a schema 1 manifest, without signatures, as its digest covers it: layers newest
/// first, each with a history entry made of the configuration's. `config` is the content of
/// `image`'s configuration. kManifestInvalid where that is no JSON object, or its history does not
/// have as many layers as the image; kUnsupported for an image without layers. Spec: Docker "Image
/// Manifest Version 2, Schema 1".
Result<std::string> Schema1Payload(const RepositoryName& name, const Tag& tag,
                                   const Manifest& image, std::string_view config);

}  // namespace portolan::oci
