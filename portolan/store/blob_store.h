// Immutable content-addressed objects, and the staging files from which they are made.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "portolan/base/random.h"
#include "portolan/base/result.h"
#include "portolan/oci/digest.h"
#include "portolan/store/disk.h"

namespace portolan::store {

/// Objects are named by keys that are never given twice (`sha256/ab/<hex>-<8 random digits>`), so
/// that removing an old object can never hit a new one of the same digest. What is published never
/// changes. Blocking; thread-safe.
class BlobStore {
 public:
  virtual ~BlobStore() = default;

  /// A new, empty staging file of the upload `id`. An old one of this id is replaced.
  virtual Result<std::unique_ptr<DiskFile>> Stage(const std::string& id) = 0;
  /// Opens it again. kBlobUploadUnknown if it is not there.
  virtual Result<std::unique_ptr<DiskFile>> OpenStaged(const std::string& id) = 0;
  virtual Status RemoveStaged(const std::string& id) = 0;
  /// Returns when the names of all staging files survive a power failure (their content does after
  /// SyncData).
  virtual Status SyncStaged() = 0;
  /// Ids of all staging files.
  virtual Result<std::vector<std::string>> ListStaged() = 0;

  /// Turns the staging file, whose data must be durable (SyncData), into an object, and returns its
  /// key when that survives a power failure.
  virtual Result<std::string> Publish(const std::string& id, const oci::Digest& digest) = 0;
  /// Undoes Publish: the object is the staging file of `id` again, and survives a power failure as
  /// that. For content whose row could not be written.
  virtual Status Unpublish(const std::string& key, const std::string& id) = 0;
  /// Makes an object of a file outside the store (import). The caller has verified its digest, or
  /// does so afterwards. kBlobUnknown if there is no such file.
  virtual Result<std::string> Adopt(const std::string& outside, const oci::Digest& digest) = 0;

  /// kBlobUnknown if there is no such object.
  virtual Result<std::unique_ptr<DiskFile>> Open(const std::string& key) = 0;
  /// Removes them, and returns when none of them comes back after a power failure. What is not
  /// there is a success.
  virtual Status Remove(const std::vector<std::string>& keys) = 0;
  /// For repairs: gives the object `from` the name `to`, which may be free or not.
  virtual Status Rename(const std::string& from, const std::string& to) = 0;
  /// For repairs: puts the object into `lost+found/`. Gives the path there.
  virtual Result<std::string> SetAside(const std::string& key) = 0;
  /// Calls `visit` for every object, in no order; also for files among them that are none, which
  /// DigestOfKey refuses. An Error of `visit` ends it.
  virtual Status ForEach(const std::function<Status(const std::string& key)>& visit) = 0;
  /// The digest that a key names. kInternal for text that is no key.
  static Result<oci::Digest> DigestOfKey(std::string_view key);
};

/// Files on `disk`: `blobs/<algorithm>/<first two digits>/…` and `uploads/<id>`. `disk` and
/// `random` must outlive it. Makes the folders that are missing.
Result<std::unique_ptr<BlobStore>> NewFileBlobStore(Disk& disk, Random& random);

}  // namespace portolan::store
