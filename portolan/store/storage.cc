#include "portolan/store/storage.h"

#include <algorithm>
#include <utility>
#include <variant>

#include <fmt/format.h>

#include "portolan/base/random_text.h"
#include "portolan/store/active_uploads.h"
#include "portolan/store/manifest_cache.h"
#include "portolan/store/sqlite_metadata_store.h"
#include "portolan/store/storage_folder.h"
#include "portolan/store/upload_writer.h"

namespace portolan::store {
namespace {

constexpr std::size_t kMaxInline = 1U << 20U;
constexpr std::size_t kIdBytes = 16;

Error UploadUnknown(const std::string& id) {
  return Fail(ErrorCode::kBlobUploadUnknown, fmt::format("there is no upload {}", id),
              "start a new one; an upload that rests too long is removed");
}

Error UploadBusy(const std::string& id) {
  return Fail(ErrorCode::kBlobUploadInvalid,
              fmt::format("another request is writing to upload {}", id),
              "wait for it to end, then ask where the upload stands");
}

StorageOptions Bounded(StorageOptions options) {
  options.inline_blob_size = std::min(options.inline_blob_size, kMaxInline);
  return options;
}

// What a storage of a folder stands on.
struct Foundation {
  std::optional<StorageFolder> folder;  // with its lock; empty: for reading
  std::unique_ptr<Disk> disk;
};

class StorageOfParts final : public Storage {
 public:
  StorageOfParts(std::optional<Foundation> foundation, std::unique_ptr<BlobStore> blobs,
                 std::unique_ptr<MetadataStore> metadata, const StorageOptions& options,
                 const Clock& clock, Random& random, Log& log)
      : foundation_(std::move(foundation)),
        blobs_(std::move(blobs)),
        metadata_(std::move(metadata)),
        options_(Bounded(options)),
        clock_(clock),
        random_(random),
        log_(log),
        leases_(options.lease, clock, options.leased_at_start),
        cache_(options.manifest_cache) {}

  MetadataStore& metadata() override { return *metadata_; }
  BlobStore& blobs() override { return *blobs_; }
  LeaseTable& leases() override { return leases_; }
  const StorageOptions& options() const override { return options_; }

  Result<StoredManifest> GetManifest(const oci::RepositoryName& repository,
                                     const ManifestReference& reference,
                                     Patience patience) override {
    // A client that hears of a manifest may put it into an index.
    if (const auto* digest = std::get_if<oci::Digest>(&reference)) {
      LeaseHold lease(leases_, *digest, patience);
      if (!lease) return BeingCollected(*digest);
      PORTOLAN_TRY(ManifestRow row, metadata_->FindManifest(repository, reference));
      lease.Keep();
      return ReadThroughCache(repository, std::move(row));
    }
    PORTOLAN_TRY(ManifestRow row, metadata_->FindManifest(repository, reference));
    // What a tag names no more stays as long as its history, which mostly is longer than a lease.
    if (options_.tag_history >= options_.lease) {
      return ReadThroughCache(repository, std::move(row));
    }
    return GetManifest(repository, row.digest, patience);
  }

  // The order of all four functions that follow closes the race with the collector: the digest is
  // held first, the row read then. The collector condemns, which no hold survives and which lets
  // nobody take one, and removes only then; so a row that is read under a hold stands until the
  // lease ends. Read first and held afterwards, the row could be gone in between.

  Result<BlobRow> StatBlob(const oci::RepositoryName& repository, const oci::Digest& digest,
                           Patience patience) override {
    LeaseHold lease(leases_, digest, patience);
    if (!lease) return BeingCollected(digest);
    PORTOLAN_TRY(BlobRow row, metadata_->FindBlob(repository, digest));
    lease.Keep();
    return row;
  }

  Result<OpenBlob> GetBlob(const oci::RepositoryName& repository, const oci::Digest& digest,
                           Patience patience) override {
    LeaseHold lease(leases_, digest, patience);
    if (!lease) return BeingCollected(digest);
    std::string missing;
    for (;;) {
      PORTOLAN_TRY(BlobRow row, metadata_->FindBlob(repository, digest));
      OpenBlob blob{.digest = digest, .size = row.size, .file = {}, .content = row.content};
      if (row.object.empty()) {
        lease.Keep();
        return blob;
      }
      Result<std::unique_ptr<DiskFile>> file = blobs_->Open(row.object);
      if (file) {
        blob.file = *std::move(file);
        lease.Keep();
        return blob;
      }
      if (file.error().code != ErrorCode::kBlobUnknown) return std::move(file).error();
      // Deleted by a client and pushed again since the row was read? Then it has another object.
      if (row.object == missing) return Lost(digest, row.object);
      missing = row.object;
    }
  }

