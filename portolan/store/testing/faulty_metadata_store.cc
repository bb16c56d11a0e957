#include "portolan/store/testing/faulty_metadata_store.h"

namespace portolan::store {

template <typename Work>
auto FaultyMetadataStore::Write(const char* name, const Work& work) -> decltype(work()) {
  const FaultPlan::Verdict verdict = plan_.Next();
  if (verdict == FaultPlan::Verdict::kWork) return work();
  if (verdict == FaultPlan::Verdict::kWorkButFail) static_cast<void>(work());
  return plan_.Failure(name);
}

Result<ManifestRow> FaultyMetadataStore::FindManifest(const oci::RepositoryName& repository,
                                                      const ManifestReference& reference) {
  return store_->FindManifest(repository, reference);
}

Result<StoredManifest> FaultyMetadataStore::ReadManifest(const oci::RepositoryName& repository,
                                                         const oci::Digest& digest) {
  return store_->ReadManifest(repository, digest);
}

Result<std::vector<TagOutcome>> FaultyMetadataStore::PutManifest(const NewManifest& manifest,
                                                                 const Actor& actor) {
  return Write("PutManifest", [&] { return store_->PutManifest(manifest, actor); });
}

Status FaultyMetadataStore::DeleteTag(const oci::RepositoryName& repository, const oci::Tag& tag,
                                      const Actor& actor) {
  return Write("DeleteTag", [&] { return store_->DeleteTag(repository, tag, actor); });
}

Status FaultyMetadataStore::DeleteManifest(const oci::RepositoryName& repository,
                                           const oci::Digest& digest, const Actor& actor) {
  return Write("DeleteManifest", [&] { return store_->DeleteManifest(repository, digest, actor); });
}

Status FaultyMetadataStore::ListTags(const oci::RepositoryName& repository, std::string_view last,
                                     std::size_t limit,
                                     const std::function<void(std::string_view tag)>& visit) {
  return store_->ListTags(repository, last, limit, visit);
}

Status FaultyMetadataStore::ListTagsByPlace(
    const oci::RepositoryName& repository, std::int64_t from, std::size_t limit,
    const std::function<void(std::string_view tag, std::int64_t place)>& visit) {
  return store_->ListTagsByPlace(repository, from, limit, visit);
}

Result<std::optional<std::int64_t>> FaultyMetadataStore::FindTagPlace(
    const oci::RepositoryName& repository, std::string_view tag) {
  return store_->FindTagPlace(repository, tag);
}

Status FaultyMetadataStore::ListRepositories(
    std::string_view last, std::size_t limit,
    const std::function<void(std::string_view name)>& visit) {
  return store_->ListRepositories(last, limit, visit);
}

Status FaultyMetadataStore::ListReferrers(
    const oci::RepositoryName& repository, const oci::Digest& subject,
    std::string_view artifact_type, std::int64_t after, std::size_t limit,
    const std::function<bool(std::int64_t id, const oci::Descriptor& descriptor)>& visit) {
  return store_->ListReferrers(repository, subject, artifact_type, after, limit, visit);
}

Result<std::vector<TagEvent>> FaultyMetadataStore::TagHistory(const oci::RepositoryName& repository,
                                                              const std::optional<oci::Tag>& tag,
                                                              std::int64_t before,
                                                              std::size_t limit) {
  return store_->TagHistory(repository, tag, before, limit);
}

Result<oci::Digest> FaultyMetadataStore::RestoreTag(const oci::RepositoryName& repository,
                                                    const oci::Tag& tag,
                                                    const std::optional<oci::Digest>& digest,
                                                    bool may_create, bool may_overwrite,
                                                    const Actor& actor) {
  return Write("RestoreTag", [&] {
    return store_->RestoreTag(repository, tag, digest, may_create, may_overwrite, actor);
  });
}

Status FaultyMetadataStore::RestoreManifest(const oci::RepositoryName& repository,
                                            const oci::Digest& digest, const Actor& actor) {
  return Write("RestoreManifest",
               [&] { return store_->RestoreManifest(repository, digest, actor); });
}

Result<BlobRow> FaultyMetadataStore::FindBlob(const oci::RepositoryName& repository,
                                              const oci::Digest& digest) {
  return store_->FindBlob(repository, digest);
}

Result<std::vector<oci::RepositoryName>> FaultyMetadataStore::RepositoriesWithBlob(
    const oci::Digest& digest, std::size_t limit) {
  return store_->RepositoriesWithBlob(digest, limit);
}

Result<BlobRow> FaultyMetadataStore::AddBlob(const oci::RepositoryName& repository,
                                             const BlobRow& blob, const std::string& upload_id,
                                             const Actor& actor) {
  return Write("AddBlob", [&] { return store_->AddBlob(repository, blob, upload_id, actor); });
}

Status FaultyMetadataStore::MountBlob(const oci::RepositoryName& from,
                                      const oci::RepositoryName& to, const oci::Digest& digest,
                                      const Actor& actor) {
  return Write("MountBlob", [&] { return store_->MountBlob(from, to, digest, actor); });
}

Status FaultyMetadataStore::RemoveBlob(const oci::RepositoryName& repository,
                                       const oci::Digest& digest) {
  return Write("RemoveBlob", [&] { return store_->RemoveBlob(repository, digest); });
}

Status FaultyMetadataStore::AddUpload(const UploadRow& upload) {
  return Write("AddUpload", [&] { return store_->AddUpload(upload); });
}

Result<UploadRow> FaultyMetadataStore::FindUpload(const std::string& id) {
  return store_->FindUpload(id);
}

Status FaultyMetadataStore::AdvanceUpload(const UploadRow& upload, std::uint64_t expected_offset) {
  return Write("AdvanceUpload", [&] { return store_->AdvanceUpload(upload, expected_offset); });
}

Status FaultyMetadataStore::RemoveUpload(const std::string& id) {
  return Write("RemoveUpload", [&] { return store_->RemoveUpload(id); });
}

Result<std::vector<UploadRow>> FaultyMetadataStore::StaleUploads(Millis before, std::size_t limit) {
  return store_->StaleUploads(before, limit);
}

Result<bool> FaultyMetadataStore::RemoveHiddenTags() {
  return Write("RemoveHiddenTags", [&] { return store_->RemoveHiddenTags(); });
}

Result<std::vector<UnusedManifest>> FaultyMetadataStore::UnusedManifests(const GarbageTerms& terms,
                                                                         std::int64_t after,
                                                                         std::size_t limit) {
  return store_->UnusedManifests(terms, after, limit);
}

Result<std::vector<std::int64_t>> FaultyMetadataStore::RemoveManifests(
    const std::vector<std::int64_t>& ids, const GarbageTerms& terms) {
  return Write("RemoveManifests", [&] { return store_->RemoveManifests(ids, terms); });
}

Result<std::vector<UnusedLink>> FaultyMetadataStore::UnusedLinks(const GarbageTerms& terms,
                                                                 std::int64_t after_repository,
                                                                 std::int64_t after_blob,
                                                                 std::size_t limit) {
  return store_->UnusedLinks(terms, after_repository, after_blob, limit);
}

Result<std::size_t> FaultyMetadataStore::RemoveLinks(const std::vector<UnusedLink>& links,
                                                     const GarbageTerms& terms) {
  return Write("RemoveLinks", [&] { return store_->RemoveLinks(links, terms); });
}

Result<std::vector<DoomedBlob>> FaultyMetadataStore::DoomedBlobs(std::size_t limit) {
  return store_->DoomedBlobs(limit);
}

Status FaultyMetadataStore::ForgetBlobs(const std::vector<DoomedBlob>& blobs) {
  return Write("ForgetBlobs", [&] { return store_->ForgetBlobs(blobs); });
}

Result<std::size_t> FaultyMetadataStore::ForgetHistory(Millis before, std::size_t limit) {
  return Write("ForgetHistory", [&] { return store_->ForgetHistory(before, limit); });
}

Result<std::size_t> FaultyMetadataStore::RemoveEmptyRepositories() {
  return Write("RemoveEmptyRepositories", [&] { return store_->RemoveEmptyRepositories(); });
}

Status FaultyMetadataStore::ForEachBlob(const std::function<Status(const BlobRow& blob)>& visit) {
  return store_->ForEachBlob(visit);
}

Status FaultyMetadataStore::ForEachManifest(
    const std::function<Status(const oci::RepositoryName& repository,
                               const StoredManifest& manifest)>& visit) {
  return store_->ForEachManifest(visit);
}

Result<std::vector<std::string>> FaultyMetadataStore::DanglingReferences(std::size_t limit) {
  return store_->DanglingReferences(limit);
}

Status FaultyMetadataStore::DropBlob(const oci::Digest& digest) {
  return Write("DropBlob", [&] { return store_->DropBlob(digest); });
}

Result<std::vector<std::string>> FaultyMetadataStore::CheckStructure() {
  return store_->CheckStructure();
}

Result<StoreCounts> FaultyMetadataStore::Count() { return store_->Count(); }

}  // namespace portolan::store
