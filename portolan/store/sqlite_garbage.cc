// What nothing needs any more: finding it without holding anybody up, and removing it after a
// second look inside the transaction.
#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "portolan/store/sqlite_codec.h"
#include "portolan/store/sqlite_metadata_store.h"
#include "portolan/store/sqlite_rows.h"

namespace portolan::store {
namespace {

// Manifests that one statement looks at: it holds a snapshot of the database, and that keeps the
// log from being emptied.
constexpr std::int64_t kWindow = 4096;

// Whether manifest `m` may go. ?1: deleted before, ?2: untagged before (NULL: never).
#define PORTOLAN_MAY_GO                                                                            \
  " (m.deleted < ?1 OR (m.deleted IS NULL AND m.pushed < ?2 AND NOT EXISTS"                        \
  " (SELECT 1 FROM manifest s WHERE s.repository_id = m.repository_id AND s.digest = m.subject)))" \
  " AND NOT EXISTS (SELECT 1 FROM tag t WHERE t.manifest_id = m.id)"                               \
  " AND NOT EXISTS (SELECT 1 FROM manifest_child c"                                                \
  " WHERE c.repository_id = m.repository_id AND c.child = m.digest)"                               \
  " AND NOT EXISTS (SELECT 1 FROM tag_event e WHERE e.repository_id = m.repository_id"             \
  " AND e.old_digest = m.digest AND e.happened >= ?1)"

#define PORTOLAN_SELECT_MAY_GO                                          \
  "SELECT m.id, r.name, m.digest, m.created, m.deleted FROM manifest m" \
  " CROSS JOIN repository r ON r.id = m.repository_id WHERE" PORTOLAN_MAY_GO

// Manifests with ids above `after` and up to `last`.
Result<SqliteStatement> QueryUnused(SqliteDatabase& database, const GarbageTerms& terms,
                                    std::int64_t after, std::int64_t last, std::int64_t limit) {
  if (terms.untagged_before) {
    return database.Query(PORTOLAN_SELECT_MAY_GO
                          " AND m.id > ?3 AND m.id <= ?4 ORDER BY m.id LIMIT ?5",
                          terms.deleted_before, terms.untagged_before, after, last, limit);
  }
  return database.Query(PORTOLAN_SELECT_MAY_GO
                        " AND m.deleted IS NOT NULL AND m.id > ?3 AND m.id <= ?4"
                        " ORDER BY m.id LIMIT ?5",
                        terms.deleted_before, terms.untagged_before, after, last, limit);
}

Result<UnusedManifest> UnusedOf(const SqliteStatement& row) {
  PORTOLAN_TRY(oci::Digest digest, DecodeDigest(row.Blob(2)));
  UnusedManifest unused{.id = row.Int(0),
                        .repository = std::string(row.Text(1)),
                        .digest = std::move(digest),
                        .created = row.Int(3),
                        .deleted = std::nullopt};
  if (!row.IsNull(4)) unused.deleted = row.Int(4);
  return unused;
}

struct LiveManifest {
  std::int64_t repository = 0;
  bool live = false;
};

// The manifest, if it still may go.
Result<std::optional<LiveManifest>> FindRemovable(SqliteDatabase& database, std::int64_t id,
                                                  const GarbageTerms& terms) {
  PORTOLAN_TRY(auto row, database.Query("SELECT m.repository_id, m.deleted IS NULL FROM manifest m"
                                        " WHERE m.id = ?3 AND" PORTOLAN_MAY_GO,
                                        terms.deleted_before, terms.untagged_before, id));
  PORTOLAN_TRY(const bool found, row.Step());
  if (!found) return std::optional<LiveManifest>();
  return std::optional(LiveManifest{.repository = row.Int(0), .live = row.Int(1) != 0});
}

#undef PORTOLAN_SELECT_MAY_GO
#undef PORTOLAN_MAY_GO

// Takes away what the manifest says of blobs: their links may be unneeded then, and rows that were
// names only are not named any more.
Status RemoveBlobReferences(SqliteDatabase& database, std::int64_t repository,
                            std::int64_t manifest) {
  std::vector<std::int64_t> blobs;
  {
    PORTOLAN_TRY(auto rows, database.Query("SELECT blob_id FROM manifest_blob"
                                           " WHERE manifest_id = ?1",
                                           manifest));
    for (;;) {
      PORTOLAN_TRY(const bool more, rows.Step());
      if (!more) break;
      blobs.push_back(rows.Int(0));
    }
  }
  PORTOLAN_CHECK(database.Run("DELETE FROM manifest_blob WHERE manifest_id = ?1", manifest));
  for (const std::int64_t blob : blobs) {
    PORTOLAN_CHECK(database.Run(
        "UPDATE repository_blob SET needed = 0 WHERE repository_id = ?1 AND blob_id = ?2"
        " AND NOT EXISTS (SELECT 1 FROM manifest_blob WHERE blob_id = ?2 AND repository_id = ?1)",
        repository, blob));
    PORTOLAN_CHECK(
        database.Run("DELETE FROM blob WHERE id = ?1 AND object IS NULL AND content IS NULL"
                     " AND NOT EXISTS (SELECT 1 FROM manifest_blob WHERE blob_id = ?1)",
                     blob));
  }
  return {};
}

Status RemoveManifest(SqliteDatabase& database, std::int64_t id, const LiveManifest& manifest) {
  PORTOLAN_CHECK(RemoveBlobReferences(database, manifest.repository, id));
  PORTOLAN_CHECK(database.Run("DELETE FROM manifest_child WHERE manifest_id = ?1", id));
  PORTOLAN_CHECK(database.Run("DELETE FROM manifest_content WHERE manifest_id = ?1", id));
  PORTOLAN_CHECK(database.Run("DELETE FROM manifest WHERE id = ?1", id));
  if (!manifest.live) return {};
  PORTOLAN_CHECK(database.Run("UPDATE repository SET manifests = manifests - 1 WHERE id = ?1",
                              manifest.repository));
  return {};
}

}  // namespace

Result<std::vector<UnusedManifest>> SqliteMetadataStore::UnusedManifests(const GarbageTerms& terms,
                                                                         std::int64_t after,
                                                                         std::size_t limit) {
  PORTOLAN_TRY(const auto reader, readers_.Take());
  PORTOLAN_TRY(const auto newest, (*reader).Find("SELECT max(id) FROM manifest"));
  std::vector<UnusedManifest> unused;
  while (after < newest.value_or(0) && unused.size() < limit) {
    // Deleted ones have an index of their own: no need to go by windows.
    const std::int64_t last = terms.untagged_before ? std::min(after + kWindow, *newest) : *newest;
    PORTOLAN_TRY(auto rows,
                 QueryUnused(*reader, terms, after, last, SqlLimit(limit - unused.size())));
    for (;;) {
      PORTOLAN_TRY(const bool more, rows.Step());
      if (!more) break;
      PORTOLAN_TRY(UnusedManifest manifest, UnusedOf(rows));
      unused.push_back(std::move(manifest));
    }
    after = last;
  }
  return unused;
}

Result<std::vector<std::int64_t>> SqliteMetadataStore::RemoveManifests(
    const std::vector<std::int64_t>& ids, const GarbageTerms& terms) {
  std::vector<std::int64_t> removed;
  PORTOLAN_CHECK(Write(0, [&](SqliteDatabase& database) -> Status {
    for (const std::int64_t id : ids) {
      PORTOLAN_TRY(const auto manifest, FindRemovable(database, id, terms));
      if (!manifest) continue;
      PORTOLAN_CHECK(RemoveManifest(database, id, *manifest));
      removed.push_back(id);
    }
    return {};
  }));
  return removed;
}

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
  std::vector<UnusedLink> links;
  for (;;) {
    PORTOLAN_TRY(const bool more, rows.Step());
    if (!more) return links;
    PORTOLAN_TRY(oci::Digest digest, DecodeDigest(rows.Blob(3)));
    links.push_back(UnusedLink{.repository_id = rows.Int(0),
                               .blob_id = rows.Int(1),
                               .repository = std::string(rows.Text(2)),
                               .digest = std::move(digest),
                               .size = static_cast<std::uint64_t>(rows.Int(4)),
                               .linked = rows.Int(5)});
  }
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
  std::vector<DoomedBlob> doomed;
  for (;;) {
    PORTOLAN_TRY(const bool more, rows.Step());
    if (!more) return doomed;
    PORTOLAN_TRY(oci::Digest digest, DecodeDigest(rows.Blob(1)));
    doomed.push_back(DoomedBlob{.id = rows.Int(0),
                                .digest = std::move(digest),
                                .object = std::string(rows.Text(2)),
                                .size = static_cast<std::uint64_t>(rows.Int(3))});
  }
}

Status SqliteMetadataStore::ForgetBlob(std::int64_t id) {
  return Write(0, [&](SqliteDatabase& database) -> Status {
    PORTOLAN_CHECK(database.Run("DELETE FROM doomed_blob WHERE id = ?1", id));
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

}  // namespace portolan::store
