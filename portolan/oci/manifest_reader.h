// The JSON text of a manifest, read member by member; what the members mean together is
// manifest.cc's.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "portolan/base/result.h"
#include "portolan/oci/manifest.h"

namespace portolan::oci {

/// What a text holds.
struct ManifestText {
  Manifest manifest;                           ///< without its media type
  std::string media_type;                      ///< member `mediaType` as written, may be empty
  std::optional<std::int64_t> schema_version;  ///< member `schemaVersion`
  bool has_layers = false;                     ///< the members that tell images and indexes apart
  bool has_manifests = false;
  bool null_manifests = false;  ///< as Go programs write an empty list
};

/// Reads `content` as a manifest of this kind. kManifestInvalid as Manifest::Parse says, for all
/// that concerns a single member.
Result<ManifestText> ReadManifest(std::string_view content, Manifest::Kind kind);

}  // namespace portolan::oci
