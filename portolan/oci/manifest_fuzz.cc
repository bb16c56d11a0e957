// The first line is the Content-Type. What parses, parses again to the same; its kind, its type and
// what it refers to agree; the same text without a Content-Type is the same, if it says what it is.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "portolan/oci/manifest.h"

namespace {

using portolan::oci::Descriptor;
using portolan::oci::Digest;
using portolan::oci::Manifest;

void Check(bool holds) {
  if (!holds) std::abort();
}

void CheckDescriptor(const Descriptor& descriptor) {
  Check(Digest::IsValid(descriptor.digest.text()) && !descriptor.media_type.empty());
  Check(descriptor.size <= INT64_MAX);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const std::size_t line = text.find('\n');
  if (line == std::string_view::npos) return 0;
  const std::string_view content = text.substr(line + 1);
  const portolan::Result<Manifest> manifest = Manifest::Parse(content, text.substr(0, line));
  const portolan::Result<Manifest> untyped = Manifest::Parse(content, "");
  if (!manifest) {
    Check(manifest.error().code == portolan::ErrorCode::kManifestInvalid);
    return 0;
  }
  Check(!manifest->media_type.empty() && manifest->media_type.find_first_of("\r\n ") == -1UL);
  Check(*Manifest::Parse(content, manifest->media_type) == *manifest);
  Check(!untyped || *untyped == *manifest);
  Check(manifest->config.has_value() == (manifest->kind == Manifest::Kind::kImage));
  Check(manifest->layers.empty() || manifest->kind == Manifest::Kind::kImage);
  Check(manifest->manifests.empty() || manifest->kind == Manifest::Kind::kIndex);
  for (const Descriptor& layer : manifest->layers) CheckDescriptor(layer);
  for (const Descriptor& child : manifest->manifests) CheckDescriptor(child);
  if (manifest->config) CheckDescriptor(*manifest->config);
  if (manifest->subject) CheckDescriptor(*manifest->subject);
  return 0;
}
