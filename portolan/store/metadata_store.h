// Everything that a registry knows but the content of large blobs, as typed operations, one
// transaction each.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "portolan/base/result.h"
#include "portolan/oci/manifest.h"
#include "portolan/oci/reference.h"
#include "portolan/store/facts.h"
#include "portolan/store/rows.h"

namespace portolan::store {

using ManifestReference = std::variant<oci::Tag, oci::Digest>;

/// A manifest to be stored. Views must live during the call.
struct NewManifest {
  const oci::RepositoryName& repository;
  const oci::Digest& digest;      ///< of `content`
  const oci::Manifest& manifest;  ///< parsed from `content`
  std::string_view content;
  std::vector<oci::Tag> tags;  ///< to be set to it, maybe none
  /// Rights of whoever pushes, looked at inside the transaction: making a tag that does not exist,
  /// and moving one that names another digest.
  bool may_create = true;
  bool may_overwrite = true;
  /// Whether blobs and manifests that it refers to may be missing (sparse indexes).
  bool allow_missing = false;
};

/// A link between a repository and a blob that no manifest of the repository needs.
struct UnusedLink {
  std::int64_t repository_id = 0;
  std::int64_t blob_id = 0;
  std::string repository;
  oci::Digest digest;
  std::uint64_t size = 0;
  Millis linked = 0;
};

/// A manifest that may be removed, and why.
struct UnusedManifest {
  std::int64_t id = 0;
  std::string repository;
  oci::Digest digest;
  Millis created = 0;
  std::optional<Millis> deleted;  ///< empty: it is only untagged
};

/// A blob that no repository has any more; its object is to be removed, then the row.
struct DoomedBlob {
  std::int64_t id = 0;
  oci::Digest digest;
  std::string object;  ///< empty: inline
  std::uint64_t size = 0;
};

/// When something is old enough to go.
struct GarbageTerms {
  Millis linked_before = 0;               ///< links younger than this stay
  Millis deleted_before = 0;              ///< deleted manifests stay restorable until then
  std::optional<Millis> untagged_before;  ///< untagged manifests made before go; empty: they stay
};

/// Counts for metrics and `/readyz`.
struct StoreCounts {
  std::uint64_t repositories = 0;
  std::uint64_t manifests = 0;
  std::uint64_t tags = 0;
  std::uint64_t blobs = 0;
  std::uint64_t blob_bytes = 0;
  std::uint64_t uploads = 0;
};

/// Rows. Thread-safe and blocking. Reads see the last commit, take microseconds and may be made on
/// a loop's thread unless they say otherwise; writes return when they survive a power failure, and
/// go through one writer that puts many of them into one commit. Names compare byte by byte. Errors
/// besides those named: kIo (the database's file), kInsufficientStorage (the disk is full),
/// kInternal (the database is damaged). Repositories come into being with their first blob or
/// manifest.
class MetadataStore {
 public:
  virtual ~MetadataStore() = default;

  // ---- Manifests and tags ----

  /// kManifestUnknown; kNameUnknown where there is no such repository.
  virtual Result<ManifestRow> FindManifest(const oci::RepositoryName& repository,
                                           const ManifestReference& reference) = 0;
  /// With the bytes.
  virtual Result<StoredManifest> ReadManifest(const oci::RepositoryName& repository,
                                              const oci::Digest& digest) = 0;
  /// Stores a manifest (again: no change but for its tags) and sets its tags, each with a line of
  /// history. kManifestBlobUnknown naming the first blob or manifest that it refers to and that the
  /// repository does not have (the subject may be missing; layers that are not distributable too);
  /// kDenied for a tag that may not be made or moved: nothing is stored then. Takes back an earlier
  /// deletion. Gives what became of each of NewManifest::tags.
  virtual Result<std::vector<TagOutcome>> PutManifest(const NewManifest& manifest,
                                                      const Actor& actor) = 0;
  /// Removes the tag, with a line of history; its manifest stays. kManifestUnknown, kNameUnknown.
  virtual Status DeleteTag(const oci::RepositoryName& repository, const oci::Tag& tag,
                           const Actor& actor) = 0;
  /// Hides the manifest and all its tags at once, and removes the tags, with history: many of them
  /// in several transactions, so that nobody waits for long. Once it is hidden it succeeds; what it
  /// could not finish then, RemoveHiddenTags does. kManifestUnknown, kNameUnknown.
  virtual Status DeleteManifest(const oci::RepositoryName& repository, const oci::Digest& digest,
                                const Actor& actor) = 0;
  /// Tags after `last` (empty: from the first), at most `limit`, ascending. The texts live during
  /// the call. A long list takes milliseconds: call it on a pool. kNameUnknown.
  virtual Status ListTags(const oci::RepositoryName& repository, std::string_view last,
                          std::size_t limit,
                          const std::function<void(std::string_view tag)>& visit) = 0;
  /// Tags in the order in which they were set last, those with a place of `from` or more, at most
  /// `limit`, ascending. Places are unique in a repository, and a tag's stays until it is set
  /// anew. Else as ListTags.
  virtual Status ListTagsByPlace(
      const oci::RepositoryName& repository, std::int64_t from, std::size_t limit,
      const std::function<void(std::string_view tag, std::int64_t place)>& visit) = 0;
  /// The tag's place; empty where there is no such tag (or repository).
  virtual Result<std::optional<std::int64_t>> FindTagPlace(const oci::RepositoryName& repository,
                                                           std::string_view tag) = 0;
  /// Repositories with at least one manifest, after `last`, at most `limit`, ascending.
  virtual Status ListRepositories(std::string_view last, std::size_t limit,
                                  const std::function<void(std::string_view name)>& visit) = 0;
  /// Manifests whose subject is `subject`, in the order in which they came, after the one with the
  /// id `after`, at most `limit`; `artifact_type` filters where not empty. Success with nothing for
  /// a subject or repository that does not exist. The descriptor is as the referrers API shows it:
  /// artifactType and annotations filled in. `visit` says whether to go on.
  virtual Status ListReferrers(
      const oci::RepositoryName& repository, const oci::Digest& subject,
      std::string_view artifact_type, std::int64_t after, std::size_t limit,
      const std::function<bool(std::int64_t id, const oci::Descriptor& descriptor)>& visit) = 0;

