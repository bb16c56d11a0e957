// What our registry knows of a repository and its tags, as registries' own APIs show it. Times are
// milliseconds since 1970.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "portolan/oci/digest.h"
#include "portolan/oci/manifest.h"

namespace portolan::dialect {

/// One image of a tag.
struct ImageFacts {
  oci::Digest digest;
  oci::Platform platform;
  std::uint64_t size = 0;  ///< bytes of its layers
};

/// A manifest or an index.
struct ManifestFacts {
  bool is_index = false;
  std::vector<ImageFacts> images;  ///< of an index in its order; else the one image
  /// Of the image; of an index: of its image for linux/amd64, else of its first.
  std::uint64_t size = 0;
};

struct TagFacts {
  std::string name;
  std::int64_t id = 0;  ///< unique in its repository
  oci::Digest digest;
  std::string media_type;
  std::int64_t set = 0;     ///< when it got this manifest
  std::int64_t pushed = 0;  ///< when that was pushed last
  std::string by;           ///< who set it; empty: nobody in particular
  ManifestFacts manifest;
};

/// A manifest as lists of tags may tell of it.
struct ListedManifest {
  oci::Digest digest;
  std::string media_type;
  std::uint64_t size = 0;         ///< bytes of its layers; 0 of an index
  std::vector<std::string> tags;  ///< by name
  std::int64_t created = 0;       ///< when it came first
  std::int64_t pushed = 0;        ///< and last
};

/// What the asker may do.
struct Rights {
  bool read = false;
  bool write = false;
  bool admin = false;
};

struct RepositoryFacts {
  std::int64_t id = 0;
  std::string ns;    ///< the name's first component
  std::string name;  ///< all behind it
  bool is_public = false;
  std::uint64_t manifests = 0;
  std::uint64_t bytes = 0;  ///< of all its blobs
  std::int64_t first = 0;   ///< the oldest thing known
  std::int64_t last = 0;    ///< the last change
  std::string media_type;   ///< of the tag that was set last
  Rights rights;
};

/// A number for a name, always the same one, from 1 up; 0 for nobody. For APIs that number their
/// users.
std::int64_t NumberFor(std::string_view name);

}  // namespace portolan::dialect
