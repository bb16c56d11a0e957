// Tags and repositories with all that is known of them. A page is found by its order alone; then
// each of its rows is looked up.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "portolan/store/sqlite_codec.h"
#include "portolan/store/sqlite_metadata_store.h"
#include "portolan/store/sqlite_rows.h"

namespace portolan::store {
namespace {

#define PORTOLAN_TAGS_OF_PAGE(columns)           \
  "SELECT " columns                              \
  " FROM tag WHERE repository_id = ?1"           \
  " AND (?2 = '' OR instr(lower(name), ?2) > 0)" \
  " AND NOT EXISTS (SELECT 1 FROM doomed_tags d WHERE d.manifest_id = tag.manifest_id)"

Result<SqliteStatement> QueryNames(SqliteDatabase& database, std::int64_t repository,
                                   const TagQuery& query) {
  const std::int64_t limit = SqlLimit(query.limit);
  const std::int64_t offset = SqlLimit(query.offset);
  switch (query.order) {
    case TagQuery::Order::kName:
      return database.Query(PORTOLAN_TAGS_OF_PAGE("name") " ORDER BY name LIMIT ?3 OFFSET ?4",
                            repository, query.contains, limit, offset);
    case TagQuery::Order::kNameDown:
      return database.Query(PORTOLAN_TAGS_OF_PAGE("name") " ORDER BY name DESC LIMIT ?3 OFFSET ?4",
                            repository, query.contains, limit, offset);
    case TagQuery::Order::kNewest:
      return database.Query(PORTOLAN_TAGS_OF_PAGE("name") " ORDER BY place DESC LIMIT ?3 OFFSET ?4",
                            repository, query.contains, limit, offset);
    case TagQuery::Order::kOldest:
      break;
  }
  return database.Query(PORTOLAN_TAGS_OF_PAGE("name") " ORDER BY place LIMIT ?3 OFFSET ?4",
                        repository, query.contains, limit, offset);
}

Result<std::optional<TagRow>> FindTag(SqliteDatabase& database, std::int64_t repository,
                                      std::string_view tag) {
  PORTOLAN_TRY(auto row,
               database.Query("SELECT t.place, m.digest, m.media_type, m.size,"
                              " coalesce(e.happened, m.pushed), m.pushed, coalesce(e.principal, '')"
                              " FROM tag t JOIN manifest m ON m.id = t.manifest_id"
                              " LEFT JOIN tag_event e ON e.id = t.place"
                              " WHERE t.repository_id = ?1 AND t.name = ?2 AND m.deleted IS NULL",
                              repository, tag));
  PORTOLAN_TRY(const bool found, row.Step());
  if (!found) return std::optional<TagRow>();
  PORTOLAN_TRY(oci::Digest digest, DecodeDigest(row.Blob(1)));
  return std::optional(TagRow{.name = std::string(tag),
                              .place = row.Int(0),
                              .manifest = {.digest = std::move(digest),
                                           .media_type = std::string(row.Text(2)),
                                           .size = static_cast<std::uint64_t>(row.Int(3))},
                              .set = row.Int(4),
                              .pushed = row.Int(5),
                              .principal = std::string(row.Text(6))});
}

// A life's beginning, and where it stands in history.
struct Beginning {
  TagLife life;
  std::string digest;  // encoded
  std::int64_t place = 0;
};

Result<Beginning> BeginningOf(const SqliteStatement& row) {
  PORTOLAN_TRY(oci::Digest digest, DecodeDigest(row.Blob(1)));
  return Beginning{.life = {.tag = std::string(row.Text(0)),
                            .digest = std::move(digest),
                            .media_type = {},
                            .start = row.Int(2),
                            .end = {}},
                   .digest = std::string(row.Blob(1)),
                   .place = row.Int(3)};
}

// Beginnings that history tells of, and tags whose beginning it has forgotten.
#define PORTOLAN_BEGINNINGS(events, tags)                                                  \
  "SELECT e.tag, e.new_digest, e.happened, e.id AS place FROM tag_event e"                 \
  " WHERE e.repository_id = ?1 AND e.new_digest IS NOT NULL AND " events                   \
  " UNION ALL SELECT t.name, m.digest, m.pushed, t.place FROM tag t"                       \
  " JOIN manifest m ON m.id = t.manifest_id WHERE t.repository_id = ?1 AND " tags          \
  " AND m.deleted IS NULL AND NOT EXISTS (SELECT 1 FROM tag_event x WHERE x.id = t.place)" \
  " ORDER BY place DESC LIMIT ?3 OFFSET ?4"

Result<std::vector<Beginning>> Beginnings(SqliteDatabase& database, std::int64_t repository,
                                          const TagLifeQuery& query) {
  const std::int64_t limit = SqlLimit(query.limit);
  const std::int64_t offset = SqlLimit(query.offset);
  if (!query.tag.empty()) {
    PORTOLAN_TRY(auto rows, database.Query(PORTOLAN_BEGINNINGS("e.tag = ?2", "t.name = ?2"),
                                           repository, query.tag, limit, offset));
    return rows.All(BeginningOf);
  }
  PORTOLAN_TRY(auto rows,
               database.Query(PORTOLAN_BEGINNINGS("(?2 = '' OR instr(lower(e.tag), ?2) > 0)",
                                                  "(?2 = '' OR instr(lower(t.name), ?2) > 0)"),
                              repository, query.contains, limit, offset));
  return rows.All(BeginningOf);
}

Result<TagLife> Complete(SqliteDatabase& database, std::int64_t repository, Beginning beginning) {
  TagLife life = std::move(beginning.life);
  PORTOLAN_TRY(life.end, database.Find("SELECT happened FROM tag_event WHERE repository_id = ?1"
                                       " AND tag = ?2 AND id > ?3 ORDER BY id LIMIT 1",
                                       repository, life.tag, beginning.place));
  PORTOLAN_TRY(auto row, database.Query("SELECT media_type FROM manifest"
                                        " WHERE repository_id = ?1 AND digest = ?2",
                                        repository, Bytes{beginning.digest}));
  PORTOLAN_TRY(const bool found, row.Step());
  if (found) life.media_type = row.Text(0);
  return life;
}

}  // namespace

Result<TagRow> SqliteMetadataStore::DescribeTag(const oci::RepositoryName& repository,
                                                std::string_view tag) {
  PORTOLAN_TRY(const auto reader, readers_.Take());
  PORTOLAN_TRY(const std::int64_t id, RequireRepository(*reader, repository));
  PORTOLAN_TRY(std::optional<TagRow> row, FindTag(*reader, id, tag));
  if (!row) return ManifestUnknown(*reader, repository, "tag", tag);
  return *std::move(row);
}

Result<std::vector<TagRow>> SqliteMetadataStore::DescribeTags(const oci::RepositoryName& repository,
                                                              const TagQuery& query) {
  PORTOLAN_TRY(const auto reader, readers_.Take());
  PORTOLAN_TRY(const std::int64_t id, RequireRepository(*reader, repository));
  std::vector<std::string> names;
  {
    PORTOLAN_TRY(auto rows, QueryNames(*reader, id, query));
    PORTOLAN_TRY(names, rows.All(TextOf));
  }
  std::vector<TagRow> tags;
  tags.reserve(names.size());
  for (const std::string& name : names) {
    PORTOLAN_TRY(std::optional<TagRow> row, FindTag(*reader, id, name));
    if (row) tags.push_back(*std::move(row));  // else it went this very moment
  }
  return tags;
}

Result<std::uint64_t> SqliteMetadataStore::CountTags(const oci::RepositoryName& repository,
                                                     std::string_view contains) {
  PORTOLAN_TRY(const auto reader, readers_.Take());
  PORTOLAN_TRY(const std::int64_t id, RequireRepository(*reader, repository));
  PORTOLAN_TRY(const auto count, (*reader).Find(PORTOLAN_TAGS_OF_PAGE("count(*)"), id, contains));
  return static_cast<std::uint64_t>(count.value_or(0));
}

Result<std::vector<TagLife>> SqliteMetadataStore::TagLives(const oci::RepositoryName& repository,
                                                           const TagLifeQuery& query) {
  PORTOLAN_TRY(const auto reader, readers_.Take());
  PORTOLAN_TRY(const std::int64_t id, RequireRepository(*reader, repository));
  PORTOLAN_TRY(std::vector<Beginning> beginnings, Beginnings(*reader, id, query));
  std::vector<TagLife> lives;
  lives.reserve(beginnings.size());
  for (Beginning& beginning : beginnings) {
    PORTOLAN_TRY(TagLife life, Complete(*reader, id, std::move(beginning)));
    lives.push_back(std::move(life));
  }
  return lives;
}

Result<RepositoryRow> SqliteMetadataStore::DescribeRepository(
    const oci::RepositoryName& repository) {
  PORTOLAN_TRY(const auto reader, readers_.Take());
  PORTOLAN_TRY(
      auto row,
      (*reader).Query(
          "SELECT r.id, r.manifests,"
          " (SELECT happened FROM tag_event WHERE repository_id = r.id ORDER BY id LIMIT 1),"
          " (SELECT m.created FROM tag t JOIN manifest m ON m.id = t.manifest_id"
          "   WHERE t.repository_id = r.id ORDER BY t.place LIMIT 1),"
          " (SELECT happened FROM tag_event WHERE repository_id = r.id ORDER BY id DESC LIMIT 1),"
          " (SELECT m.pushed FROM tag t JOIN manifest m ON m.id = t.manifest_id"
          "   WHERE t.repository_id = r.id ORDER BY t.place DESC LIMIT 1),"
          " (SELECT created FROM manifest WHERE repository_id = r.id LIMIT 1)"
          " FROM repository r WHERE r.name = ?1 AND r.manifests > 0",
          repository.text()));
  PORTOLAN_TRY(const bool found, row.Step());
  if (!found) return NameUnknown(repository);
  const auto either = [&](int first, int second) {
    if (row.IsNull(first) && row.IsNull(second)) return row.Int(6);
    return row.IsNull(first) ? row.Int(second) : row.Int(first);
  };
  RepositoryRow out{.id = row.Int(0), .manifests = static_cast<std::uint64_t>(row.Int(1))};
  out.first = either(2, 3);
  if (!row.IsNull(3)) out.first = std::min(out.first, row.Int(3));
  out.last = std::max(either(4, 5), out.first);
  return out;
}

Result<std::uint64_t> SqliteMetadataStore::CountBytes(const oci::RepositoryName& repository) {
  PORTOLAN_TRY(const auto reader, readers_.Take());
  PORTOLAN_TRY(const auto bytes,
               (*reader).Find("SELECT sum(b.size) FROM repository r"
                              " JOIN repository_blob l ON l.repository_id = r.id"
                              " JOIN blob b ON b.id = l.blob_id WHERE r.name = ?1",
                              repository.text()));
  return static_cast<std::uint64_t>(bytes.value_or(0));
}

}  // namespace portolan::store
