// Going through everything, and checking it against itself. These read whole tables.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <iterator>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "portolan/store/sqlite_codec.h"
#include "portolan/store/sqlite_metadata_store.h"
#include "portolan/store/sqlite_rows.h"

namespace portolan::store {
namespace {

// What is read at once before it is visited: visiting may take minutes, and a statement that stays
// open keeps the log from being emptied.
constexpr std::int64_t kPageRows = 256;
constexpr std::size_t kPageBytes = 1U << 20U;

struct NumberedBlob {
  std::int64_t id = 0;
  BlobRow row;
};

struct NumberedManifest {
  std::int64_t id = 0;
  oci::RepositoryName repository;
  StoredManifest manifest;
};

Result<std::vector<NumberedBlob>> BlobPage(SqliteDatabase& database, std::int64_t after) {
  PORTOLAN_TRY(auto rows, database.Query("SELECT id, digest, size, object, content FROM blob"
                                         " WHERE id > ?1 AND coalesce(object, content) IS NOT NULL"
                                         " ORDER BY id LIMIT ?2",
                                         after, kPageRows));
  std::vector<NumberedBlob> page;
  for (std::size_t bytes = 0; bytes < kPageBytes;) {
    PORTOLAN_TRY(const bool more, rows.Step());
    if (!more) break;
    PORTOLAN_TRY(oci::Digest digest, DecodeDigest(rows.Blob(1)));
    BlobRow row{.digest = std::move(digest),
                .size = static_cast<std::uint64_t>(rows.Int(2)),
                .object = std::string(rows.Text(3)),
                .content = nullptr};
    if (row.object.empty()) {
      row.content = std::make_shared<const std::string>(rows.Blob(4));
      bytes += row.content->size();
    }
    page.push_back({.id = rows.Int(0), .row = std::move(row)});
  }
  return page;
}

Result<std::vector<NumberedManifest>> ManifestPage(SqliteDatabase& database, std::int64_t after) {
  PORTOLAN_TRY(auto rows, database.Query("SELECT m.id, r.name, m.digest, m.media_type, c.content"
                                         " FROM manifest m"
                                         " CROSS JOIN repository r ON r.id = m.repository_id"
                                         " CROSS JOIN manifest_content c ON c.manifest_id = m.id"
                                         " WHERE m.id > ?1 ORDER BY m.id LIMIT ?2",
                                         after, kPageRows));
  std::vector<NumberedManifest> page;
  for (std::size_t bytes = 0; bytes < kPageBytes;) {
    PORTOLAN_TRY(const bool more, rows.Step());
    if (!more) break;
    PORTOLAN_TRY(oci::RepositoryName repository, RepositoryOf(rows.Text(1)));
    PORTOLAN_TRY(oci::Digest digest, DecodeDigest(rows.Blob(2)));
    auto content = std::make_shared<const std::string>(rows.Blob(4));
    bytes += content->size();
    page.push_back({.id = rows.Int(0),
                    .repository = std::move(repository),
                    .manifest = {.digest = std::move(digest),
                                 .media_type = std::string(rows.Text(3)),
                                 .content = std::move(content)}});
  }
  return page;
}

// The lines that a statement gives in its first column, added to `lines`.
Status AddLines(SqliteStatement rows, std::vector<std::string>& lines) {
  PORTOLAN_TRY(auto found, rows.All(TextOf));
  std::ranges::move(found, std::back_inserter(lines));
  return {};
}

// "repository manifest → digest" for a row of repository, manifest's digest, other digest.
Result<std::string> ReferenceOf(const SqliteStatement& row) {
  PORTOLAN_TRY(const oci::Digest manifest, DecodeDigest(row.Blob(1)));
  PORTOLAN_TRY(const oci::Digest missing, DecodeDigest(row.Blob(2)));
  return fmt::format("{} {} → {}", row.Text(0), manifest.text(), missing.text());
}

}  // namespace

Status SqliteMetadataStore::ForEachBlob(const std::function<Status(const BlobRow& blob)>& visit) {
  for (std::int64_t after = 0;;) {
    std::vector<NumberedBlob> page;
    {
      PORTOLAN_TRY(const auto reader, readers_.Take());
      PORTOLAN_TRY(page, BlobPage(*reader, after));
    }
    if (page.empty()) return {};
    for (const NumberedBlob& blob : page) PORTOLAN_CHECK(visit(blob.row));
    after = page.back().id;
  }
}

Status SqliteMetadataStore::ForEachManifest(
    const std::function<Status(const oci::RepositoryName& repository,
                               const StoredManifest& manifest)>& visit) {
  for (std::int64_t after = 0;;) {
    std::vector<NumberedManifest> page;
    {
      PORTOLAN_TRY(const auto reader, readers_.Take());
      PORTOLAN_TRY(page, ManifestPage(*reader, after));
    }
    if (page.empty()) return {};
    for (const NumberedManifest& one : page) PORTOLAN_CHECK(visit(one.repository, one.manifest));
    after = page.back().id;
  }
}

Result<std::vector<std::string>> SqliteMetadataStore::DanglingReferences(std::size_t limit) {
  PORTOLAN_TRY(const auto reader, readers_.Take());
  std::vector<std::string> lines;
  {
    PORTOLAN_TRY(auto rows,
                 (*reader).Query("SELECT r.name, m.digest, b.digest FROM manifest_blob f"
                                 " JOIN manifest m ON m.id = f.manifest_id"
                                 " JOIN repository r ON r.id = f.repository_id"
                                 " JOIN blob b ON b.id = f.blob_id"
                                 " WHERE f.expected = 1 AND m.deleted IS NULL AND NOT EXISTS"
                                 " (SELECT 1 FROM repository_blob l WHERE"
                                 " l.repository_id = f.repository_id AND l.blob_id = f.blob_id)"
                                 " LIMIT ?1",
                                 SqlLimit(limit)));
    PORTOLAN_TRY(lines, rows.All(ReferenceOf));
  }
  PORTOLAN_TRY(auto rows,
               (*reader).Query("SELECT r.name, m.digest, c.child FROM manifest_child c"
                               " JOIN manifest m ON m.id = c.manifest_id"
                               " JOIN repository r ON r.id = c.repository_id"
                               " WHERE c.expected = 1 AND m.deleted IS NULL AND NOT EXISTS"
                               " (SELECT 1 FROM manifest k WHERE k.repository_id = c.repository_id"
                               " AND k.digest = c.child AND k.deleted IS NULL) LIMIT ?1",
                               SqlLimit(limit - lines.size())));
  PORTOLAN_TRY(auto children, rows.All(ReferenceOf));
  std::ranges::move(children, std::back_inserter(lines));
  return lines;
}

Status SqliteMetadataStore::DropBlob(const oci::Digest& digest) {
  const std::string key = EncodeDigest(digest);
  return Write(0, [&](SqliteDatabase& database) -> Status {
    PORTOLAN_TRY(const auto blob,
                 database.Find("SELECT id FROM blob WHERE digest = ?1", Bytes{key}));
    if (!blob) return {};
    PORTOLAN_CHECK(database.Run("DELETE FROM repository_blob WHERE blob_id = ?1", *blob));
    return ForgetContent(database, *blob);
  });
}

Result<std::vector<std::string>> SqliteMetadataStore::CheckStructure() {
  PORTOLAN_TRY(const auto reader, readers_.Take());
  std::vector<std::string> lines;
  PORTOLAN_TRY(auto pages, (*reader).Query("SELECT integrity_check FROM pragma_integrity_check"
                                           " WHERE integrity_check <> 'ok'"));
  PORTOLAN_CHECK(AddLines(std::move(pages), lines));
  if (!lines.empty()) return lines;
  PORTOLAN_TRY(auto keys, (*reader).Query(
                              "SELECT 'row ' || coalesce(rowid || ' ', '') || 'of ' || \"table\" ||"
                              " ' refers to a missing row of ' || parent"
                              " FROM pragma_foreign_key_check"));
  PORTOLAN_CHECK(AddLines(std::move(keys), lines));
  PORTOLAN_TRY(auto counts,
               (*reader).Query("SELECT 'repository ' || name || ' counts ' || manifests ||"
                               " ' manifests and has ' || has FROM (SELECT name, manifests,"
                               " (SELECT count(*) FROM manifest m WHERE m.repository_id = r.id"
                               " AND m.deleted IS NULL) AS has FROM repository r)"
                               " WHERE manifests <> has"));
  PORTOLAN_CHECK(AddLines(std::move(counts), lines));
  PORTOLAN_TRY(auto tags, (*reader).Query("SELECT 'tag ' || t.name || ' of repository ' || r.name"
                                          " || ' names a deleted manifest' FROM tag t"
                                          " JOIN manifest m ON m.id = t.manifest_id"
                                          " JOIN repository r ON r.id = t.repository_id"
                                          " WHERE m.deleted IS NOT NULL AND NOT EXISTS (SELECT 1"
                                          " FROM doomed_tags d WHERE d.manifest_id = m.id)"));
  PORTOLAN_CHECK(AddLines(std::move(tags), lines));
  PORTOLAN_TRY(auto links,
               (*reader).Query("SELECT 'the link of repository ' || r.name || ' to blob ' ||"
                               " l.blob_id || ' is marked wrongly as needed or not'"
                               " FROM repository_blob l JOIN repository r ON r.id = l.repository_id"
                               " WHERE l.needed <> EXISTS (SELECT 1 FROM manifest_blob f"
                               " WHERE f.blob_id = l.blob_id"
                               " AND f.repository_id = l.repository_id)"));
  PORTOLAN_CHECK(AddLines(std::move(links), lines));
  PORTOLAN_TRY(auto blobs,
               (*reader).Query("SELECT 'blob ' || id || CASE WHEN linked THEN ' has a repository"
                               " and no content' ELSE ' has content and no repository' END"
                               " FROM (SELECT id, coalesce(object, content) IS NOT NULL AS stored,"
                               " EXISTS (SELECT 1 FROM repository_blob l WHERE l.blob_id = b.id)"
                               " AS linked FROM blob b) WHERE stored <> linked"));
  PORTOLAN_CHECK(AddLines(std::move(blobs), lines));
  PORTOLAN_TRY(auto totals,
               (*reader).Query("SELECT 'the totals are wrong' FROM total WHERE"
                               " (repositories, manifests, tags, blobs, blob_bytes, uploads) <> ("
                               " (SELECT count(*) FROM repository WHERE manifests > 0),"
                               " (SELECT coalesce(sum(manifests), 0) FROM repository),"
                               " (SELECT count(*) FROM tag),"
                               " (SELECT count(*) FROM blob"
                               " WHERE coalesce(object, content) IS NOT NULL),"
                               " (SELECT coalesce(sum(size), 0) FROM blob),"
                               " (SELECT count(*) FROM upload))"));
  PORTOLAN_CHECK(AddLines(std::move(totals), lines));
  return lines;
}

Result<StoreCounts> SqliteMetadataStore::Count() {
  PORTOLAN_TRY(const auto reader, readers_.Take());
  PORTOLAN_TRY(auto row, (*reader).Query("SELECT repositories, manifests, tags, blobs, blob_bytes,"
                                         " uploads FROM total WHERE id = 1"));
  PORTOLAN_TRY(const bool found, row.Step());
  if (!found) return Fail(ErrorCode::kInternal, fmt::format("database {}: no totals", path_));
  const auto count = [&](int column) { return static_cast<std::uint64_t>(row.Int(column)); };
  return StoreCounts{.repositories = count(0),
                     .manifests = count(1),
                     .tags = count(2),
                     .blobs = count(3),
                     .blob_bytes = count(4),
                     .uploads = count(5)};
}

}  // namespace portolan::store
