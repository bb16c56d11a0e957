// Manifests that nothing needs any more: finding them without holding anybody up, and removing
// them after a second look inside the transaction.
#include <algorithm>
#include <cstdint>
#include <iterator>
#include <optional>
#include <span>
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
// References to blobs and children after which a transaction that removes manifests ends.
constexpr std::int64_t kReferences = 2000;

// Whether manifest `m` may go. ?1: deleted before, ?2: untagged before (NULL: never).
#define PORTOLAN_MAY_GO                                                                            \
  " (m.deleted < ?1 OR (m.deleted IS NULL AND m.pushed < ?2 AND NOT EXISTS"                        \
  " (SELECT 1 FROM manifest s WHERE s.repository_id = m.repository_id AND s.digest = m.subject)))" \
  " AND NOT EXISTS (SELECT 1 FROM tag t WHERE t.manifest_id = m.id)"                               \
  " AND NOT EXISTS (SELECT 1 FROM doomed_tags d WHERE d.manifest_id = m.id)"                       \
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
// names only are not named any more. Gives the number of blobs.
Result<std::int64_t> RemoveBlobReferences(SqliteDatabase& database, std::int64_t repository,
                                          std::int64_t manifest) {
  std::vector<std::int64_t> blobs;
  {
    PORTOLAN_TRY(auto rows, database.Query("SELECT blob_id FROM manifest_blob"
                                           " WHERE manifest_id = ?1",
                                           manifest));
    PORTOLAN_TRY(blobs, rows.All(IdOf));
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
  return std::ssize(blobs);
}

// Gives the number of its references.
Result<std::int64_t> RemoveManifest(SqliteDatabase& database, std::int64_t id,
                                    const LiveManifest& manifest) {
  PORTOLAN_TRY(const std::int64_t blobs, RemoveBlobReferences(database, manifest.repository, id));
  PORTOLAN_TRY(const std::int64_t children,
               database.Run("DELETE FROM manifest_child WHERE manifest_id = ?1", id));
  PORTOLAN_CHECK(database.Run("DELETE FROM manifest_content WHERE manifest_id = ?1", id));
  PORTOLAN_CHECK(database.Run("DELETE FROM manifest WHERE id = ?1", id));
  if (manifest.live) {
    PORTOLAN_CHECK(database.Run("UPDATE repository SET manifests = manifests - 1 WHERE id = ?1",
                                manifest.repository));
  }
  return blobs + children;
}

// Removes manifests from the front of `ids` until there are none, or enough references are gone.
Status RemoveSome(SqliteDatabase& database, const GarbageTerms& terms,
                  std::span<const std::int64_t>& ids, std::vector<std::int64_t>& removed) {
  for (std::int64_t references = 0; !ids.empty() && references < kReferences;) {
    const std::int64_t id = ids.front();
    ids = ids.subspan(1);
    PORTOLAN_TRY(const auto manifest, FindRemovable(database, id, terms));
    if (!manifest) continue;
    PORTOLAN_TRY(const std::int64_t gone, RemoveManifest(database, id, *manifest));
    references += gone;
    removed.push_back(id);
  }
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
    PORTOLAN_TRY(auto found, rows.All(UnusedOf));
    std::ranges::move(found, std::back_inserter(unused));
    after = last;
  }
  return unused;
}

Result<std::vector<std::int64_t>> SqliteMetadataStore::RemoveManifests(
    const std::vector<std::int64_t>& ids, const GarbageTerms& terms) {
  std::vector<std::int64_t> removed;
  for (std::span<const std::int64_t> left = ids; !left.empty();) {
    PORTOLAN_CHECK(Write(
        0, [&](SqliteDatabase& database) { return RemoveSome(database, terms, left, removed); }));
  }
  return removed;
}

}  // namespace portolan::store
