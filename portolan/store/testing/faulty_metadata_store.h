// Rows whose writes fail when told to.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "portolan/store/metadata_store.h"
#include "portolan/store/testing/fault_plan.h"

namespace portolan::store {

/// Passes everything on. Each write is an operation of the plan; what the store has committed
/// survives a loss of power. Reads never fail.
class FaultyMetadataStore final : public MetadataStore {
 public:
  /// `plan` must outlive it.
  FaultyMetadataStore(std::unique_ptr<MetadataStore> store, FaultPlan& plan)
      : store_(std::move(store)), plan_(plan) {}

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
  Result<TagRow> DescribeTag(const oci::RepositoryName& repository, std::string_view tag) override {
    return store_->DescribeTag(repository, tag);
  }
  Result<std::vector<TagRow>> DescribeTags(const oci::RepositoryName& repository,
                                           const TagQuery& query) override {
    return store_->DescribeTags(repository, query);
  }
  Result<std::uint64_t> CountTags(const oci::RepositoryName& repository,
                                  std::string_view contains) override {
    return store_->CountTags(repository, contains);
  }
  Result<std::vector<TagLife>> TagLives(const oci::RepositoryName& repository,
                                        const TagLifeQuery& query) override {
    return store_->TagLives(repository, query);
  }
  Result<RepositoryRow> DescribeRepository(const oci::RepositoryName& repository) override {
    return store_->DescribeRepository(repository);
  }
  Result<std::uint64_t> CountBytes(const oci::RepositoryName& repository) override {
    return store_->CountBytes(repository);
  }

  Result<std::vector<VersionRow>> ListVersions(const oci::RepositoryName& repository,
                                               const VersionQuery& query) override {
    return store_->ListVersions(repository, query);
  }
  Result<VersionRow> FindVersion(const oci::RepositoryName& repository, std::int64_t id,
                                 std::size_t tags) override {
    return store_->FindVersion(repository, id, tags);
  }
  Result<bool> HasTagBeside(const oci::RepositoryName& repository, std::int64_t id) override {
    return store_->HasTagBeside(repository, id);
  }
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

 private:
  template <typename Work>
  auto Write(const char* name, const Work& work) -> decltype(work());

  std::unique_ptr<MetadataStore> store_;
  FaultPlan& plan_;
};

}  // namespace portolan::store
