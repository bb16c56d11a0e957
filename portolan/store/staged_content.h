// The bytes of an upload: few of them in memory, more in a staging file.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "portolan/base/result.h"
#include "portolan/oci/digest.h"
#include "portolan/oci/hasher.h"
#include "portolan/store/blob_store.h"
#include "portolan/store/disk.h"
#include "portolan/store/rows.h"

namespace portolan::store {

/// Grows at its end. Does not touch the disk while it has at most `inline_size` bytes. After a
/// failed write or sync it fails for ever: what the system could not write once, it may pretend to
/// have written the second time. For one thread at a time.
class StagedContent {
 public:
  /// Empty. `blobs` must outlive it.
  StagedContent(BlobStore& blobs, std::string id, std::size_t inline_size);
  StagedContent(StagedContent&&) = default;

  /// The content of an upload as it was acknowledged; later bytes are cut off. kBlobUploadUnknown
  /// if the staging file is gone or too short.
  static Result<StagedContent> Resume(BlobStore& blobs, const UploadRow& upload,
                                      std::size_t inline_size);

  std::uint64_t size() const { return size_; }
  /// Whether there is a staging file.
  bool staged() const { return file_ != nullptr; }
  /// All bytes, unless staged.
  const std::string& content() const { return content_; }

  /// kIo, kInsufficientStorage.
  Status Append(std::string_view piece);
  /// Returns when the bytes of the staging file survive a power failure. Nothing if not staged.
  Status SyncData();
  /// The same for its name.
  Status SyncName();
  /// Reads everything again. kIo.
  Result<oci::Digest> Hash(oci::HashAlgorithm algorithm);

 private:
  Status Write(std::string_view piece);
  Status Spill();

  BlobStore& blobs_;
  std::string id_;
  std::size_t inline_size_;
  std::uint64_t size_ = 0;
  std::string content_;
  std::unique_ptr<DiskFile> file_;
  std::uint64_t written_back_ = 0;  // StartWriteback was called for so much
  bool name_durable_ = false;
  Status failure_;
};

}  // namespace portolan::store
