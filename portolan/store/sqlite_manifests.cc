// Manifests: finding, storing with everything that they refer to, deleting.
#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <variant>
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

Result<SqliteStatement> QueryManifest(SqliteDatabase& database,
                                      const oci::RepositoryName& repository, const oci::Tag& tag) {
  return database.Query(
      "SELECT m.digest, m.media_type, m.size FROM repository r"
      " JOIN tag t ON t.repository_id = r.id JOIN manifest m ON m.id = t.manifest_id"
      " WHERE r.name = ?1 AND t.name = ?2 AND m.deleted IS NULL",
      repository.text(), tag.text());
}

// Why a lookup found nothing.
Error ManifestUnknown(SqliteDatabase& database, const oci::RepositoryName& repository,
                      std::string_view kind, std::string_view reference) {
  const auto id = FindRepository(database, repository);
  if (!id) return id.error();
  if (!*id) return NameUnknown(repository);
  return Fail(ErrorCode::kManifestUnknown,
              fmt::format("repository {} has no {} {}", repository.text(), kind, reference));
}

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
  if (!there && !IsManifestType(descriptor.media_type)) {
    // Build caches are indexes that list layers.
    PORTOLAN_TRY(const auto linked, FindLinkedBlob(database, repository, digest));
    if (linked) {
      references.blobs.push_back({.blob = *linked, .expected = true});
      return {};
    }
  }
  if (!there && !manifest.allow_missing) return Missing(manifest, "manifest", descriptor.digest);
  references.children.push_back({.digest = std::move(digest), .expected = there});
  return {};
}

