// Rows in an embedded SQLite database (docs/adr/ says why, docs/storage-format.md how they lie).
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

#include "portolan/base/result.h"
#include "portolan/store/metadata_store.h"
#include "portolan/store/sqlite_readers.h"
#include "portolan/store/sqlite_writer.h"

namespace portolan::store {

struct SqliteOptions {
  /// For a second process while a server runs (dry runs): every write is kUnsupported, and the
  /// schema must be this program's.
  bool read_only = false;
  std::size_t writer_cache = 2U << 20U;  ///< bytes of pages kept by the writer
  /// Bytes of pages kept by a reader: those that are in the log and not in the file yet, or above
  /// `mapped`.
  std::size_t reader_cache = 256U << 10U;
  std::size_t mapped = std::size_t{1} << 30U;  ///< bytes of the file that are read without copying
  std::size_t readers = 16;                    ///< connections kept for reading, opened when needed
  SqliteBatchLimits batch;                     ///< of one commit
};

/// Opens or makes the database file `path`, whose folder must exist; brings an older schema up to
/// date. kConfigInvalid for a file of another program or of a newer version; kInternal for one that
/// is no database; kIo, kInsufficientStorage.
Result<std::unique_ptr<MetadataStore>> OpenSqliteMetadataStore(const std::string& path,
                                                               const SqliteOptions& options);

/// What OpenSqliteMetadataStore gives; in the header for the tests of its statements' plans.
class SqliteMetadataStore final : public MetadataStore {
 public:
  static Result<std::unique_ptr<SqliteMetadataStore>> Open(const std::string& path,
                                                           const SqliteOptions& options);

  Result<ManifestRow> FindManifest(const oci::RepositoryName& repository,
                                   const ManifestReference& reference) override;
  Result<StoredManifest> ReadManifest(const oci::RepositoryName& repository,
                                      const oci::Digest& digest) override;
  Result<std::vector<TagOutcome>> PutManifest(const NewManifest& manifest,
                                              const Actor& actor) override;
  Status DeleteTag(const oci::RepositoryName& repository, const oci::Tag& tag,
                   const Actor& actor) override;
  Status DeleteManifest(const oci::RepositoryName& repository, const oci::Digest& digest,
                        const Actor& actor) override;
  Status ListTags(const oci::RepositoryName& repository, std::string_view last, std::size_t limit,
                  const std::function<void(std::string_view tag)>& visit) override;
  Status ListTagsByPlace(
      const oci::RepositoryName& repository, std::int64_t from, std::size_t limit,
      const std::function<void(std::string_view tag, std::int64_t place)>& visit) override;
  Result<std::optional<std::int64_t>> FindTagPlace(const oci::RepositoryName& repository,
                                                   std::string_view tag) override;
  Status ListRepositories(std::string_view last, std::size_t limit,
                          const std::function<void(std::string_view name)>& visit) override;
  Status ListReferrers(
      const oci::RepositoryName& repository, const oci::Digest& subject,
      std::string_view artifact_type, std::int64_t after, std::size_t limit,
      const std::function<bool(std::int64_t id, const oci::Descriptor& descriptor)>& visit)
      override;
  Result<std::vector<TagEvent>> TagHistory(const oci::RepositoryName& repository,
                                           const std::optional<oci::Tag>& tag, std::int64_t before,
                                           std::size_t limit) override;
  Result<oci::Digest> RestoreTag(const oci::RepositoryName& repository, const oci::Tag& tag,
                                 const std::optional<oci::Digest>& digest, bool may_create,
                                 bool may_overwrite, const Actor& actor) override;