  Status MountBlob(const oci::RepositoryName& from, const oci::RepositoryName& to,
                   const oci::Digest& digest, const Actor& actor) override {
    LeaseHold lease(leases_, digest, kPoolPatience);
    if (!lease) return BeingCollected(digest);
    PORTOLAN_CHECK(metadata_->MountBlob(from, to, digest, actor));
    lease.Keep();
    return {};
  }

  Result<UploadState> StartUpload(const oci::RepositoryName& repository,
                                  oci::HashAlgorithm algorithm, const Actor& actor) override {
    const UploadRow upload{.id = NewId(),
                           .repository = repository,
                           .principal = actor.principal,
                           .offset = 0,
                           .hash_state = oci::Hasher(algorithm).Save(),
                           .content = {},
                           .staged = false,
                           .created = ToMillis(actor.now),
                           .changed = ToMillis(actor.now)};
    PORTOLAN_CHECK(metadata_->AddUpload(upload));
    return UploadState{.id = upload.id, .offset = 0};
  }

  Result<UploadState> FindUpload(const oci::RepositoryName& repository, const std::string& id,
                                 const Actor& actor) override {
    PORTOLAN_TRY(const UploadRow upload, ReadUpload(repository, id, actor));
    return UploadState{.id = id, .offset = upload.offset};
  }

  Result<std::unique_ptr<UploadWriter>> ContinueUpload(const oci::RepositoryName& repository,
                                                       const std::string& id,
                                                       const Actor& actor) override {
    std::optional<ActiveUploads::Hold> hold = active_.Take(id);
    // Whose upload it is comes first: nobody learns that somebody else's is busy.
    PORTOLAN_TRY(UploadRow upload, ReadUpload(repository, id, actor));
    if (!hold.has_value()) return UploadBusy(id);
    auto writer = ResumeUpload(Parts(), *std::move(hold), std::move(upload));
    // Its content is lost (a crash between file and row): the row must not promise otherwise.
    if (!writer && writer.error().code == ErrorCode::kBlobUploadUnknown) {
      PORTOLAN_CHECK(metadata_->RemoveUpload(id));
    }
    return writer;
  }

  Result<std::unique_ptr<UploadWriter>> WriteBlob(const oci::RepositoryName& repository,
                                                  oci::HashAlgorithm algorithm) override {
    const std::string id = NewId();
    std::optional<ActiveUploads::Hold> hold = active_.Take(id);
    if (!hold.has_value()) return UploadBusy(id);
    return NewUploadWriter(Parts(), *std::move(hold), id, repository, algorithm);
  }

  Status CancelUpload(const oci::RepositoryName& repository, const std::string& id,
                      const Actor& actor) override {
    const std::optional<ActiveUploads::Hold> hold = active_.Take(id);
    PORTOLAN_TRY(const UploadRow upload, ReadUpload(repository, id, actor));
    if (!hold.has_value()) return UploadBusy(id);
    return RemoveUpload(id);
  }

  Result<bool> RemoveRestingUpload(const std::string& id, Millis before, bool dry_run) override {
    const std::optional<ActiveUploads::Hold> hold = active_.Take(id);
    if (!hold.has_value()) return false;
    const Result<UploadRow> upload = metadata_->FindUpload(id);
    if (!upload && upload.error().code != ErrorCode::kBlobUploadUnknown) return upload.error();
    if (upload && upload->changed >= before) return false;
    if (dry_run) return true;
    PORTOLAN_CHECK(upload ? RemoveUpload(id) : blobs_->RemoveStaged(id));
    return true;
  }

  CacheCounts manifest_cache() const override {
    const ManifestCache::Counts counts = cache_.counts();
    return {.hits = counts.hits, .misses = counts.misses, .bytes = counts.bytes};
  }

 private:
  Result<StoredManifest> ReadThroughCache(const oci::RepositoryName& repository, ManifestRow row) {
    if (auto content = cache_.Find(row.digest); content != nullptr) {
      return StoredManifest{.digest = std::move(row.digest),
                            .media_type = std::move(row.media_type),
                            .content = std::move(content)};
    }
    PORTOLAN_TRY(StoredManifest manifest, metadata_->ReadManifest(repository, row.digest));
    cache_.Insert(manifest.digest, manifest.content);
    return manifest;
  }

