// A disk in memory that fails when told to, and that loses power.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "portolan/base/random.h"
#include "portolan/store/disk.h"
#include "portolan/store/testing/fault_plan.h"

namespace portolan::store {

/// Keeps what is durable apart from what programs see: writes count after SyncData, names after
/// SyncFolder of their own folder. A SyncData that fails drops what it should have written, and the
/// next one succeeds all the same, as Linux has it. Thread-safe.
class FaultyDisk final : public Disk {
 public:
  /// `plan` must outlive it.
  explicit FaultyDisk(FaultPlan& plan);
  ~FaultyDisk() override;

  /// What survives of changes that were not made durable.
  enum class Survival : std::uint8_t {
    kNothing,
    kSome,  ///< each change of a name and each write by chance
    kEverything,
  };
  /// The power goes and comes back: files that are open are dead, and what was not durable is lost.
  void LosePower(Survival survival, Random& random);

  /// Makes a file that Adopt finds.
  void PutOutside(const std::string& path, std::string content);
  /// All files below the root with their content, as programs see them.
  std::map<std::string, std::string> Files() const;
  /// Changes one byte of a file without anybody's knowing, as a medium that decays.
  void Damage(const std::string& path, std::size_t offset);

  Result<std::unique_ptr<DiskFile>> Create(const std::string& path) override;
  Result<std::unique_ptr<DiskFile>> Open(const std::string& path, bool writable) override;
  Status Rename(const std::string& from, const std::string& to) override;
  Status Remove(const std::string& path) override;
  Status MakeFolder(const std::string& path) override;
  Status SyncFolder(const std::string& path) override;
  Result<std::vector<std::string>> List(const std::string& folder) override;
  Status Adopt(const std::string& outside, const std::string& path) override;
  Result<std::uint64_t> FreeBytes() override { return std::uint64_t{1} << 40U; }

 private:
  class File;
  struct Node;
  struct Place;
  Place Find(const std::string& path);
  Node* FolderAt(const std::string& path);

  FaultPlan& plan_;
  mutable std::mutex mutex_;
  // All below is guarded by mutex_.
  std::shared_ptr<Node> root_;
  std::map<std::string, std::string> outside_;
  std::uint64_t life_ = 0;  // counts losses of power
};

}  // namespace portolan::store
