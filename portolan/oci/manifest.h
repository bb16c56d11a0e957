// Manifests and indexes as parsed values. Spec: image manifest, image index; Docker's schema 2 and
// manifest list.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "portolan/base/result.h"
#include "portolan/oci/digest.h"

namespace portolan::oci {

// Media types that a registry knows by name; every other one is stored as it is.
inline constexpr std::string_view kImageManifestType = "application/vnd.oci.image.manifest.v1+json";
inline constexpr std::string_view kImageIndexType = "application/vnd.oci.image.index.v1+json";
inline constexpr std::string_view kDockerManifestType =
    "application/vnd.docker.distribution.manifest.v2+json";
inline constexpr std::string_view kDockerManifestListType =
    "application/vnd.docker.distribution.manifest.list.v2+json";
inline constexpr std::string_view kDockerSchema1Type =
    "application/vnd.docker.distribution.manifest.v1+json";
inline constexpr std::string_view kDockerSignedSchema1Type =
    "application/vnd.docker.distribution.manifest.v1+prettyjws";
inline constexpr std::string_view kEmptyType = "application/vnd.oci.empty.v1+json";

struct Platform {
  std::string os;
  std::string architecture;
  std::string variant;
  friend bool operator==(const Platform&, const Platform&) = default;
};

using Annotations = std::vector<std::pair<std::string, std::string>>;  ///< in the order written

/// What one content refers to another by. Spec: "OCI Content Descriptors".
struct Descriptor {
  std::string media_type;
  Digest digest;
  std::uint64_t size = 0;  ///< bytes
  std::string artifact_type;
  Annotations annotations;
  std::optional<Platform> platform;
  bool has_urls = false;  ///< content may be fetched elsewhere (foreign, non-distributable layers)
  friend bool operator==(const Descriptor&, const Descriptor&) = default;
};

/// Whether a layer of this type need not be in the registry (foreign, non-distributable).
bool IsNonDistributable(std::string_view media_type);

/// A manifest or an index. The bytes that were parsed are what is stored and served; this is what a
/// registry must know.
struct Manifest {
  enum class Kind : std::uint8_t {
    kImage,  ///< config and layers: images and artifacts
    kIndex,  ///< manifests
    kOther,  ///< an unknown media type: any JSON object, of which nothing but `subject`,
             ///< `artifactType` and `annotations` is understood; the latter two are left out where
             ///< they are not what the specification calls so
  };
  Kind kind = Kind::kImage;
  std::string media_type;             ///< without parameters, never empty
  std::optional<Descriptor> config;   ///< kImage
  std::vector<Descriptor> layers;     ///< kImage
  std::vector<Descriptor> manifests;  ///< kIndex
  std::optional<Descriptor> subject;  ///< Spec: "subject"
  std::string artifact_type;          ///< as written, may be empty
  Annotations annotations;
  friend bool operator==(const Manifest&, const Manifest&) = default;

  /// What the referrers API lists it as: `artifactType`, else the config's media type (kImage),
  /// else empty.
  std::string_view ReferrerType() const;

  /// Parses `content` as what `content_type` (a Content-Type value; parameters are ignored, and the
  /// case of a known type) says it is. kManifestInvalid, saying which member and what was expected:
  /// not JSON, not UTF-8, deeper than 32, not an object; a duplicate member, or one that differs
  /// from a known one only in case (Go programs would take it for that one); `schemaVersion` other
  /// than 2 for the four known types; a `mediaType` that is not the Content-Type's, or missing
  /// where Docker's types need it; an image without `config`, an index without `manifests`, or
  /// `manifests` beside `layers` or `config` (one text must not be two things, CVE-2021-41190); a
  /// descriptor without media type, with a size that is not a whole number from 0 to 2^63-1 or a
  /// digest that cannot be parsed; more than 100,000 descriptors; a Content-Type that is no media
  /// type. A member that is null counts as absent, a list as empty. An empty Content-Type is taken
  /// from `mediaType`, and is kManifestInvalid where there is none. Docker schema 1 is
  /// kManifestInvalid with a hint that it is no longer supported.
  static Result<Manifest> Parse(std::string_view content, std::string_view content_type);
};

}  // namespace portolan::oci
