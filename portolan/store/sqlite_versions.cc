// Manifests as versions of their repositories.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "portolan/store/sqlite_codec.h"
#include "portolan/store/sqlite_metadata_store.h"
#include "portolan/store/sqlite_rows.h"

namespace portolan::store {
namespace {

Result<VersionRow> VersionOf(const SqliteStatement& row) {
  PORTOLAN_TRY(oci::Digest digest, DecodeDigest(row.Blob(1)));
  VersionRow version{.id = row.Int(0),
                     .manifest = {.digest = std::move(digest),
                                  .media_type = std::string(row.Text(2)),
                                  .size = static_cast<std::uint64_t>(row.Int(3))},
                     .created = row.Int(4),
                     .pushed = row.Int(5),
                     .deleted = {},
                     .tags = {}};
  if (!row.IsNull(6)) version.deleted = row.Int(6);
  return version;
}

#define PORTOLAN_VERSIONS(state)                                  \
  "SELECT id, digest, media_type, size, created, pushed, deleted" \
  " FROM manifest WHERE repository_id = ?1 AND " state " ORDER BY id DESC LIMIT ?2 OFFSET ?3"

Result<std::vector<VersionRow>> Page(SqliteDatabase& database, std::int64_t repository,
                                     const VersionQuery& query) {
  const std::int64_t limit = SqlLimit(query.limit);
  const std::int64_t offset = SqlLimit(query.offset);
  if (query.deleted) {
    PORTOLAN_TRY(auto rows, database.Query(PORTOLAN_VERSIONS("deleted IS NOT NULL"), repository,
                                           limit, offset));
    return rows.All(VersionOf);
  }
  PORTOLAN_TRY(auto rows,
               database.Query(PORTOLAN_VERSIONS("deleted IS NULL"), repository, limit, offset));
  return rows.All(VersionOf);
}

// A hidden manifest has no tags, be they still to be removed.
Status AddTags(SqliteDatabase& database, std::int64_t repository, std::size_t limit,
               VersionRow& version) {
  if (version.deleted) return {};
  PORTOLAN_TRY(auto rows, database.Query("SELECT name FROM tag WHERE manifest_id = ?1"
                                         " AND repository_id = ?2 ORDER BY name LIMIT ?3",
                                         version.id, repository, SqlLimit(limit)));
  PORTOLAN_TRY(version.tags, rows.All(TextOf));
  return {};
}

}  // namespace

Result<std::vector<VersionRow>> SqliteMetadataStore::ListVersions(
    const oci::RepositoryName& repository, const VersionQuery& query) {
  PORTOLAN_TRY(const auto reader, readers_.Take());
  PORTOLAN_TRY(const std::int64_t id, RequireRepository(*reader, repository));
  PORTOLAN_TRY(std::vector<VersionRow> versions, Page(*reader, id, query));
  std::size_t left = query.tags;
  for (VersionRow& version : versions) {
    if (left == 0) break;
    PORTOLAN_CHECK(AddTags(*reader, id, left, version));
    left -= version.tags.size();
  }
  return versions;
}

Result<VersionRow> SqliteMetadataStore::FindVersion(const oci::RepositoryName& repository,
                                                    std::int64_t id, std::size_t tags) {
  PORTOLAN_TRY(const auto reader, readers_.Take());
  PORTOLAN_TRY(const std::int64_t owner, RequireRepository(*reader, repository));
  std::vector<VersionRow> found;
  {
    PORTOLAN_TRY(auto rows,
                 (*reader).Query("SELECT id, digest, media_type, size, created, pushed, deleted"
                                 " FROM manifest WHERE id = ?1 AND repository_id = ?2",
                                 id, owner));
    PORTOLAN_TRY(found, rows.All(VersionOf));
  }
  if (found.empty()) {
    return ManifestUnknown(*reader, repository, "version", std::to_string(id));
  }
  PORTOLAN_CHECK(AddTags(*reader, owner, tags, found.front()));
  return std::move(found.front());
}

Result<bool> SqliteMetadataStore::HasTagBeside(const oci::RepositoryName& repository,
                                               std::int64_t id) {
  PORTOLAN_TRY(const auto reader, readers_.Take());
  PORTOLAN_TRY(const std::int64_t owner, RequireRepository(*reader, repository));
  PORTOLAN_TRY(const auto other,
               (*reader).Find("SELECT 1 FROM tag WHERE repository_id = ?1 AND manifest_id <> ?2"
                              " AND NOT EXISTS (SELECT 1 FROM doomed_tags d"
                              " WHERE d.manifest_id = tag.manifest_id) LIMIT 1",
                              owner, id));
  return other.has_value();
}

}  // namespace portolan::store
