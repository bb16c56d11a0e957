// Deleting a manifest: it is hidden at once with all its tags, which then go a slice at a time, so
// that other operations come in between however many there are.
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

// Tags that one transaction removes: tens of milliseconds.
constexpr std::int64_t kSlice = 500;

// A hidden manifest whose tags go.
struct DoomedTags {
  std::int64_t manifest = 0;
  std::int64_t repository = 0;
  std::string digest;
  Actor actor;  // who deleted it, and when
};

// Removes a slice of the tags. Gives whether there may be more of them.
Result<bool> RemoveSlice(SqliteDatabase& database, const DoomedTags& doomed) {
  std::vector<std::string> tags;
  {
    PORTOLAN_TRY(auto rows, database.Query("SELECT name FROM tag WHERE manifest_id = ?1"
                                           " ORDER BY repository_id, name LIMIT ?2",
                                           doomed.manifest, kSlice));
    PORTOLAN_TRY(tags, rows.All(TextOf));
  }
  for (const std::string& tag : tags) {
    PORTOLAN_CHECK(RemoveTag(database, doomed.repository, tag, doomed.digest, doomed.actor));
  }
  return std::ssize(tags) == kSlice;
}

Result<std::optional<DoomedTags>> FirstDoomed(SqliteDatabase& database) {
  PORTOLAN_TRY(auto row, database.Query("SELECT d.manifest_id, m.repository_id, m.digest,"
                                        " d.principal, d.happened FROM doomed_tags d"
                                        " CROSS JOIN manifest m ON m.id = d.manifest_id"
                                        " ORDER BY d.manifest_id LIMIT 1"));
  PORTOLAN_TRY(const bool found, row.Step());
  if (!found) return std::optional<DoomedTags>();
  return std::optional(
      DoomedTags{.manifest = row.Int(0),
                 .repository = row.Int(1),
                 .digest = std::string(row.Blob(2)),
                 .actor = {.principal = std::string(row.Text(3)), .now = FromMillis(row.Int(4))}});
}

}  // namespace

Status SqliteMetadataStore::DeleteManifest(const oci::RepositoryName& repository,
                                           const oci::Digest& digest, const Actor& actor) {
  bool more = false;
  PORTOLAN_CHECK(Write(0, [&](SqliteDatabase& database) -> Status {
    PORTOLAN_TRY(const std::int64_t id, RequireRepository(database, repository));
    std::string key = EncodeDigest(digest);
    PORTOLAN_TRY(const auto state, FindManifestState(database, id, key));
    if (!state || state->deleted) {
      return ManifestUnknown(database, repository, "manifest", digest.text());
    }
    PORTOLAN_TRY(more, RemoveSlice(database, {.manifest = state->id,
                                              .repository = id,
                                              .digest = std::move(key),
                                              .actor = actor}));
    if (more) {
      PORTOLAN_CHECK(database.Run(
          "INSERT INTO doomed_tags (manifest_id, principal, happened) VALUES (?1, ?2, ?3)",
          state->id, actor.principal, ToMillis(actor.now)));
    }
    return HideManifest(database, id, state->id, ToMillis(actor.now));
  }));
  // It is deleted: what goes wrong from here on is finished by the collector.
  while (more) more = RemoveHiddenTags().value_or(false);
  return {};
}

Result<bool> SqliteMetadataStore::RemoveHiddenTags() {
  {
    PORTOLAN_TRY(const auto reader, readers_.Take());
    PORTOLAN_TRY(const auto doomed, (*reader).Find("SELECT 1 FROM doomed_tags LIMIT 1"));
    if (!doomed) return false;
  }
  PORTOLAN_CHECK(Write(0, [](SqliteDatabase& database) -> Status {
    PORTOLAN_TRY(const auto doomed, FirstDoomed(database));
    if (!doomed) return {};
    PORTOLAN_TRY(const bool more, RemoveSlice(database, *doomed));
    if (more) return {};
    PORTOLAN_CHECK(
        database.Run("DELETE FROM doomed_tags WHERE manifest_id = ?1", doomed->manifest));
    return {};
  }));
  return true;
}

}  // namespace portolan::store
