// Finding and reading manifests.
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include "portolan/store/sqlite_codec.h"
#include "portolan/store/sqlite_metadata_store.h"
#include "portolan/store/sqlite_rows.h"

namespace portolan::store {
namespace {

Result<SqliteStatement> QueryManifest(SqliteDatabase& database,
                                      const oci::RepositoryName& repository, const oci::Tag& tag) {
  return database.Query(
      "SELECT m.digest, m.media_type, m.size FROM repository r"
      " JOIN tag t ON t.repository_id = r.id JOIN manifest m ON m.id = t.manifest_id"
      " WHERE r.name = ?1 AND t.name = ?2 AND m.deleted IS NULL",
      repository.text(), tag.text());
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

}  // namespace portolan::store
