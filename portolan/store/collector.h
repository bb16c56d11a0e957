// Online garbage collection: removes what nothing needs, while clients push and pull.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "portolan/base/clock.h"
#include "portolan/base/log.h"
#include "portolan/base/result.h"
#include "portolan/store/storage.h"

namespace portolan::store {

/// One thing that was removed, or would be, and why.
struct Removal {
  enum class Kind : std::uint8_t { kManifest, kLink, kBlob, kUpload, kStagingFile };
  Kind kind = Kind::kBlob;
  std::string repository;  ///< of manifests, links and uploads
  std::string what;        ///< digest or id
  std::uint64_t bytes = 0;
  std::string why;  ///< "no manifest of the repository refers to it since 2026-11-24 13:02"
};

struct CollectionReport {
  std::uint64_t manifests = 0;
  std::uint64_t links = 0;
  std::uint64_t blobs = 0;
  std::uint64_t bytes = 0;  ///< of blobs removed
  std::uint64_t uploads = 0;
  std::uint64_t staging_files = 0;  ///< without an upload
  std::uint64_t leased = 0;         ///< kept only because of a lease
};

/// Collects in small steps, each a transaction of its own: never more than a few hundred rows at a
/// time, so that a push waits for milliseconds at most. Order: objects of doomed blobs, then their
/// rows; stale uploads; staging files without an upload; tags of deleted manifests; manifests that
/// may go; links that no manifest needs (condemned in the LeaseTable first, looked at again in the
/// transaction); blobs that are doomed now; old history;
/// repositories that have nothing any more.
class Collector {
 public:
  Collector(Storage& storage, const Clock& clock, Log& log);

  /// One whole run. With `dry_run` nothing is changed, leases are not looked at, and only what
  /// could go at once is told: not what would follow from it (and, beside a server in another
  /// process, also the staging files that it is writing to). `on_removal` may be empty. An Error
  /// ends the run; what was removed stays removed, and the next run goes on. kInsufficientStorage
  /// ends only its step, and comes after the last one. `stop` is asked
  /// between steps, and ends the run early, with a success.
  Result<CollectionReport> Run(bool dry_run, const std::function<void(const Removal&)>& on_removal,
                               const std::function<bool()>& stop = {});

 private:
  Storage& storage_;
  const Clock& clock_;
  Log& log_;
};

}  // namespace portolan::store
