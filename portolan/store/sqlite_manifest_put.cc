// Storing a manifest with everything that it refers to.
#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "portolan/store/sqlite_codec.h"
#include "portolan/store/sqlite_metadata_store.h"
#include "portolan/store/sqlite_rows.h"

namespace portolan::store {
namespace {

// What a manifest refers to. `expected`: it was there when the manifest was stored.
struct BlobReference {
  std::int64_t blob = 0;
  bool expected = true;
};
struct ChildReference {
  std::string digest;
  bool expected = true;
};
struct References {
  std::vector<BlobReference> blobs;
  std::vector<ChildReference> children;
};

Error Missing(const NewManifest& manifest, std::string_view kind, const oci::Digest& digest) {
  return Fail(ErrorCode::kManifestBlobUnknown,
              fmt::format("manifest {} refers to {} {}, which repository {} does not have",
                          manifest.digest.text(), kind, digest.text(), manifest.repository.text()),
              fmt::format("push the {} first", kind));
}

bool IsManifestType(std::string_view media_type) {
  constexpr std::array kTypes{oci::kImageManifestType, oci::kImageIndexType,
                              oci::kDockerManifestType, oci::kDockerManifestListType};
  return std::ranges::find(kTypes, media_type) != kTypes.end();
}

// The row that stands for the digest of a blob that is not stored.
Result<std::int64_t> NameBlob(SqliteDatabase& database, const std::string& digest) {
  PORTOLAN_TRY(const auto known,
               database.Find("SELECT id FROM blob WHERE digest = ?1", Bytes{digest}));
  if (known) return *known;
  PORTOLAN_CHECK(database.Run("INSERT INTO blob (digest) VALUES (?1)", Bytes{digest}));
  return database.LastId();
}

Status AddBlobReference(SqliteDatabase& database, std::int64_t repository,
                        const NewManifest& manifest, const oci::Descriptor& descriptor,
                        bool may_miss, References& references) {
  const std::string digest = EncodeDigest(descriptor.digest);
  PORTOLAN_TRY(const auto linked, FindLinkedBlob(database, repository, digest));
  if (linked) {
    references.blobs.push_back({.blob = *linked, .expected = true});
    return {};
  }
  if (!may_miss) return Missing(manifest, "blob", descriptor.digest);
  PORTOLAN_TRY(const std::int64_t named, NameBlob(database, digest));
  references.blobs.push_back({.blob = named, .expected = false});
  return {};
}

Status AddChildReference(SqliteDatabase& database, std::int64_t repository,
                         const NewManifest& manifest, const oci::Descriptor& descriptor,
                         References& references) {
  std::string digest = EncodeDigest(descriptor.digest);
  PORTOLAN_TRY(const auto state, FindManifestState(database, repository, digest));
  const bool there = state && !state->deleted;
  const bool may_be_blob = !there && !IsManifestType(descriptor.media_type);
  if (may_be_blob) {
    // Build caches are indexes that list layers.
    PORTOLAN_TRY(const auto linked, FindLinkedBlob(database, repository, digest));
    if (linked) {
      references.blobs.push_back({.blob = *linked, .expected = true});
      return {};
    }
  }
  if (!there && !manifest.allow_missing) return Missing(manifest, "manifest", descriptor.digest);
  if (may_be_blob) {
    // Nobody knows yet as what it will come: whichever it is, it is needed then.
    PORTOLAN_TRY(const std::int64_t named, NameBlob(database, digest));
    references.blobs.push_back({.blob = named, .expected = false});
  }
  references.children.push_back({.digest = std::move(digest), .expected = there});
  return {};
}

// Looks up everything that the manifest refers to. kManifestBlobUnknown.
Result<References> FindReferences(SqliteDatabase& database, std::int64_t repository,
                                  const NewManifest& manifest) {
  References references;
  const oci::Manifest& parsed = manifest.manifest;
  const bool allow_missing = manifest.allow_missing;
  if (parsed.config) {
    PORTOLAN_CHECK(AddBlobReference(database, repository, manifest, *parsed.config, allow_missing,
                                    references));
  }
  for (const oci::Descriptor& layer : parsed.layers) {
    const bool may_miss =
        allow_missing || layer.has_urls || oci::IsNonDistributable(layer.media_type);
    PORTOLAN_CHECK(AddBlobReference(database, repository, manifest, layer, may_miss, references));
  }
  for (const oci::Descriptor& child : parsed.manifests) {
    PORTOLAN_CHECK(AddChildReference(database, repository, manifest, child, references));
  }
  return references;
}

// What the referrers API shows of a manifest with a subject; empty for one without: nobody asks.
struct Referral {
  explicit Referral(const oci::Manifest& parsed) {
    if (!parsed.subject) return;
    subject_text = EncodeDigest(parsed.subject->digest);
    annotations_text = EncodeAnnotations(parsed.annotations);
    type = parsed.ReferrerType();
  }
  std::optional<Bytes> subject() const { return AsBytes(subject_text); }
  std::optional<Bytes> annotations() const { return AsBytes(annotations_text); }
  std::string_view type;