  /// What happened to a tag (to all tags of the repository, if empty), newest first, events with an
  /// id below `before` (0: all), at most `limit`. kNameUnknown.
  virtual Result<std::vector<TagEvent>> TagHistory(const oci::RepositoryName& repository,
                                                   const std::optional<oci::Tag>& tag,
                                                   std::int64_t before, std::size_t limit) = 0;
  /// Sets the tag to a manifest that its history names (empty: the digest before its last event),
  /// taking back its deletion and that of what it lists; itself a line of history, unless the tag
  /// names that digest already. Gives the digest. kManifestUnknown where
  /// history has no such digest, or its manifest has been collected; kDenied as PutManifest;
  /// kUnsupported where it lists more manifests than one transaction can go through.
  virtual Result<oci::Digest> RestoreTag(const oci::RepositoryName& repository, const oci::Tag& tag,
                                         const std::optional<oci::Digest>& digest, bool may_create,
                                         bool may_overwrite, const Actor& actor) = 0;

  // ---- Facts (facts.h); what is skipped by an offset, and searched, is read: use a pool ----

  /// The tag. kManifestUnknown, kNameUnknown.
  virtual Result<TagRow> DescribeTag(const oci::RepositoryName& repository,
                                     std::string_view tag) = 0;
  /// kNameUnknown.
  virtual Result<std::vector<TagRow>> DescribeTags(const oci::RepositoryName& repository,
                                                   const TagQuery& query) = 0;
  /// Number of tags that contain it, as TagQuery says.
  virtual Result<std::uint64_t> CountTags(const oci::RepositoryName& repository,
                                          std::string_view contains) = 0;
  /// kNameUnknown.
  virtual Result<std::vector<TagLife>> TagLives(const oci::RepositoryName& repository,
                                                const TagLifeQuery& query) = 0;
  /// kNameUnknown, also for one without a manifest.
  virtual Result<RepositoryRow> DescribeRepository(const oci::RepositoryName& repository) = 0;
  /// Bytes of all blobs that the repository has. Reads a row for each.
  virtual Result<std::uint64_t> CountBytes(const oci::RepositoryName& repository) = 0;

  /// kNameUnknown.
  virtual Result<std::vector<VersionRow>> ListVersions(const oci::RepositoryName& repository,
                                                       const VersionQuery& query) = 0;
  /// The version of this id, also a deleted one, with its tags, of which there are at most `tags`.
  /// kManifestUnknown, kNameUnknown.
  virtual Result<VersionRow> FindVersion(const oci::RepositoryName& repository, std::int64_t id,
                                         std::size_t tags) = 0;
  /// Whether a tag names another manifest than this version.
  virtual Result<bool> HasTagBeside(const oci::RepositoryName& repository, std::int64_t id) = 0;
  /// Takes back the deletion of a manifest and of all that it lists, and sets the tags that went
  /// with it anew, unless they name something else by now. kManifestUnknown where it is not
  /// deleted; kUnsupported as RestoreTag.
  virtual Status RestoreManifest(const oci::RepositoryName& repository, const oci::Digest& digest,
                                 const Actor& actor) = 0;

  // ---- Blobs ----

  /// kBlobUnknown unless the repository has it (pushed, mounted): other repositories' blobs are not
  /// to be seen.
  virtual Result<BlobRow> FindBlob(const oci::RepositoryName& repository,
                                   const oci::Digest& digest) = 0;
  /// Repositories that have the blob, at most `limit`, in no order.
  virtual Result<std::vector<oci::RepositoryName>> RepositoriesWithBlob(const oci::Digest& digest,
                                                                        std::size_t limit) = 0;
  /// Records a blob whose object (or inline content) is durable, links it to the repository, and
  /// ends the upload `upload_id` (empty: none), in one transaction. If the digest is already stored
  /// the existing object is kept. Gives the row that stands: if its `object` is not `blob.object`,
  /// the caller removes his own.
  virtual Result<BlobRow> AddBlob(const oci::RepositoryName& repository, const BlobRow& blob,
                                  const std::string& upload_id, const Actor& actor) = 0;
  /// Links `to` to a blob of `from`. kBlobUnknown if `from` has not got it.
  virtual Status MountBlob(const oci::RepositoryName& from, const oci::RepositoryName& to,
                           const oci::Digest& digest, const Actor& actor) = 0;
  /// Takes the blob from the repository, and dooms it if no other repository has it. kBlobUnknown;
  /// kUnsupported naming a manifest of the repository that refers to it, be it a deleted one that
  /// can be restored.
  virtual Status RemoveBlob(const oci::RepositoryName& repository, const oci::Digest& digest) = 0;

