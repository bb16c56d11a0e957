#include "portolan/oci/manifest_members.h"

#include <algorithm>
#include <cstddef>

#include "portolan/base/text.h"

namespace portolan::oci {
namespace {

constexpr Known kRootMembers[] = {
    {"schemaVersion", Member::kSchemaVersion, Type::kInteger},
    {"mediaType", Member::kMediaType, Type::kText},
    {"artifactType", Member::kArtifactType, Type::kText},
    {"config", Member::kConfig, Type::kObject},
    {"layers", Member::kLayers, Type::kArray},
    {"manifests", Member::kManifests, Type::kArray},
    {"subject", Member::kSubject, Type::kObject},
    {"annotations", Member::kAnnotations, Type::kObject},
};
// Of a text whose media type says nothing about it.
constexpr Known kOtherRootMembers[] = {
    {"mediaType", Member::kMediaType, Type::kText},
    {"subject", Member::kSubject, Type::kObject},
    {"schemaVersion", Member::kSchemaVersion, Type::kInteger},
    {"artifactType", Member::kArtifactType, Type::kText},
    {"annotations", Member::kAnnotations, Type::kObject},
};
constexpr Known kDescriptorMembers[] = {
    {"mediaType", Member::kMediaType, Type::kText},
    {"digest", Member::kDigest, Type::kText},
    {"size", Member::kSize, Type::kInteger},
    {"artifactType", Member::kArtifactType, Type::kText},
    {"annotations", Member::kAnnotations, Type::kObject},
    {"platform", Member::kPlatform, Type::kObject},
    {"urls", Member::kUrls, Type::kArray},
};
constexpr Known kPlatformMembers[] = {
    {"os", Member::kOs, Type::kText},
    {"architecture", Member::kArchitecture, Type::kText},
    {"variant", Member::kVariant, Type::kText},
};

}  // namespace

std::span<const Known> KnownMembers(Place place, bool other) {
  switch (place) {
    case Place::kRoot:
      return other ? std::span<const Known>(kOtherRootMembers) : kRootMembers;
    case Place::kDescriptor:
      return kDescriptorMembers;
    case Place::kPlatform:
      return kPlatformMembers;
    default:
      return {};
  }
}

std::string_view Expected(Type type) {
  switch (type) {
    case Type::kText:
      return "a text";
    case Type::kInteger:
      return "a whole number";
    case Type::kObject:
      return "an object";
    case Type::kArray:
      return "a list";
    case Type::kOther:
      break;
  }
  return "something else";
}

bool GoTakesFor(std::string_view key, std::string_view name) {
  std::size_t at = 0;
  for (const char c : name) {
    const std::string_view rest = key.substr(std::min(at, key.size()));
    const char want = AsciiLower(c);
    if (!rest.empty() && AsciiLower(rest[0]) == want) {
      at += 1;
    } else if (want == 's' && rest.starts_with("\u017f")) {
      at += 2;
    } else if (want == 'k' && rest.starts_with("\u212a")) {
      at += 3;
    } else {
      return false;
    }
  }
  return at == key.size();
}

}  // namespace portolan::oci
