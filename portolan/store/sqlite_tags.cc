// Tags and repositories: lists, and a tag's deletion.
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include <fmt/format.h>

#include "portolan/store/sqlite_metadata_store.h"
#include "portolan/store/sqlite_rows.h"

namespace portolan::store {
namespace {

// Gives the first column of every row to `visit`. Whether there was a row.
Result<bool> VisitTexts(SqliteStatement& rows,
                        const std::function<void(std::string_view text)>& visit) {
  bool any = false;
  for (;;) {
    PORTOLAN_TRY(const bool more, rows.Step());
    if (!more) return any;
    any = true;
    visit(rows.Text(0));
  }
}

Error TagUnknown(const oci::RepositoryName& repository, const oci::Tag& tag) {
  return Fail(ErrorCode::kManifestUnknown,
              fmt::format("repository {} has no tag {}", repository.text(), tag.text()));
}

}  // namespace

Status SqliteMetadataStore::DeleteTag(const oci::RepositoryName& repository, const oci::Tag& tag,
                                      const Actor& actor) {
  return Write(0, [&](SqliteDatabase& database) -> Status {
    PORTOLAN_TRY(const std::int64_t id, RequireRepository(database, repository));
    PORTOLAN_CHECK(SettleTag(database, id, tag));
    std::string digest;
    {
      PORTOLAN_TRY(auto row, database.Query("SELECT m.digest FROM tag t JOIN manifest m"
                                            " ON m.id = t.manifest_id"
                                            " WHERE t.repository_id = ?1 AND t.name = ?2",
                                            id, tag.text()));
      PORTOLAN_TRY(const bool found, row.Step());
      if (!found) return TagUnknown(repository, tag);
      digest = row.Blob(0);
    }
    return RemoveTag(database, id, tag.text(), digest, actor);
  });
}

Status SqliteMetadataStore::ListTags(const oci::RepositoryName& repository, std::string_view last,
                                     std::size_t limit,
                                     const std::function<void(std::string_view tag)>& visit) {
  PORTOLAN_TRY(const auto reader, readers_.Take());
  bool any = false;
  {
    PORTOLAN_TRY(auto rows, (*reader).Query("SELECT t.name FROM tag t WHERE t.repository_id ="
                                            " (SELECT id FROM repository WHERE name = ?1)"
                                            " AND t.name > ?2 AND NOT EXISTS (SELECT 1"
                                            " FROM doomed_tags d"
                                            " WHERE d.manifest_id = t.manifest_id)"
                                            " ORDER BY t.name LIMIT ?3",
                                            repository.text(), last, SqlLimit(limit)));
    PORTOLAN_TRY(any, VisitTexts(rows, visit));
  }
  if (!any) PORTOLAN_CHECK(RequireRepository(*reader, repository));
  return {};
}

Status SqliteMetadataStore::ListTagsByPlace(
    const oci::RepositoryName& repository, std::int64_t from, std::size_t limit,
    const std::function<void(std::string_view tag, std::int64_t place)>& visit) {
  PORTOLAN_TRY(const auto reader, readers_.Take());
  bool any = false;
  {
    PORTOLAN_TRY(auto rows, (*reader).Query("SELECT t.name, t.place FROM tag t"
                                            " WHERE t.repository_id ="
                                            " (SELECT id FROM repository WHERE name = ?1)"
                                            " AND t.place >= ?2 AND NOT EXISTS (SELECT 1"
                                            " FROM doomed_tags d"
                                            " WHERE d.manifest_id = t.manifest_id)"
                                            " ORDER BY t.place LIMIT ?3",
                                            repository.text(), from, SqlLimit(limit)));
    for (;;) {
      PORTOLAN_TRY(const bool more, rows.Step());
      if (!more) break;
      any = true;
      visit(rows.Text(0), rows.Int(1));
    }
  }
  if (!any) PORTOLAN_CHECK(RequireRepository(*reader, repository));
  return {};
}

Result<std::optional<std::int64_t>> SqliteMetadataStore::FindTagPlace(
    const oci::RepositoryName& repository, std::string_view tag) {
  PORTOLAN_TRY(const auto reader, readers_.Take());
  return (*reader).Find(
      "SELECT t.place FROM tag t WHERE t.repository_id ="
      " (SELECT id FROM repository WHERE name = ?1) AND t.name = ?2 AND NOT EXISTS (SELECT 1"
      " FROM doomed_tags d WHERE d.manifest_id = t.manifest_id)",
      repository.text(), tag);
}

Status SqliteMetadataStore::ListRepositories(
    std::string_view last, std::size_t limit,
    const std::function<void(std::string_view name)>& visit) {
  PORTOLAN_TRY(const auto reader, readers_.Take());
  PORTOLAN_TRY(auto rows, (*reader).Query("SELECT name FROM repository WHERE manifests > 0"
                                          " AND name > ?1 ORDER BY name LIMIT ?2",
                                          last, SqlLimit(limit)));
  PORTOLAN_CHECK(VisitTexts(rows, visit));
  return {};
}

}  // namespace portolan::store
