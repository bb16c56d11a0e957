#include "portolan/oci/manifest.h"

#include <algorithm>

#include <fmt/format.h>

#include "portolan/base/log.h"
#include "portolan/base/text.h"
#include "portolan/oci/manifest_reader.h"

namespace portolan::oci {
namespace {

Error Invalid(std::string_view what, std::string hint = {}) {
  return Fail(ErrorCode::kManifestInvalid, fmt::format("invalid manifest: {}", what),
              std::move(hint));
}

// RFC 6838 §4.2, half of a media type.
bool IsRestrictedName(std::string_view name) {
  constexpr std::size_t kMaxSize = 127;
  return !name.empty() && name.size() <= kMaxSize && IsAsciiAlnum(name[0]) &&
         std::ranges::all_of(name, [](char c) {
           return IsAsciiAlnum(c) || std::string_view("!#$&-^_.+").contains(c);
         });
}

// The type becomes a header field of answers: nothing but a media type may be in it.
bool IsMediaType(std::string_view text) {
  const std::size_t slash = text.find('/');
  return slash != std::string_view::npos && IsRestrictedName(text.substr(0, slash)) &&
         IsRestrictedName(text.substr(slash + 1));
}

Manifest::Kind KindOf(std::string_view media_type) {
  if (media_type == kImageManifestType || media_type == kDockerManifestType) {
    return Manifest::Kind::kImage;
  }
  if (media_type == kImageIndexType || media_type == kDockerManifestListType) {
    return Manifest::Kind::kIndex;
  }
  return Manifest::Kind::kOther;
}

bool IsSchema1(std::string_view media_type) {
  return media_type == kDockerSchema1Type || media_type == kDockerSignedSchema1Type;
}

Error Schema1() {
  return Invalid("Docker schema 1 is not supported",
                 "push it again with a current client, which converts it: docker, podman, skopeo");
}

// What the text itself says that it is.
Result<std::string> TypeWithin(std::string_view content) {
  PORTOLAN_TRY(const ManifestText text, ReadManifest(content, Manifest::Kind::kOther));
  if (!text.media_type.empty()) return text.media_type;
  if (text.schema_version == 1) return Schema1();
  return Invalid("neither the Content-Type nor the member mediaType says what it is",
                 "send the manifest's media type as Content-Type");
}

// What the members must be together.
Status Check(const ManifestText& text, std::string_view media_type) {
  const Manifest& manifest = text.manifest;
  if (!text.media_type.empty() && text.media_type != media_type) {
    return Invalid(fmt::format("mediaType is \"{}\", but the Content-Type is \"{}\"",
                               Printable(text.media_type), media_type));
  }
  if (manifest.kind == Manifest::Kind::kOther) return {};
  if (text.schema_version != 2) return Invalid("schemaVersion must be 2");
  const bool docker = media_type == kDockerManifestType || media_type == kDockerManifestListType;
  if (docker && text.media_type.empty()) {
    return Invalid(fmt::format("mediaType must be \"{}\"", media_type));
  }
  if (text.has_manifests && (text.has_layers || manifest.config)) {
    return Invalid(fmt::format("it has both manifests and {}: it must be an image or an index",
                               manifest.config ? "config" : "layers"));
  }
  if (manifest.kind == Manifest::Kind::kImage && !manifest.config) {
    return Invalid("it needs a config");
  }
  if (manifest.kind == Manifest::Kind::kIndex && !text.has_manifests && !text.null_manifests) {
    return Invalid("it needs a list of manifests");
  }
  return {};
}

}  // namespace

bool IsNonDistributable(std::string_view media_type) {
  return media_type.starts_with("application/vnd.oci.image.layer.nondistributable.v1.tar") ||
         media_type.starts_with("application/vnd.docker.image.rootfs.foreign.diff.tar");
}

std::string_view Manifest::ReferrerType() const {
  if (!artifact_type.empty()) return artifact_type;
  return kind == Kind::kImage && config ? std::string_view(config->media_type) : "";
}

Result<Manifest> Manifest::Parse(std::string_view content, std::string_view content_type) {
  std::string type(TrimSpace(content_type.substr(0, content_type.find(';'))));
  if (type.empty()) {
    PORTOLAN_TRY(type, TypeWithin(content));
  }
  if (!IsMediaType(type)) {
    return Invalid(fmt::format("\"{}\" is not a media type", Printable(type)));
  }
  // Clients do not mind the case, so that a known type must be known in any.
  const std::string lower = AsciiLower(type);
  if (IsSchema1(lower)) return Schema1();
  if (KindOf(lower) != Kind::kOther) type = lower;
  PORTOLAN_TRY(ManifestText text, ReadManifest(content, KindOf(type)));
  PORTOLAN_CHECK(Check(text, type));
  text.manifest.media_type = std::move(type);
  return std::move(text.manifest);
}

}  // namespace portolan::oci
