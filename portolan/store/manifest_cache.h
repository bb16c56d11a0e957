// Manifests that were read lately, in memory.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "portolan/oci/digest.h"

namespace portolan::store {

/// Content by digest, the least recently used forgotten first. Who may see a manifest is no
/// business of the cache: ask it only for what a repository's row names. Content never changes, so
/// there is nothing to invalidate. Thread-safe; several threads hardly meet.
class ManifestCache {
 public:
  /// Keeps at most about `capacity` bytes.
  explicit ManifestCache(std::size_t capacity);
  ~ManifestCache();

  /// Null if it is not there.
  std::shared_ptr<const std::string> Find(const oci::Digest& digest);
  /// Content too large for the cache is not kept.
  void Insert(const oci::Digest& digest, std::shared_ptr<const std::string> content);

  struct Counts {
    std::uint64_t hits = 0;
    std::uint64_t misses = 0;
    std::uint64_t bytes = 0;  ///< in memory now
  };
  Counts counts() const;

 private:
  struct Shard;
  Shard& ShardOf(const oci::Digest& digest);

  std::size_t shard_capacity_;
  std::unique_ptr<Shard[]> shards_;
};

}  // namespace portolan::store
