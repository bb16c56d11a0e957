// What is known of one tag.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "portolan/base/clock.h"
#include "portolan/base/error.h"
#include "portolan/oci/digest.h"
#include "portolan/oci/manifest.h"

namespace portolan::client {

/// One image of an index, or the only one.
struct TagImage {
  oci::Platform platform;
  std::optional<oci::Digest> digest;
  std::optional<std::uint64_t> size;  ///< as TagInfo's; only where it is known without asking
  friend bool operator==(const TagImage&, const TagImage&) = default;
};

/// A tag. What is absent is not known, or not said by its registry.
struct TagInfo {
  std::string tag;
  std::optional<oci::Digest> digest;
  std::string media_type;
  /// Bytes of configuration and layers as they are stored and pulled: of the image of `platform`,
  /// or of all images together.
  std::optional<std::uint64_t> size;
  std::optional<Clock::WallTime> created;  ///< as the image says of itself
  std::optional<Clock::WallTime> pushed;   ///< as the registry says; no V2 API tells it
  std::optional<oci::Platform> platform;   ///< whose size and date of creation are given
  std::vector<TagImage> images;            ///< without those that are no images (attestations)
  std::optional<Error> failure;            ///< why something is missing
};

/// `linux/arm64/v8`.
std::string PlatformText(const oci::Platform& platform);

}  // namespace portolan::client