// Looks up everything that the manifest refers to. kManifestBlobUnknown.
Result<References> FindReferences(SqliteDatabase& database, std::int64_t repository,
                                  const NewManifest& manifest) {
  References references;
  const auto& [parsed, allow_missing] = std::tie(manifest.manifest, manifest.allow_missing);
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

Result<std::int64_t> InsertManifest(SqliteDatabase& database, std::int64_t repository,
                                    const NewManifest& manifest, const std::string& digest,
                                    Millis now) {
  const oci::Manifest& parsed = manifest.manifest;
  std::string subject;
  std::string annotations;
  if (parsed.subject) {  // otherwise nobody asks for them
    subject = EncodeDigest(parsed.subject->digest);
    annotations = EncodeAnnotations(parsed.annotations);
  }
  const auto bytes = [](const std::string& text) {
    return text.empty() ? std::nullopt : std::optional(Bytes{text});
  };
  PORTOLAN_CHECK(database.Run(
      "INSERT INTO manifest (repository_id, digest, media_type, size, subject, artifact_type,"
      " annotations, created, pushed) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?8)",
      repository, Bytes{digest}, parsed.media_type, manifest.content.size(), bytes(subject),
      parsed.subject ? parsed.ReferrerType() : std::string_view(), bytes(annotations), now));
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
  PORTOLAN_CHECK(database.Run("UPDATE manifest SET pushed = ?2 WHERE id = ?1", state->id, now));
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

Status Put(SqliteDatabase& database, const NewManifest& manifest, const Actor& actor) {
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
  for (const oci::Tag& tag : manifest.tags) {
    PORTOLAN_CHECK(SetTag(database, change, tag, id, digest));
  }
  return {};
}

// Takes the manifest's tags away, each with a line of history.
Status RemoveTagsOf(SqliteDatabase& database, std::int64_t repository, std::int64_t manifest,
                    const std::string& digest, const Actor& actor) {
  std::vector<std::string> tags;
  {
    PORTOLAN_TRY(
        auto rows,
        database.Query("SELECT name FROM tag WHERE manifest_id = ?1 ORDER BY repository_id, name",
                       manifest));
    for (;;) {
      PORTOLAN_TRY(const bool more, rows.Step());
      if (!more) break;
      tags.emplace_back(rows.Text(0));
    }
  }
  PORTOLAN_CHECK(database.Run("DELETE FROM tag WHERE manifest_id = ?1", manifest));
  for (const std::string& tag : tags) {
    PORTOLAN_CHECK(AddTagEvent(database, repository, tag, digest, {}, actor));
  }
  return {};
}

}  // namespace

Result<ManifestRow> SqliteMetadataStore::FindManifest(const oci::RepositoryName& repository,
                                                      const ManifestReference& reference) {
  PORTOLAN_TRY(const auto reader, readers_.Take());
  if (const auto* const tag = std::get_if<oci::Tag>(&reference)) {
    PORTOLAN_TRY(auto row, QueryManifest(*reader, repository, *tag));
    PORTOLAN_TRY(const bool found, row.Step());
    if (!found) return ManifestUnknown(*reader, repository, "tag", tag->text());
    PORTOLAN_TRY(oci::Digest digest, DecodeDigest(row.Blob(0)));
    return ManifestRow{.digest = std::move(digest),
                       .media_type = std::string(row.Text(1)),
                       .size = static_cast<std::uint64_t>(row.Int(2))};
  }
  const auto& digest = std::get<oci::Digest>(reference);
  const std::string key = EncodeDigest(digest);
  PORTOLAN_TRY(auto row, (*reader).Query("SELECT m.media_type, m.size FROM repository r"
                                         " JOIN manifest m ON m.repository_id = r.id"
                                         " WHERE r.name = ?1 AND m.digest = ?2"
                                         " AND m.deleted IS NULL",
                                         repository.text(), Bytes{key}));
  PORTOLAN_TRY(const bool found, row.Step());
  if (!found) return ManifestUnknown(*reader, repository, "manifest", digest.text());
  return ManifestRow{.digest = digest,
                     .media_type = std::string(row.Text(0)),
                     .size = static_cast<std::uint64_t>(row.Int(1))};
}

Result<StoredManifest> SqliteMetadataStore::ReadManifest(const oci::RepositoryName& repository,
                                                         const oci::Digest& digest) {
  PORTOLAN_TRY(const auto reader, readers_.Take());
  const std::string key = EncodeDigest(digest);
  PORTOLAN_TRY(auto row, (*reader).Query("SELECT m.media_type, c.content FROM repository r"
                                         " JOIN manifest m ON m.repository_id = r.id"
                                         " JOIN manifest_content c ON c.manifest_id = m.id"
                                         " WHERE r.name = ?1 AND m.digest = ?2"
                                         " AND m.deleted IS NULL",
                                         repository.text(), Bytes{key}));
  PORTOLAN_TRY(const bool found, row.Step());
  if (!found) return ManifestUnknown(*reader, repository, "manifest", digest.text());
  return StoredManifest{.digest = digest,
                        .media_type = std::string(row.Text(0)),
                        .content = std::make_shared<const std::string>(row.Blob(1))};
}

Status SqliteMetadataStore::PutManifest(const NewManifest& manifest, const Actor& actor) {
  return Write(manifest.content.size(),
               [&](SqliteDatabase& database) { return Put(database, manifest, actor); });
}

Status SqliteMetadataStore::DeleteManifest(const oci::RepositoryName& repository,
                                           const oci::Digest& digest, const Actor& actor) {
  const std::string key = EncodeDigest(digest);
  return Write(0, [&](SqliteDatabase& database) -> Status {
    PORTOLAN_TRY(const std::int64_t id, RequireRepository(database, repository));
    PORTOLAN_TRY(const auto state, FindManifestState(database, id, key));
    if (!state || state->deleted) {
      return ManifestUnknown(database, repository, "manifest", digest.text());
    }
    PORTOLAN_CHECK(RemoveTagsOf(database, id, state->id, key, actor));
    return HideManifest(database, id, state->id, ToMillis(actor.now));
  });
}

}  // namespace portolan::store
