// From a digest to what people want to know of an image.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "portolan/async/task.h"
#include "portolan/base/log.h"
#include "portolan/base/result.h"
#include "portolan/client/platform.h"
#include "portolan/client/repository_cache.h"
#include "portolan/client/tag_info.h"
#include "portolan/oci/digest.h"
#include "portolan/oci/manifest.h"
#include "portolan/repo/repository.h"

namespace portolan::client {

/// What the members of the same names in TagInfo are.
struct ImageDetails {
  std::string media_type;
  std::optional<std::uint64_t> size;
  std::optional<Clock::WallTime> created;
  std::optional<oci::Platform> platform;
  std::vector<TagImage> images;
  std::optional<Error> failure;  ///< why some of it is missing
};

/// Reads manifests, indexes and image configurations of one repository, each once: from the cache
/// where it is there. For one loop; several calls may be under way.
class ImageReader {
 public:
  /// The references must outlive the reader. With `from_cache_only` nothing is asked for.
  ImageReader(repo::Repository& repository, RepositoryCache& cache, Log& log, bool from_cache_only)
      : repository_(repository), cache_(cache), log_(log), from_cache_only_(from_cache_only) {}

  /// Details of an image; of an index, those of the image that `wish` chooses. An artifact has a
  /// size, and neither platform nor images; a manifest of an unknown type has a media type alone.
  /// kManifestUnknown, kManifestInvalid, and all of Repository::ReadManifest.
  async::Task<Result<ImageDetails>> Describe(const oci::Digest& digest, const PlatformWish& wish);

  /// A manifest as it was parsed. Errors as above; kUnsupported for Docker's schema 1.
  async::Task<Result<oci::Manifest>> ReadManifest(const oci::Digest& digest);

 private:
  async::Task<Result<ImageDetails>> DescribeAt(oci::Digest digest, const PlatformWish& wish,
                                               int depth);
  async::Task<ImageDetails> DescribeImage(oci::Digest digest, oci::Manifest manifest);
  async::Task<ImageDetails> DescribeIndex(oci::Manifest index, const PlatformWish& wish, int depth);
  async::Task<Status> AddAll(ImageDetails& details);
  async::Task<Status> ReadConfig(const oci::Descriptor& config, ImageDetails& details);

  repo::Repository& repository_;
  RepositoryCache& cache_;
  Log& log_;
  bool from_cache_only_;
};

}  // namespace portolan::client