  // ---- Uploads ----

  virtual Status AddUpload(const UploadRow& upload) = 0;
  /// kBlobUploadUnknown.
  virtual Result<UploadRow> FindUpload(const std::string& id) = 0;
  /// Replaces offset, hash_state, content, staged and changed, if the row's offset still is
  /// `expected_offset`; kBlobUploadInvalid if not, kBlobUploadUnknown.
  virtual Status AdvanceUpload(const UploadRow& upload, std::uint64_t expected_offset) = 0;
  /// Success if it is not there.
  virtual Status RemoveUpload(const std::string& id) = 0;
  /// Uploads that have not changed since `before`, at most `limit`.
  virtual Result<std::vector<UploadRow>> StaleUploads(Millis before, std::size_t limit) = 0;

  // ---- Collection (collector.h); call these on a thread of their own ----

  /// Goes on with what deletions of manifests with many tags have left (a crash, a full disk): some
  /// hundred tags that are hidden already get their line of history, and go. Gives whether there
  /// may be more.
  virtual Result<bool> RemoveHiddenTags() = 0;
  /// Manifests that may go under `terms`, with ids above `after`, ascending, at most `limit`. A
  /// manifest stays while a tag names it, an index in the same repository lists it, history within
  /// the window names it, or its subject is there (a deleted one goes all the same); with
  /// `untagged_before` empty only deleted ones go. The age of an untagged one counts from when it
  /// was pushed last.
  virtual Result<std::vector<UnusedManifest>> UnusedManifests(const GarbageTerms& terms,
                                                              std::int64_t after,
                                                              std::size_t limit) = 0;
  /// Removes those of the manifests that still may go, each looked at again in the transaction;
  /// many references take several transactions. Gives their ids.
  virtual Result<std::vector<std::int64_t>> RemoveManifests(const std::vector<std::int64_t>& ids,
                                                            const GarbageTerms& terms) = 0;
  /// Links that no manifest needs and that are older than the terms say, after (repository id, blob
  /// id), ascending, at most `limit`.
  virtual Result<std::vector<UnusedLink>> UnusedLinks(const GarbageTerms& terms,
                                                      std::int64_t after_repository,
                                                      std::int64_t after_blob,
                                                      std::size_t limit) = 0;
  /// Removes those of the links that still are unused, and dooms blobs that have none left: they
  /// are not to be found from then on. Gives the number of links removed.
  virtual Result<std::size_t> RemoveLinks(const std::vector<UnusedLink>& links,
                                          const GarbageTerms& terms) = 0;
  /// Doomed blobs, at most `limit`.
  virtual Result<std::vector<DoomedBlob>> DoomedBlobs(std::size_t limit) = 0;
  /// Forgets doomed blobs after their objects have been removed, in one transaction.
  virtual Status ForgetBlobs(const std::vector<DoomedBlob>& blobs) = 0;
  /// Forgets history before `before`. Gives the number of events.
  virtual Result<std::size_t> ForgetHistory(Millis before, std::size_t limit) = 0;

  /// Removes repositories that have nothing any more: no manifest, be it deleted, no tag, no blob,
  /// no history. Gives their number.
  virtual Result<std::size_t> RemoveEmptyRepositories() = 0;

  // ---- Checking ----

  /// Calls `visit` for every blob row that is not doomed, ascending by id. An Error of `visit` ends
  /// it.
  virtual Status ForEachBlob(const std::function<Status(const BlobRow& blob)>& visit) = 0;
  /// Calls `visit` for every manifest with its content, deleted ones that can be restored too,
  /// ascending by id.
  virtual Status ForEachManifest(
      const std::function<Status(const oci::RepositoryName& repository,
                                 const StoredManifest& manifest)>& visit) = 0;
  /// Blobs and children that manifests refer to and that are not there: "repository manifest →
  /// digest" lines, at most `limit`. Not what was allowed to be missing when it was pushed.
  virtual Result<std::vector<std::string>> DanglingReferences(std::size_t limit) = 0;
  /// Removes a blob row and every link to it, whatever refers to it: its object is lost or damaged.
  /// So a push of it can mend things.
  virtual Status DropBlob(const oci::Digest& digest) = 0;
  /// The database's own check of its structure: lines of complaint, empty if sound.
  virtual Result<std::vector<std::string>> CheckStructure() = 0;
  /// Takes microseconds, however much there is.
  virtual Result<StoreCounts> Count() = 0;
};

}  // namespace portolan::store
