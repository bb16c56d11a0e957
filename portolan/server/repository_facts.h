// What registries' own APIs show, from what is stored.
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "portolan/auth/access.h"
#include "portolan/base/result.h"
#include "portolan/dialect/facts.h"
#include "portolan/oci/reference.h"
#include "portolan/store/facts.h"
#include "portolan/store/storage.h"

namespace portolan::server {

/// Facts for one request and its asker, who learns of nothing that they may not pull. Blocks: use
/// it on a pool. The references must outlive it.
class FactReader {
 public:
  /// Repositories that one list looks at; those behind are not told of.
  static constexpr std::size_t kMostRepositories = 10'000;
  /// Bytes of manifests and configurations read for one request, each counted with kCostOfOne
  /// beside its own; sizes and platforms behind that stay unknown.
  static constexpr std::size_t kMostRead = 16U << 20U;
  static constexpr std::size_t kCostOfOne = 4096;

  FactReader(store::Storage& storage, const auth::AccessRules& rules,
             const auth::Identity& identity);

  auth::ActionSet Allowed(const oci::RepositoryName& repository) const;
  /// kNameUnknown where it is missing or hidden. `bytes` is counted only if wanted.
  Result<dialect::RepositoryFacts> Repository(const oci::RepositoryName& repository,
                                              bool with_bytes);
  /// Those below `ns/` that may be pulled (`ns` empty: all), ascending, after `last`; at most
  /// `limit` of them.
  Result<std::vector<oci::RepositoryName>> Repositories(std::string_view ns, std::string last,
                                                        std::size_t limit);

  enum class Depth : std::uint8_t { kSize, kImages };  ///< kSize: an index has none
  dialect::TagFacts Tag(const oci::RepositoryName& repository, const store::TagRow& row,
                        Depth depth);
  dialect::ManifestFacts Manifest(const oci::RepositoryName& repository, const oci::Digest& digest,
                                  Depth depth);

 private:
  std::optional<oci::Manifest> Read(const oci::RepositoryName& repository,
                                    const oci::Digest& digest);
  oci::Platform PlatformOf(const oci::RepositoryName& repository, const oci::Manifest& manifest);
  dialect::ManifestFacts ImageOf(const oci::RepositoryName& repository, const oci::Digest& digest,
                                 const oci::Manifest& manifest, Depth depth);
  dialect::ManifestFacts IndexOf(const oci::RepositoryName& repository,
                                 const oci::Manifest& manifest, Depth depth);
  bool Spend(std::size_t bytes);

  store::Storage& storage_;
  const auth::AccessRules& rules_;
  const auth::Identity& identity_;
  std::size_t left_ = kMostRead;
  std::map<std::string, dialect::ManifestFacts> known_;  // by digest; many tags have the same
};

/// The name's first component, and what is behind it (empty: nothing).
struct SplitName {
  std::string_view ns;
  std::string_view name;
};
SplitName Split(const oci::RepositoryName& repository);

}  // namespace portolan::server
