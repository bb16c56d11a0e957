// What refers to a manifest as its subject.
#include <cstdint>
#include <string>
#include <string_view>

#include "portolan/store/sqlite_codec.h"
#include "portolan/store/sqlite_metadata_store.h"
#include "portolan/store/sqlite_rows.h"

namespace portolan::store {
namespace {

#define PORTOLAN_SELECT_REFERRERS                                                               \
  "SELECT m.id, m.media_type, m.digest, m.size, m.artifact_type, m.annotations FROM manifest m" \
  " WHERE m.repository_id = (SELECT id FROM repository WHERE name = ?1) AND m.subject = ?2"     \
  " AND m.deleted IS NULL AND m.id > ?3"

Result<SqliteStatement> QueryReferrers(SqliteDatabase& database,
                                       const oci::RepositoryName& repository,
                                       const std::string& subject, std::string_view artifact_type,
                                       std::int64_t after, std::int64_t limit) {
  if (artifact_type.empty()) {
    return database.Query(PORTOLAN_SELECT_REFERRERS " ORDER BY m.id LIMIT ?4", repository.text(),
                          Bytes{subject}, after, limit);
  }
  return database.Query(PORTOLAN_SELECT_REFERRERS
                        " AND m.artifact_type = ?5 ORDER BY m.id LIMIT ?4",
                        repository.text(), Bytes{subject}, after, limit, artifact_type);
}

#undef PORTOLAN_SELECT_REFERRERS

Result<oci::Descriptor> DescriptorOf(const SqliteStatement& row) {
  PORTOLAN_TRY(oci::Digest digest, DecodeDigest(row.Blob(2)));
  PORTOLAN_TRY(oci::Annotations annotations, DecodeAnnotations(row.Blob(5)));
  return oci::Descriptor{.media_type = std::string(row.Text(1)),
                         .digest = std::move(digest),
                         .size = static_cast<std::uint64_t>(row.Int(3)),
                         .artifact_type = std::string(row.Text(4)),
                         .annotations = std::move(annotations),
                         .platform = std::nullopt,
                         .has_urls = false};
}

}  // namespace

Status SqliteMetadataStore::ListReferrers(
    const oci::RepositoryName& repository, const oci::Digest& subject,
    std::string_view artifact_type, std::int64_t after, std::size_t limit,
    const std::function<bool(std::int64_t id, const oci::Descriptor& descriptor)>& visit) {
  PORTOLAN_TRY(const auto reader, readers_.Take());
  const std::string key = EncodeDigest(subject);
  PORTOLAN_TRY(auto rows,
               QueryReferrers(*reader, repository, key, artifact_type, after, SqlLimit(limit)));
  for (;;) {
    PORTOLAN_TRY(const bool more, rows.Step());
    if (!more) return {};
    PORTOLAN_TRY(const oci::Descriptor descriptor, DescriptorOf(rows));
    if (!visit(rows.Int(0), descriptor)) return {};
  }
}

}  // namespace portolan::store