 private:
  static std::optional<Bytes> AsBytes(const std::string& text) {
    return text.empty() ? std::nullopt : std::optional(Bytes{text});
  }
  std::string subject_text;
  std::string annotations_text;
};

// Pushed again: the same bytes, maybe under another Content-Type, which then is how it is read.
Status UpdateManifest(SqliteDatabase& database, std::int64_t id, const NewManifest& manifest,
                      Millis now) {
  const oci::Manifest& parsed = manifest.manifest;
  const Referral referral(parsed);
  PORTOLAN_CHECK(database.Run(
      "UPDATE manifest SET pushed = ?2, media_type = ?3, subject = ?4, artifact_type = ?5,"
      " annotations = ?6 WHERE id = ?1",
      id, now, parsed.media_type, referral.subject(), referral.type, referral.annotations()));
  return {};
}

Result<std::int64_t> InsertManifest(SqliteDatabase& database, std::int64_t repository,
                                    const NewManifest& manifest, const std::string& digest,
                                    Millis now) {
  const oci::Manifest& parsed = manifest.manifest;
  const Referral referral(parsed);
  PORTOLAN_CHECK(database.Run(
      "INSERT INTO manifest (repository_id, digest, media_type, size, subject, artifact_type,"
      " annotations, created, pushed) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?8)",
      repository, Bytes{digest}, parsed.media_type, manifest.content.size(), referral.subject(),
      referral.type, referral.annotations(), now));
  const std::int64_t id = database.LastId();
  PORTOLAN_CHECK(database.Run("INSERT INTO manifest_content (manifest_id, content) VALUES (?1, ?2)",
                              id, Bytes{manifest.content}));
  PORTOLAN_CHECK(
      database.Run("UPDATE repository SET manifests = manifests + 1 WHERE id = ?1", repository));
  return id;
}

// The manifest's row, live and pushed now. Its references are the same each time, but what was
// missing may be there by now.
Result<std::int64_t> PutRow(SqliteDatabase& database, std::int64_t repository,
                            const NewManifest& manifest, const std::string& digest, Millis now) {
  PORTOLAN_TRY(const auto state, FindManifestState(database, repository, digest));
  if (!state) return InsertManifest(database, repository, manifest, digest, now);
  if (state->deleted) PORTOLAN_CHECK(RevealManifest(database, repository, state->id));
  PORTOLAN_CHECK(UpdateManifest(database, state->id, manifest, now));
  // The digest has been verified: where the stored bytes differ they are damaged.
  PORTOLAN_CHECK(database.Run(
      "UPDATE manifest_content SET content = ?2 WHERE manifest_id = ?1 AND content <> ?2",
      state->id, Bytes{manifest.content}));
  return state->id;
}

Status PutReferences(SqliteDatabase& database, std::int64_t repository, std::int64_t manifest,
                     const References& references) {
  for (const BlobReference& reference : references.blobs) {
    PORTOLAN_CHECK(
        database.Run("INSERT INTO manifest_blob (blob_id, repository_id, manifest_id, expected)"
                     " VALUES (?1, ?2, ?3, ?4) ON CONFLICT (blob_id, repository_id, manifest_id)"
                     " DO UPDATE SET expected = 1 WHERE excluded.expected > expected",
                     reference.blob, repository, manifest, reference.expected));
    PORTOLAN_CHECK(
        database.Run("UPDATE repository_blob SET needed = 1"
                     " WHERE repository_id = ?1 AND blob_id = ?2 AND needed = 0",
                     repository, reference.blob));
  }
  for (const ChildReference& reference : references.children) {
    PORTOLAN_CHECK(
        database.Run("INSERT INTO manifest_child (repository_id, child, manifest_id, expected)"
                     " VALUES (?1, ?2, ?3, ?4) ON CONFLICT (repository_id, child, manifest_id)"
                     " DO UPDATE SET expected = 1 WHERE excluded.expected > expected",
                     repository, Bytes{reference.digest}, manifest, reference.expected));
  }
  return {};
}

Result<std::vector<TagOutcome>> Put(SqliteDatabase& database, const NewManifest& manifest,
                                    const Actor& actor) {
  const std::string digest = EncodeDigest(manifest.digest);
  PORTOLAN_TRY(const std::int64_t repository, MakeRepository(database, manifest.repository));
  PORTOLAN_TRY(const References references, FindReferences(database, repository, manifest));
  PORTOLAN_TRY(const std::int64_t id,
               PutRow(database, repository, manifest, digest, ToMillis(actor.now)));
  PORTOLAN_CHECK(PutReferences(database, repository, id, references));
  const TagChange change{.repository = repository,
                         .name = manifest.repository,
                         .may_create = manifest.may_create,
                         .may_overwrite = manifest.may_overwrite,
                         .actor = actor};
  std::vector<TagOutcome> outcomes;
  for (const oci::Tag& tag : manifest.tags) {
    PORTOLAN_TRY(const TagOutcome outcome, SetTag(database, change, tag, id, digest));
    outcomes.push_back(outcome);
  }
  return outcomes;
}

}  // namespace

Result<std::vector<TagOutcome>> SqliteMetadataStore::PutManifest(const NewManifest& manifest,
                                                                 const Actor& actor) {
  std::vector<TagOutcome> outcomes;
  PORTOLAN_CHECK(WriteRevealing(manifest.content.size(), [&](SqliteDatabase& database) -> Status {
    PORTOLAN_TRY(outcomes, Put(database, manifest, actor));
    return {};
  }));
  return outcomes;
}

}  // namespace portolan::store
