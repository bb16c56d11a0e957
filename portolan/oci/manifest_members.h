// Which members of a manifest's JSON text have a meaning, in one table per kind of object.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace portolan::oci {

/// What an object or array is.
enum class Place : std::uint8_t {
  kRoot,
  kDescriptor,
  kDescriptors,  // an array of them
  kAnnotations,
  kPlatform,
  kUrls,
  kUnknown,  // and all that is in it
};

/// What a value is.
enum class Member : std::uint8_t {
  kUnknown,
  kSchemaVersion,
  kMediaType,
  kArtifactType,
  kConfig,
  kLayers,
  kManifests,
  kSubject,
  kAnnotations,
  kDigest,
  kSize,
  kUrls,
  kPlatform,
  kOs,
  kArchitecture,
  kVariant,
  kDescriptor,  // an element of `layers` or `manifests`
  kUrl,         // an element of `urls`
  kAnnotation,  // a member of `annotations`
};

/// What JSON calls it.
enum class Type : std::uint8_t { kText, kInteger, kObject, kArray, kOther };

/// A member that has a meaning.
struct Known {
  std::string_view name;
  Member member;
  Type type;
};

/// The members that a place knows; `other`: of a text whose media type says nothing about it.
std::span<const Known> KnownMembers(Place place, bool other);

/// "a text", "a whole number".
std::string_view Expected(Type type);

/// Whether Go's encoding/json, which most clients use, takes `key` for the member `name`: ASCII
/// case does not matter to it, nor that of the two other letters that fold to ASCII ones.
bool GoTakesFor(std::string_view key, std::string_view name);

}  // namespace portolan::oci
