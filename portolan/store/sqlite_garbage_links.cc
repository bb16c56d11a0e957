// Links, blobs, history and repositories that nothing needs any more.
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "portolan/store/sqlite_codec.h"
#include "portolan/store/sqlite_metadata_store.h"
#include "portolan/store/sqlite_rows.h"

namespace portolan::store {
namespace {

// Repositories that one statement or transaction looks at.
constexpr std::int64_t kWindow = 4096;

// Whether repository `r` has nothing. An upload makes it anew when it ends.
#define PORTOLAN_IS_EMPTY                                                          \
  " r.manifests = 0"                                                               \
  " AND NOT EXISTS (SELECT 1 FROM manifest m WHERE m.repository_id = r.id)"        \
  " AND NOT EXISTS (SELECT 1 FROM repository_blob l WHERE l.repository_id = r.id)" \
  " AND NOT EXISTS (SELECT 1 FROM tag t WHERE t.repository_id = r.id)"             \
  " AND NOT EXISTS (SELECT 1 FROM tag_event e WHERE e.repository_id = r.id)"

Result<std::vector<std::int64_t>> EmptyRepositories(SqliteDatabase& database, std::int64_t after) {
  PORTOLAN_TRY(auto rows, database.Query("SELECT r.id FROM repository r WHERE r.id > ?1"
                                         " AND r.id <= ?2 AND" PORTOLAN_IS_EMPTY,
                                         after, after + kWindow));
  return rows.All(IdOf);
}

Result<std::int64_t> RemoveIfEmpty(SqliteDatabase& database, std::int64_t repository) {
  return database.Run("DELETE FROM repository AS r WHERE r.id = ?1 AND" PORTOLAN_IS_EMPTY,
                      repository);
}

#undef PORTOLAN_IS_EMPTY

Result<UnusedLink> LinkOf(const SqliteStatement& row) {
  PORTOLAN_TRY(oci::Digest digest, DecodeDigest(row.Blob(3)));
  return UnusedLink{.repository_id = row.Int(0),
                    .blob_id = row.Int(1),
                    .repository = std::string(row.Text(2)),
                    .digest = std::move(digest),
                    .size = static_cast<std::uint64_t>(row.Int(4)),
                    .linked = row.Int(5)};
}

Result<DoomedBlob> DoomedOf(const SqliteStatement& row) {
  PORTOLAN_TRY(oci::Digest digest, DecodeDigest(row.Blob(1)));
  return DoomedBlob{.id = row.Int(0),
                    .digest = std::move(digest),
                    .object = std::string(row.Text(2)),
                    .size = static_cast<std::uint64_t>(row.Int(3))};
}

}  // namespace

Result<std::vector<UnusedLink>> SqliteMetadataStore::UnusedLinks(const GarbageTerms& terms,
                                                                 std::int64_t after_repository,
                                                                 std::int64_t after_blob,
                                                                 std::size_t limit) {
  PORTOLAN_TRY(const auto reader, readers_.Take());
  PORTOLAN_TRY(auto rows,
               (*reader).Query("SELECT l.repository_id, l.blob_id, r.name, b.digest, b.size,"
                               " l.linked FROM repository_blob l"
                               " CROSS JOIN repository r ON r.id = l.repository_id"
                               " CROSS JOIN blob b ON b.id = l.blob_id"
                               " WHERE l.needed = 0 AND (l.repository_id, l.blob_id) > (?1, ?2)"
                               " AND l.linked < ?3 ORDER BY l.repository_id, l.blob_id LIMIT ?4",
                               after_repository, after_blob, terms.linked_before, SqlLimit(limit)));
  return rows.All(LinkOf);
}

Result<std::size_t> SqliteMetadataStore::RemoveLinks(const std::vector<UnusedLink>& links,
                                                     const GarbageTerms& terms) {
  std::size_t removed = 0;
  PORTOLAN_CHECK(Write(0, [&](SqliteDatabase& database) -> Status {
    for (const UnusedLink& link : links) {
      PORTOLAN_TRY(
          const std::int64_t changed,
          database.Run("DELETE FROM repository_blob WHERE repository_id = ?1 AND blob_id = ?2"
                       " AND linked < ?3 AND NOT EXISTS (SELECT 1 FROM manifest_blob"
                       " WHERE blob_id = ?2 AND repository_id = ?1)",
                       link.repository_id, link.blob_id, terms.linked_before));
      if (changed == 0) continue;
      ++removed;
      PORTOLAN_CHECK(DoomIfUnlinked(database, link.blob_id));
    }
    return {};
  }));
  return removed;
}

Result<std::vector<DoomedBlob>> SqliteMetadataStore::DoomedBlobs(std::size_t limit) {
  PORTOLAN_TRY(const auto reader, readers_.Take());
  PORTOLAN_TRY(auto rows, (*reader).Query("SELECT id, digest, object, size FROM doomed_blob"
                                          " ORDER BY id LIMIT ?1",
                                          SqlLimit(limit)));
  return rows.All(DoomedOf);
}

Status SqliteMetadataStore::ForgetBlobs(const std::vector<DoomedBlob>& blobs) {
  if (blobs.empty()) return {};
  return Write(0, [&](SqliteDatabase& database) -> Status {
    for (const DoomedBlob& blob : blobs) {
      PORTOLAN_CHECK(database.Run("DELETE FROM doomed_blob WHERE id = ?1", blob.id));
    }
    return {};
  });
}

Result<std::size_t> SqliteMetadataStore::ForgetHistory(Millis before, std::size_t limit) {
  std::size_t forgotten = 0;
  PORTOLAN_CHECK(Write(0, [&](SqliteDatabase& database) -> Status {
    PORTOLAN_TRY(const std::int64_t changed,
                 database.Run("DELETE FROM tag_event WHERE id IN (SELECT id FROM tag_event"
                              " WHERE happened < ?1 ORDER BY happened LIMIT ?2)",
                              before, SqlLimit(limit)));
    forgotten = static_cast<std::size_t>(changed);
    return {};
  }));
  return forgotten;
}

Result<std::size_t> SqliteMetadataStore::RemoveEmptyRepositories() {
  std::int64_t removed = 0;
  for (std::int64_t after = 0;; after += kWindow) {
    std::vector<std::int64_t> empty;
    {
      PORTOLAN_TRY(const auto reader, readers_.Take());
      PORTOLAN_TRY(const auto newest, (*reader).Find("SELECT max(id) FROM repository"));
      if (after >= newest.value_or(0)) return static_cast<std::size_t>(removed);
      PORTOLAN_TRY(empty, EmptyRepositories(*reader, after));
    }
    if (empty.empty()) continue;
    PORTOLAN_CHECK(Write(0, [&](SqliteDatabase& database) -> Status {
      for (const std::int64_t repository : empty) {
        PORTOLAN_TRY(const std::int64_t gone, RemoveIfEmpty(database, repository));
        removed += gone;
      }
      return {};
    }));
  }
}

}  // namespace portolan::store
