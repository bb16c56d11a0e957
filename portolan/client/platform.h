// Platforms as users write them, and which image of an index is theirs.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "portolan/base/result.h"
#include "portolan/client/tag_info.h"
#include "portolan/oci/manifest.h"

namespace portolan::client {

/// `linux/arm64/v8`, `linux/amd64`. kUsage.
Result<oci::Platform> ParsePlatform(std::string_view text);

/// The platform of this program, as container images call it; the system is always Linux.
oci::Platform HostPlatform();

/// Whether an image for `image` is what was asked for by `wanted`: the same system and
/// architecture, and the same variant if one is wanted. `arm64` is `arm64/v8`, and `arm` is
/// `arm/v7`.
bool Satisfies(const oci::Platform& image, const oci::Platform& wanted);

/// Whether it says what it runs on. Attestations say `unknown/unknown`.
bool IsKnown(const oci::Platform& platform);

/// Which images are looked at.
struct PlatformWish {
  /// Of an index without it the first image is taken, unless it is `required`.
  oci::Platform platform = HostPlatform();
  bool required = false;
  bool all = false;  ///< every image of an index, counted together
};

/// The image of an index that is meant, or null.
const TagImage* ChooseImage(const std::vector<TagImage>& images, const PlatformWish& wish);

}  // namespace portolan::client
