// Upload sessions.
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "portolan/store/sqlite_metadata_store.h"
#include "portolan/store/sqlite_rows.h"

namespace portolan::store {
namespace {

Error UploadUnknown(const std::string& id) {
  return Fail(ErrorCode::kBlobUploadUnknown, fmt::format("there is no upload {}", id));
}

#define PORTOLAN_SELECT_UPLOADS                                                               \
  "SELECT id, repository, principal, received, hash_state, content, staged, created, changed" \
  " FROM upload"

Result<UploadRow> UploadOf(const SqliteStatement& row) {
  PORTOLAN_TRY(oci::RepositoryName repository, RepositoryOf(row.Text(1)));
  return UploadRow{.id = std::string(row.Text(0)),
                   .repository = std::move(repository),
                   .principal = std::string(row.Text(2)),
                   .offset = static_cast<std::uint64_t>(row.Int(3)),
                   .hash_state = std::string(row.Blob(4)),
                   .content = std::string(row.Blob(5)),
                   .staged = row.Int(6) != 0,
                   .created = row.Int(7),
                   .changed = row.Int(8)};
}

}  // namespace

Status SqliteMetadataStore::AddUpload(const UploadRow& upload) {
  return Write(upload.content.size(), [&](SqliteDatabase& database) -> Status {
    PORTOLAN_CHECK(database.Run(
        "INSERT INTO upload (id, repository, principal, received, hash_state, content, staged,"
        " created, changed) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
        upload.id, upload.repository.text(), upload.principal, upload.offset,
        Bytes{upload.hash_state}, Bytes{upload.content}, upload.staged, upload.created,
        upload.changed));
    return {};
  });
}

Result<UploadRow> SqliteMetadataStore::FindUpload(const std::string& id) {
  PORTOLAN_TRY(const auto reader, readers_.Take());
  PORTOLAN_TRY(auto row, (*reader).Query(PORTOLAN_SELECT_UPLOADS " WHERE id = ?1", id));
  PORTOLAN_TRY(const bool found, row.Step());
  if (!found) return UploadUnknown(id);
  return UploadOf(row);
}

Status SqliteMetadataStore::AdvanceUpload(const UploadRow& upload, std::uint64_t expected_offset) {
  return Write(upload.content.size(), [&](SqliteDatabase& database) -> Status {
    PORTOLAN_TRY(
        const std::int64_t changed,
        database.Run("UPDATE upload SET received = ?3, hash_state = ?4, content = ?5, staged = ?6,"
                     " changed = ?7 WHERE id = ?1 AND received = ?2",
                     upload.id, expected_offset, upload.offset, Bytes{upload.hash_state},
                     Bytes{upload.content}, upload.staged, upload.changed));
    if (changed != 0) return {};
    PORTOLAN_TRY(const auto received,
                 database.Find("SELECT received FROM upload WHERE id = ?1", upload.id));
    if (!received) return UploadUnknown(upload.id);
    return Fail(ErrorCode::kBlobUploadInvalid,
                fmt::format("upload {} stands at byte {}, not at {}: another request wrote to it",
                            upload.id, *received, expected_offset),
                "ask for its state and go on from there");
  });
}

Status SqliteMetadataStore::RemoveUpload(const std::string& id) {
  return Write(0, [&](SqliteDatabase& database) -> Status {
    PORTOLAN_CHECK(database.Run("DELETE FROM upload WHERE id = ?1", id));
    return {};
  });
}

Result<std::vector<UploadRow>> SqliteMetadataStore::StaleUploads(Millis before, std::size_t limit) {
  PORTOLAN_TRY(const auto reader, readers_.Take());
  PORTOLAN_TRY(auto rows, (*reader).Query(PORTOLAN_SELECT_UPLOADS
                                          " WHERE changed < ?1 ORDER BY changed LIMIT ?2",
                                          before, SqlLimit(limit)));
  return rows.All(UploadOf);
}

#undef PORTOLAN_SELECT_UPLOADS

}  // namespace portolan::store
