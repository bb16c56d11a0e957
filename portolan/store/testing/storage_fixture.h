// A storage over a disk in memory and a database in a temporary folder, and what tests do with it.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "portolan/base/clock.h"
#include "portolan/base/log.h"
#include "portolan/base/random.h"
#include "portolan/oci/hasher.h"
#include "portolan/store/storage.h"
#include "portolan/store/testing/fault_plan.h"
#include "portolan/store/testing/faulty_disk.h"
#include "portolan/store/testing/temporary_folder.h"

namespace portolan::store {

/// Both parts count their operations in `plan`. Up to 16 bytes are inline.
class StorageFixture {
 public:
  StorageFixture();

  Storage& storage() { return *storage_; }
  /// Closes and opens it, as a restart of the process does.
  void Reopen();
  /// The power goes and comes back. The database keeps what it has committed.
  void LosePower(FaultyDisk::Survival survival);
  /// Moves both clocks, and so far that no lease of before stands.
  void EndLeases() { clock.Advance(options.lease); }

  Actor Someone(std::string principal = "alice") const {
    return {.principal = std::move(principal), .now = clock.WallNow()};
  }

  FaultPlan plan;
  FaultyDisk disk{plan};
  FixedRandom random;
  ManualClock clock;
  MemoryLog log;
  StorageOptions options;

 private:
  void Open();

  TemporaryFolder folder_;
  std::unique_ptr<Storage> storage_;
};

oci::RepositoryName RepositoryNamed(std::string_view name);
oci::Tag TagOf(std::string_view name);
oci::Digest Sha256Of(std::string_view content);
/// `size` bytes that nobody else has.
std::string RandomContent(std::size_t size, std::uint64_t seed);

/// Feeds `content` to the writer, in pieces of at most `piece` bytes.
Status Feed(UploadWriter& writer, std::string_view content, std::size_t piece = 1000);
/// An upload in one request.
Status PushBlob(Storage& storage, std::string_view repository, std::string_view content,
                const Actor& actor);
/// The blob's content, or an Error.
Result<std::string> PullBlob(Storage& storage, std::string_view repository,
                             const oci::Digest& digest);

/// The text of an image manifest.
std::string ImageManifest(std::string_view config, const std::vector<std::string>& layers);
/// The text of an index of manifests.
std::string ImageIndex(const std::vector<std::string>& manifests);
Status PushManifest(Storage& storage, std::string_view repository, std::string_view content,
                    const std::vector<oci::Tag>& tags, const Actor& actor);

}  // namespace portolan::store
