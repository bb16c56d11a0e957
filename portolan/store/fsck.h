// Checks a storage folder against itself.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "portolan/base/result.h"
#include "portolan/store/storage.h"

namespace portolan::store {

struct FsckOptions {
  bool repair = false;
  bool rehash = true;  ///< read every byte; false: only sizes
};

/// One thing that is not as it should be.
struct Finding {
  enum class Kind : std::uint8_t {
    kDatabase,       ///< the database's own check complains
    kMissingObject,  ///< a row without its object: content is lost
    kWrongContent,   ///< size or digest differ: content is damaged
    kOrphanObject,   ///< an object without a row: left by a crash, harmless
    kOrphanStaging,  ///< a staging file without an upload: harmless
    kDangling,       ///< a manifest refers to what is not there
  };
  Kind kind = Kind::kDatabase;
  std::string what;  ///< names the thing and what was found
  bool repaired = false;
};

struct FsckReport {
  std::uint64_t blobs = 0;
  std::uint64_t manifests = 0;
  std::uint64_t bytes = 0;     ///< that were read and hashed
  std::uint64_t damaged = 0;   ///< findings that mean lost content
  std::uint64_t harmless = 0;  ///< orphans
};

/// Checks everything, each Finding to `on_finding` as it comes. Repairing: orphans are removed; an
/// object without a row whose content has its key's digest and whose row is missing its own is
/// taken back; damaged objects are set aside in `lost+found/` and their rows dropped, so that
/// clients see them as unknown and can push them again. Nobody else may use the storage then: an
/// upload between its object and its row looks like an orphan. Without `repair` it may run beside a
/// server.
Result<FsckReport> Fsck(Storage& storage, const FsckOptions& options,
                        const std::function<void(const Finding&)>& on_finding);

}  // namespace portolan::store
