// Blobs and the repositories that have them.
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "portolan/store/sqlite_codec.h"
#include "portolan/store/sqlite_metadata_store.h"
#include "portolan/store/sqlite_rows.h"

namespace portolan::store {
namespace {

Error BlobUnknown(const oci::RepositoryName& repository, const oci::Digest& digest) {
  return Fail(ErrorCode::kBlobUnknown,
              fmt::format("repository {} has no blob {}", repository.text(), digest.text()));
}

// A stored blob from the columns size, object, content.
BlobRow BlobOf(const SqliteStatement& row, const oci::Digest& digest) {
  BlobRow blob{.digest = digest,
               .size = static_cast<std::uint64_t>(row.Int(0)),
               .object = std::string(row.Text(1)),
               .content = nullptr};
  if (blob.object.empty()) blob.content = std::make_shared<const std::string>(row.Blob(2));
  return blob;
}

// The id of a blob, and its row if it is stored.
struct KnownBlob {
  std::int64_t id = 0;
  std::optional<BlobRow> stored;
};

Result<std::optional<KnownBlob>> FindKnown(SqliteDatabase& database, const oci::Digest& digest,
                                           const std::string& key) {
  PORTOLAN_TRY(auto row, database.Query("SELECT size, object, content, id FROM blob"
                                        " WHERE digest = ?1",
                                        Bytes{key}));
  PORTOLAN_TRY(const bool found, row.Step());
  if (!found) return std::optional<KnownBlob>();
  KnownBlob known{.id = row.Int(3), .stored = std::nullopt};
  if (!row.IsNull(1) || !row.IsNull(2)) known.stored = BlobOf(row, digest);
  return std::optional(std::move(known));
}

// Stores the blob unless its digest is stored already. Gives its id, and puts what stands into
// `standing`.
Result<std::int64_t> StoreBlob(SqliteDatabase& database, const BlobRow& blob, BlobRow& standing) {
  const std::string key = EncodeDigest(blob.digest);
  PORTOLAN_TRY(auto known, FindKnown(database, blob.digest, key));
  if (known && known->stored) {
    standing = *std::move(known->stored);
    return known->id;
  }
  standing = blob;
  const bool is_inline = blob.object.empty();
  const auto object = is_inline ? std::nullopt : std::optional(std::string_view(blob.object));
  const auto content =
      is_inline ? std::optional(Bytes{blob.content ? std::string_view(*blob.content) : ""})
                : std::nullopt;
  PORTOLAN_CHECK(database.Run(
      "INSERT INTO blob (digest, size, object, content) VALUES (?1, ?2, ?3, ?4)"
      " ON CONFLICT (digest) DO UPDATE"
      " SET size = excluded.size, object = excluded.object, content = excluded.content",
      Bytes{key}, blob.size, object, content));
  return known ? known->id : database.LastId();
}

// A manifest of the repository that refers to the blob, in words; empty for none.
Result<std::string> NeededBy(SqliteDatabase& database, std::int64_t repository, std::int64_t blob) {
  PORTOLAN_TRY(auto row, database.Query("SELECT m.digest, m.deleted IS NOT NULL"
                                        " FROM manifest_blob b JOIN manifest m"
                                        " ON m.id = b.manifest_id WHERE b.blob_id = ?2"
                                        " AND b.repository_id = ?1 LIMIT 1",
                                        repository, blob));
  PORTOLAN_TRY(const bool found, row.Step());
  if (!found) return std::string();
  PORTOLAN_TRY(const oci::Digest digest, DecodeDigest(row.Blob(0)));
  return fmt::format("{}manifest {}", row.Int(1) != 0 ? "deleted but restorable " : "",
                     digest.text());
}

}  // namespace

Result<BlobRow> SqliteMetadataStore::FindBlob(const oci::RepositoryName& repository,
                                              const oci::Digest& digest) {
  PORTOLAN_TRY(const auto reader, readers_.Take());
  const std::string key = EncodeDigest(digest);
  PORTOLAN_TRY(auto row, (*reader).Query("SELECT b.size, b.object, b.content FROM blob b"
                                         " JOIN repository_blob l ON l.blob_id = b.id"
                                         " WHERE b.digest = ?2 AND l.repository_id ="
                                         " (SELECT id FROM repository WHERE name = ?1)",
                                         repository.text(), Bytes{key}));
  PORTOLAN_TRY(const bool found, row.Step());
  if (!found) return BlobUnknown(repository, digest);
  return BlobOf(row, digest);
}

Result<std::vector<oci::RepositoryName>> SqliteMetadataStore::RepositoriesWithBlob(
    const oci::Digest& digest, std::size_t limit) {
  PORTOLAN_TRY(const auto reader, readers_.Take());
  const std::string key = EncodeDigest(digest);
  PORTOLAN_TRY(auto rows, (*reader).Query("SELECT r.name FROM blob b"
                                          " JOIN repository_blob l ON l.blob_id = b.id"
                                          " JOIN repository r ON r.id = l.repository_id"
                                          " WHERE b.digest = ?1 LIMIT ?2",
                                          Bytes{key}, SqlLimit(limit)));
  return rows.All([](const SqliteStatement& row) { return RepositoryOf(row.Text(0)); });
}

Result<BlobRow> SqliteMetadataStore::AddBlob(const oci::RepositoryName& repository,
                                             const BlobRow& blob, const std::string& upload_id,
                                             const Actor& actor) {
  BlobRow standing = blob;
  const std::size_t content = blob.content ? blob.content->size() : 0;
  PORTOLAN_CHECK(Write(content, [&](SqliteDatabase& database) -> Status {
    PORTOLAN_TRY(const std::int64_t id, MakeRepository(database, repository));
    PORTOLAN_TRY(const std::int64_t blob_id, StoreBlob(database, blob, standing));
    PORTOLAN_CHECK(LinkBlob(database, id, blob_id, ToMillis(actor.now)));
    if (upload_id.empty()) return {};
    PORTOLAN_CHECK(database.Run("DELETE FROM upload WHERE id = ?1", upload_id));
    return {};
  }));
  return standing;
}

Status SqliteMetadataStore::MountBlob(const oci::RepositoryName& from,
                                      const oci::RepositoryName& to, const oci::Digest& digest,
                                      const Actor& actor) {
  const std::string key = EncodeDigest(digest);
  return Write(0, [&](SqliteDatabase& database) -> Status {
    PORTOLAN_TRY(const auto source, FindRepository(database, from));
    if (!source) return BlobUnknown(from, digest);
    PORTOLAN_TRY(const auto blob, FindLinkedBlob(database, *source, key));
    if (!blob) return BlobUnknown(from, digest);
    PORTOLAN_TRY(const std::int64_t target, MakeRepository(database, to));
    return LinkBlob(database, target, *blob, ToMillis(actor.now));
  });
}

Status SqliteMetadataStore::RemoveBlob(const oci::RepositoryName& repository,
                                       const oci::Digest& digest) {
  const std::string key = EncodeDigest(digest);
  return Write(0, [&](SqliteDatabase& database) -> Status {
    PORTOLAN_TRY(const auto id, FindRepository(database, repository));
    if (!id) return BlobUnknown(repository, digest);
    PORTOLAN_TRY(const auto blob, FindLinkedBlob(database, *id, key));
    if (!blob) return BlobUnknown(repository, digest);
    PORTOLAN_TRY(const std::string needed_by, NeededBy(database, *id, *blob));
    if (!needed_by.empty()) {
      return Fail(ErrorCode::kUnsupported,
                  fmt::format("blob {} of repository {} is needed by {}", digest.text(),
                              repository.text(), needed_by),
                  "delete that manifest first; the blob then goes with it");
    }
    PORTOLAN_CHECK(
        database.Run("DELETE FROM repository_blob"
                     " WHERE repository_id = ?1 AND blob_id = ?2",
                     *id, *blob));
    return DoomIfUnlinked(database, *blob);
  });
}

}  // namespace portolan::store