  Result<TagRow> DescribeTag(const oci::RepositoryName& repository, std::string_view tag) override;
  Result<std::vector<TagRow>> DescribeTags(const oci::RepositoryName& repository,
                                           const TagQuery& query) override;
  Result<std::uint64_t> CountTags(const oci::RepositoryName& repository,
                                  std::string_view contains) override;
  Result<std::vector<TagLife>> TagLives(const oci::RepositoryName& repository,
                                        const TagLifeQuery& query) override;
  Result<RepositoryRow> DescribeRepository(const oci::RepositoryName& repository) override;
  Result<std::uint64_t> CountBytes(const oci::RepositoryName& repository) override;
  Result<std::vector<VersionRow>> ListVersions(const oci::RepositoryName& repository,
                                               const VersionQuery& query) override;
  Result<VersionRow> FindVersion(const oci::RepositoryName& repository, std::int64_t id,
                                 std::size_t tags) override;
  Result<bool> HasTagBeside(const oci::RepositoryName& repository, std::int64_t id) override;
  Status RestoreManifest(const oci::RepositoryName& repository, const oci::Digest& digest,
                         const Actor& actor) override;

  Result<BlobRow> FindBlob(const oci::RepositoryName& repository,
                           const oci::Digest& digest) override;
  Result<std::vector<oci::RepositoryName>> RepositoriesWithBlob(const oci::Digest& digest,
                                                                std::size_t limit) override;
  Result<BlobRow> AddBlob(const oci::RepositoryName& repository, const BlobRow& blob,
                          const std::string& upload_id, const Actor& actor) override;
  Status MountBlob(const oci::RepositoryName& from, const oci::RepositoryName& to,
                   const oci::Digest& digest, const Actor& actor) override;
  Status RemoveBlob(const oci::RepositoryName& repository, const oci::Digest& digest) override;

  Status AddUpload(const UploadRow& upload) override;
  Result<UploadRow> FindUpload(const std::string& id) override;
  Status AdvanceUpload(const UploadRow& upload, std::uint64_t expected_offset) override;
  Status RemoveUpload(const std::string& id) override;
  Result<std::vector<UploadRow>> StaleUploads(Millis before, std::size_t limit) override;

  Result<bool> RemoveHiddenTags() override;
  Result<std::vector<UnusedManifest>> UnusedManifests(const GarbageTerms& terms, std::int64_t after,
                                                      std::size_t limit) override;
  Result<std::vector<std::int64_t>> RemoveManifests(const std::vector<std::int64_t>& ids,
                                                    const GarbageTerms& terms) override;
  Result<std::vector<UnusedLink>> UnusedLinks(const GarbageTerms& terms,
                                              std::int64_t after_repository,
                                              std::int64_t after_blob, std::size_t limit) override;
  Result<std::size_t> RemoveLinks(const std::vector<UnusedLink>& links,
                                  const GarbageTerms& terms) override;
  Result<std::vector<DoomedBlob>> DoomedBlobs(std::size_t limit) override;
  Status ForgetBlobs(const std::vector<DoomedBlob>& blobs) override;
  Result<std::size_t> ForgetHistory(Millis before, std::size_t limit) override;
  Result<std::size_t> RemoveEmptyRepositories() override;

  Status ForEachBlob(const std::function<Status(const BlobRow& blob)>& visit) override;
  Status ForEachManifest(
      const std::function<Status(const oci::RepositoryName& repository,
                                 const StoredManifest& manifest)>& visit) override;
  Result<std::vector<std::string>> DanglingReferences(std::size_t limit) override;
  Status DropBlob(const oci::Digest& digest) override;
  Result<std::vector<std::string>> CheckStructure() override;
  Result<StoreCounts> Count() override;

  /// Texts of every statement prepared so far. No other thread may use the store meanwhile.
  std::vector<std::string> PreparedForTest();

 private:
  SqliteMetadataStore(const std::string& path, const SqliteOptions& options);

  /// Runs `operation` in the writer. `content`: bytes besides the rows.
  Status Write(std::size_t content, const SqliteWriter::Operation& operation);
  /// The same for an operation that may reveal a manifest: where tags must be gone first (kBusy) it
  /// removes them, outside the operation's transaction, and tries again.
  Status WriteRevealing(std::size_t content, const SqliteWriter::Operation& operation);

  const std::string path_;
  std::unique_ptr<SqliteWriter> writer_;  // null: read-only; ends last, and so empties the log
  SqliteReaders readers_;
};

}  // namespace portolan::store
