// A registry's storage in one folder: rows, objects, uploads, leases and collection as one.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "portolan/base/clock.h"
#include "portolan/base/log.h"
#include "portolan/base/random.h"
#include "portolan/base/result.h"
#include "portolan/oci/hasher.h"
#include "portolan/oci/manifest.h"
#include "portolan/oci/reference.h"
#include "portolan/store/blob_store.h"
#include "portolan/store/lease_table.h"
#include "portolan/store/metadata_store.h"
#include "portolan/store/rows.h"

namespace portolan::store {

struct StorageOptions {
  std::size_t inline_blob_size = 16U
                                 << 10U;    ///< bytes; content up to this is a row (at most 1 MiB)
  std::size_t manifest_cache = 64U << 20U;  ///< bytes of manifests kept in memory
  std::chrono::seconds lease{
      3600};  ///< how long a client may take from hearing of a blob to its manifest
  std::chrono::seconds tag_history{
      30 * 86400};  ///< how long deleted and overwritten tags can be restored
  std::chrono::seconds upload_expiry{7 * 86400};  ///< an upload that rests so long is removed
  std::optional<std::chrono::seconds>
      untagged_after;  ///< untagged manifests older than this go; empty: they stay
  /// Whether all blobs count as promised to clients for the first `lease` after opening: for a
  /// server, which may have promised them before a restart.
  bool leased_at_start = true;
};

/// Content of a blob, open for reading.
struct OpenBlob {
  oci::Digest digest;
  std::uint64_t size = 0;
  std::shared_ptr<DiskFile> file;              ///< null: `content`
  std::shared_ptr<const std::string> content;  ///< null: `file`
};

/// All of a blob that the caller knows to be small. Blocks. kIo.
Result<std::string> ReadWhole(const OpenBlob& blob);

/// What a client is told of an upload.
struct UploadState {
  std::string id;
  std::uint64_t offset = 0;  ///< bytes acknowledged
};

/// Bytes on their way into a blob. Hash and Append get the same bytes, in order; they may run on
/// two threads at once; nothing else may. Dropping it forgets what was not acknowledged, which may
/// mean to remove a large file: do it on a pool. After a failure of Append or of making something
/// durable every call fails; take the upload anew.
class UploadWriter {
 public:
  virtual ~UploadWriter() = default;

  /// Bytes hashed so far, those of earlier requests included.
  virtual std::uint64_t offset() const = 0;
  /// On the thread that received them, while they are hot.
  virtual void Hash(std::string_view piece) = 0;
  /// Writes; blocks for large content. kIo, kInsufficientStorage.
  virtual Status Append(std::string_view piece) = 0;
  /// Makes all that was appended durable and records it. Blocks. The client may be told of it then.
  virtual Result<UploadState> Acknowledge() = 0;
  /// Makes the blob: durable, of this digest, in the repository, under a lease; the upload has
  /// ended. Blocks. kDigestInvalid if the content has another digest (the upload stays as it was
  /// acknowledged last). kUnsupported for an algorithm that cannot be computed.
  virtual Status Finish(const oci::Digest& digest, const Actor& actor) = 0;
};

/// One storage folder. Thread-safe. Functions marked (quick) read rows only and may be called on a
/// loop's thread; all others block for the disk: call them on a pool. Those with a `patience` are
/// quick with kNoPatience: they give kBusy then where the collector is just at the digest, and are
/// to be asked again on a pool, with kPoolPatience. Errors of MetadataStore and BlobStore pass
/// through.
class Storage {
 public:
  /// Opens or makes the folder `root` (mode 0700), takes its lock, and brings the schema up to
  /// date. kIo where another process has it: the message names the process; kConfigInvalid for a
  /// folder of a newer version or with foreign files in it. All references must outlive it.
  static Result<std::unique_ptr<Storage>> Open(const std::string& root,
                                               const StorageOptions& options, const Clock& clock,
                                               Random& random, Log& log);
  /// Opens an existing folder to look into it, also while a server has it open: without its lock,
  /// and every change of rows is kUnsupported.
  static Result<std::unique_ptr<Storage>> OpenForReading(const std::string& root,
                                                         const StorageOptions& options,
                                                         const Clock& clock, Random& random,
                                                         Log& log);
  /// The same over parts made elsewhere (tests).
  static std::unique_ptr<Storage> Make(std::unique_ptr<BlobStore> blobs,
                                       std::unique_ptr<MetadataStore> metadata,
                                       const StorageOptions& options, const Clock& clock,
                                       Random& random, Log& log);
  virtual ~Storage() = default;

  virtual MetadataStore& metadata() = 0;
  virtual BlobStore& blobs() = 0;
  virtual LeaseTable& leases() = 0;
  virtual const StorageOptions& options() const = 0;

  /// (quick) Through the cache; that the repository has it is always read from its row. Under a
  /// lease, unless its tag's history keeps it for as long. kBusy.
  virtual Result<StoredManifest> GetManifest(const oci::RepositoryName& repository,
                                             const ManifestReference& reference,
                                             Patience patience) = 0;

  /// (quick) The blob's row, under a lease. kBusy.
  virtual Result<BlobRow> StatBlob(const oci::RepositoryName& repository, const oci::Digest& digest,
                                   Patience patience) = 0;
  /// (quick) Open for reading, under a lease. kBusy.
  virtual Result<OpenBlob> GetBlob(const oci::RepositoryName& repository, const oci::Digest& digest,
                                   Patience patience) = 0;
  /// Links a blob of `from` to `to`, under a lease.
  virtual Status MountBlob(const oci::RepositoryName& from, const oci::RepositoryName& to,
                           const oci::Digest& digest, const Actor& actor) = 0;

  /// Begins an upload, hashed with `algorithm` as it comes; a digest of another algorithm costs a
  /// second reading at the end.
  virtual Result<UploadState> StartUpload(const oci::RepositoryName& repository,
                                          oci::HashAlgorithm algorithm, const Actor& actor) = 0;
  /// (quick) kBlobUploadUnknown also for an upload of another repository or principal.
  virtual Result<UploadState> FindUpload(const oci::RepositoryName& repository,
                                         const std::string& id, const Actor& actor) = 0;
  /// Takes the upload for writing, from its acknowledged offset on. kBlobUploadInvalid while
  /// another request writes to it.
  virtual Result<std::unique_ptr<UploadWriter>> ContinueUpload(
      const oci::RepositoryName& repository, const std::string& id, const Actor& actor) = 0;
  /// An upload in one request, which leaves no session behind.
  virtual Result<std::unique_ptr<UploadWriter>> WriteBlob(const oci::RepositoryName& repository,
                                                          oci::HashAlgorithm algorithm) = 0;
  /// kBlobUploadInvalid while another request writes to it.
  virtual Status CancelUpload(const oci::RepositoryName& repository, const std::string& id,
                              const Actor& actor) = 0;
  /// For the collector: removes the upload's row and staging file, of which one may be missing,
  /// unless a request writes to it or it has changed since `before`. Gives whether it was removed,
  /// or would be (`dry_run`).
  virtual Result<bool> RemoveRestingUpload(const std::string& id, Millis before, bool dry_run) = 0;

  struct CacheCounts {
    std::uint64_t hits = 0;
    std::uint64_t misses = 0;
    std::uint64_t bytes = 0;
  };
  virtual CacheCounts manifest_cache() const = 0;
};

}  // namespace portolan::store
