// Finding, reading and deleting manifests.
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include <fmt/format.h>

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

// Why a lookup found nothing.
Error ManifestUnknown(SqliteDatabase& database, const oci::RepositoryName& repository,
                      std::string_view kind, std::string_view reference) {
  const auto id = FindRepository(database, repository);
  if (!id) return id.error();
  if (!*id) return NameUnknown(repository);
  return Fail(ErrorCode::kManifestUnknown,
              fmt::format("repository {} has no {} {}", repository.text(), kind, reference));
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
    PORTOLAN_TRY(tags, rows.All(TextOf));
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