  WriterParts Parts() {
    return {*blobs_, *metadata_, leases_, clock_, log_, options_.inline_blob_size};
  }

  // The file first: on a full disk its space is what the row's transaction lives on. A row without
  // its file is an upload that is lost, and says so.
  Status RemoveUpload(const std::string& id) {
    PORTOLAN_CHECK(blobs_->RemoveStaged(id));
    return metadata_->RemoveUpload(id);
  }

  std::string NewId() { return RandomHex(random_, kIdBytes); }

  Result<UploadRow> ReadUpload(const oci::RepositoryName& repository, const std::string& id,
                               const Actor& actor) {
    Result<UploadRow> upload = metadata_->FindUpload(id);
    if (!upload && upload.error().code == ErrorCode::kBlobUploadUnknown) return UploadUnknown(id);
    if (upload && (upload->repository != repository || upload->principal != actor.principal)) {
      return UploadUnknown(id);
    }
    return upload;
  }

  Error Lost(const oci::Digest& digest, const std::string& object) {
    log_.Warn(fmt::format("{} is lost: its object {} is not there; run portolan fsck",
                          digest.text(), object));
    return Fail(ErrorCode::kInternal, fmt::format("the content of {} is lost", digest.text()));
  }

  const std::optional<Foundation> foundation_;  // of Open; unlocked last
  const std::unique_ptr<BlobStore> blobs_;
  const std::unique_ptr<MetadataStore> metadata_;
  const StorageOptions options_;
  const Clock& clock_;
  Random& random_;
  Log& log_;
  LeaseTable leases_;
  ManifestCache cache_;
  ActiveUploads active_;
};

}  // namespace

Result<std::unique_ptr<Storage>> Storage::Open(const std::string& root,
                                               const StorageOptions& options, const Clock& clock,
                                               Random& random, Log& log) {
  PORTOLAN_TRY(StorageFolder folder, StorageFolder::Open(root));
  PORTOLAN_TRY(std::unique_ptr<Disk> disk, NewSystemDisk(root));
  PORTOLAN_TRY(std::unique_ptr<BlobStore> blobs, NewFileBlobStore(*disk, random));
  PORTOLAN_TRY(std::unique_ptr<MetadataStore> metadata,
               OpenSqliteMetadataStore(folder.database(), SqliteOptions()));
  Foundation foundation{.folder = std::move(folder), .disk = std::move(disk)};
  return std::make_unique<StorageOfParts>(std::move(foundation), std::move(blobs),
                                          std::move(metadata), options, clock, random, log);
}

Result<std::unique_ptr<Storage>> Storage::OpenForReading(const std::string& root,
                                                         const StorageOptions& options,
                                                         const Clock& clock, Random& random,
                                                         Log& log) {
  PORTOLAN_TRY(std::unique_ptr<MetadataStore> metadata,
               OpenSqliteMetadataStore(StorageFolder::DatabaseOf(root), {.read_only = true}));
  PORTOLAN_TRY(std::unique_ptr<Disk> disk, NewSystemDisk(root));
  PORTOLAN_TRY(std::unique_ptr<BlobStore> blobs, NewFileBlobStore(*disk, random));
  Foundation foundation{.folder = std::nullopt, .disk = std::move(disk)};
  return std::make_unique<StorageOfParts>(std::move(foundation), std::move(blobs),
                                          std::move(metadata), options, clock, random, log);
}

std::unique_ptr<Storage> Storage::Make(std::unique_ptr<BlobStore> blobs,
                                       std::unique_ptr<MetadataStore> metadata,
                                       const StorageOptions& options, const Clock& clock,
                                       Random& random, Log& log) {
  return std::make_unique<StorageOfParts>(std::nullopt, std::move(blobs), std::move(metadata),
                                          options, clock, random, log);
}

Result<std::string> ReadWhole(const OpenBlob& blob) {
  if (blob.content) return *blob.content;
  std::string content(static_cast<std::size_t>(blob.size), '\0');
  PORTOLAN_TRY(const std::size_t read, blob.file->ReadAt(0, content));
  if (read != content.size()) return Fail(ErrorCode::kIo, "a blob's file is shorter than it was");
  return content;
}

}  // namespace portolan::store
