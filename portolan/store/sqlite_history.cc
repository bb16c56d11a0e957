// What happened to tags, and taking it back.
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <unordered_set>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "portolan/store/sqlite_codec.h"
#include "portolan/store/sqlite_metadata_store.h"
#include "portolan/store/sqlite_rows.h"

namespace portolan::store {
namespace {

Result<std::optional<oci::Digest>> OptionalDigest(const SqliteStatement& row, int column) {
  if (row.IsNull(column)) return std::optional<oci::Digest>();
  PORTOLAN_TRY(oci::Digest digest, DecodeDigest(row.Blob(column)));
  return std::optional(std::move(digest));
}

// The row of a statement that gives id, tag, old and new digest, principal, time, restorable.
Result<TagEvent> EventOf(const SqliteStatement& row) {
  auto tag = oci::Tag::Parse(row.Text(1));
  if (!tag) return Fail(ErrorCode::kInternal, "database: " + tag.error().message);
  PORTOLAN_TRY(auto old_digest, OptionalDigest(row, 2));
  PORTOLAN_TRY(auto new_digest, OptionalDigest(row, 3));
  return TagEvent{.id = row.Int(0),
                  .tag = *std::move(tag),
                  .before = std::move(old_digest),
                  .after = std::move(new_digest),
                  .principal = std::string(row.Text(4)),
                  .at = row.Int(5),
                  .restorable = row.Int(6) != 0};
}

#define PORTOLAN_SELECT_EVENTS                                                \
  "SELECT e.id, e.tag, e.old_digest, e.new_digest, e.principal, e.happened,"  \
  " EXISTS (SELECT 1 FROM manifest m WHERE m.repository_id = e.repository_id" \
  " AND m.digest = e.old_digest) FROM tag_event e WHERE e.repository_id = ?1"

Result<SqliteStatement> QueryEvents(SqliteDatabase& database, std::int64_t repository,
                                    const std::optional<oci::Tag>& tag, std::int64_t before,
                                    std::int64_t limit) {
  if (tag) {
    return database.Query(PORTOLAN_SELECT_EVENTS
                          " AND e.tag = ?4 AND e.id < ?2 ORDER BY e.id DESC LIMIT ?3",
                          repository, before, limit, tag->text());
  }
  return database.Query(PORTOLAN_SELECT_EVENTS " AND e.id < ?2 ORDER BY e.id DESC LIMIT ?3",
                        repository, before, limit);
}

#undef PORTOLAN_SELECT_EVENTS

// The digest that the tag had before its last event; empty where it had none.
Result<std::string> DigestBeforeLastEvent(SqliteDatabase& database, std::int64_t repository,
                                          const oci::Tag& tag) {
  PORTOLAN_TRY(auto row, database.Query("SELECT old_digest FROM tag_event WHERE repository_id = ?1"
                                        " AND tag = ?2 ORDER BY id DESC LIMIT 1",
                                        repository, tag.text()));
  PORTOLAN_TRY(const bool found, row.Step());
  return found ? std::string(row.Blob(0)) : std::string();
}

// Whether the tag names the digest, or did so within the history that is kept. Whatever a tag does
// not name any more is the old digest of a later event.
Result<bool> IsInHistory(SqliteDatabase& database, std::int64_t repository, const oci::Tag& tag,
                         const std::string& digest) {
  PORTOLAN_TRY(const auto old, database.Find("SELECT 1 FROM tag_event WHERE repository_id = ?1"
                                             " AND old_digest = ?2 AND tag = ?3 LIMIT 1",
                                             repository, Bytes{digest}, tag.text()));
  if (old) return true;
  PORTOLAN_TRY(const auto current,
               database.Find("SELECT 1 FROM tag t JOIN manifest m ON m.id = t.manifest_id"
                             " WHERE t.repository_id = ?1 AND t.name = ?3 AND m.digest = ?2",
                             repository, Bytes{digest}, tag.text()));
  return current.has_value();
}

// Manifests that one restoring looks at, and so the length of its transaction: tens of
// milliseconds.
constexpr std::size_t kMostListed = 10'000;

// Manifests of the repository that an index lists, hidden ones included.
Result<std::vector<ManifestState>> Listed(SqliteDatabase& database, std::int64_t repository,
                                          std::int64_t manifest) {
  PORTOLAN_TRY(auto rows,
               database.Query("SELECT m.id, m.deleted IS NOT NULL FROM manifest_child c"
                              " JOIN manifest m"
                              " ON m.repository_id = c.repository_id AND m.digest = c.child"
                              " WHERE c.manifest_id = ?2 AND m.repository_id = ?1",
                              repository, manifest));
  return rows.All([](const SqliteStatement& row) -> Result<ManifestState> {
    return ManifestState{.id = row.Int(0), .deleted = row.Int(1) != 0};
  });
}

// Takes back the deletion of a manifest and of everything that it lists, however deep, so that what
// is restored can be pulled: also where the manifest itself was not deleted, or an index between.
Status RevealAll(SqliteDatabase& database, std::int64_t repository, const ManifestState& root) {
  std::unordered_set<std::int64_t> seen{root.id};
  std::vector<ManifestState> waiting{root};
  while (!waiting.empty()) {
    const ManifestState manifest = waiting.back();
    waiting.pop_back();
    if (manifest.deleted) PORTOLAN_CHECK(RevealManifest(database, repository, manifest.id));
    PORTOLAN_TRY(const auto listed, Listed(database, repository, manifest.id));
    for (const ManifestState& child : listed) {
      if (seen.insert(child.id).second) waiting.push_back(child);
    }
    if (seen.size() > kMostListed) {
      return Fail(ErrorCode::kUnsupported,
                  fmt::format("the manifest lists more than {} others", kMostListed),
                  "push it again with what it lists");
    }
  }
  return {};
}

// Tags that went with a manifest when it was deleted, and are free.
Result<std::vector<std::string>> TagsThatWent(SqliteDatabase& database, std::int64_t repository,
                                              const std::string& digest, Millis when) {
  PORTOLAN_TRY(auto rows,
               database.Query("SELECT e.tag FROM tag_event e WHERE e.repository_id = ?1"
                              " AND e.old_digest = ?2 AND e.happened = ?3 AND e.new_digest IS NULL"
                              " AND NOT EXISTS (SELECT 1 FROM tag t"
                              " WHERE t.repository_id = ?1 AND t.name = e.tag) LIMIT ?4",
                              repository, Bytes{digest}, when, SqlLimit(kMostListed)));
  return rows.All(TextOf);
}

// What is to be restored, as a row of the repository.
struct Restored {
  std::string digest;
  ManifestState state;
};

Result<Restored> FindRestorable(SqliteDatabase& database, std::int64_t repository,
                                const oci::RepositoryName& name, const oci::Tag& tag,
                                const std::optional<oci::Digest>& wanted) {
  std::string digest;
  if (wanted) {
    digest = EncodeDigest(*wanted);
    PORTOLAN_TRY(const bool known, IsInHistory(database, repository, tag, digest));
    if (!known) {
      return Fail(ErrorCode::kManifestUnknown,
                  fmt::format("the history of tag {} of repository {} does not name {}", tag.text(),
                              name.text(), wanted->text()));
    }
  } else {
    PORTOLAN_TRY(digest, DigestBeforeLastEvent(database, repository, tag));
    if (digest.empty()) {
      return Fail(ErrorCode::kManifestUnknown,
                  fmt::format("the history of tag {} of repository {} names no earlier manifest",
                              tag.text(), name.text()));
    }
  }
  PORTOLAN_TRY(const auto state, FindManifestState(database, repository, digest));
  if (state) return Restored{.digest = std::move(digest), .state = *state};
  PORTOLAN_TRY(const oci::Digest gone, DecodeDigest(digest));
  return Fail(ErrorCode::kManifestUnknown,
              fmt::format("manifest {}, which tag {} of repository {} named, has been collected",
                          gone.text(), tag.text(), name.text()),
              "push it again");
}

}  // namespace

Result<std::vector<TagEvent>> SqliteMetadataStore::TagHistory(const oci::RepositoryName& repository,
                                                              const std::optional<oci::Tag>& tag,
                                                              std::int64_t before,
                                                              std::size_t limit) {
  PORTOLAN_TRY(const auto reader, readers_.Take());
  PORTOLAN_TRY(const std::int64_t id, RequireRepository(*reader, repository));
  if (before == 0) before = std::numeric_limits<std::int64_t>::max();
  PORTOLAN_TRY(auto rows, QueryEvents(*reader, id, tag, before, SqlLimit(limit)));
  return rows.All(EventOf);
}

Result<oci::Digest> SqliteMetadataStore::RestoreTag(const oci::RepositoryName& repository,
                                                    const oci::Tag& tag,
                                                    const std::optional<oci::Digest>& digest,
                                                    bool may_create, bool may_overwrite,
                                                    const Actor& actor) {
  std::string restored;
  PORTOLAN_CHECK(WriteRevealing(0, [&](SqliteDatabase& database) -> Status {
    PORTOLAN_TRY(const std::int64_t id, RequireRepository(database, repository));
    PORTOLAN_CHECK(SettleTag(database, id, tag));
    PORTOLAN_TRY(Restored found, FindRestorable(database, id, repository, tag, digest));
    PORTOLAN_CHECK(RevealAll(database, id, found.state));
    const TagChange change{.repository = id,
                           .name = repository,
                           .may_create = may_create,
                           .may_overwrite = may_overwrite,
                           .actor = actor};
    PORTOLAN_CHECK(SetTag(database, change, tag, found.state.id, found.digest));
    restored = std::move(found.digest);
    return {};
  }));
  return DecodeDigest(restored);
}

Status SqliteMetadataStore::RestoreManifest(const oci::RepositoryName& repository,
                                            const oci::Digest& digest, const Actor& actor) {
  const std::string key = EncodeDigest(digest);
  return WriteRevealing(0, [&](SqliteDatabase& database) -> Status {
    PORTOLAN_TRY(const std::int64_t id, RequireRepository(database, repository));
    PORTOLAN_TRY(const auto since,
                 database.Find("SELECT deleted FROM manifest WHERE repository_id = ?1"
                               " AND digest = ?2",
                               id, Bytes{key}));
    if (!since) {
      return Fail(ErrorCode::kManifestUnknown,
                  fmt::format("repository {} has no deleted manifest {}", repository.text(),
                              digest.text()));
    }
    PORTOLAN_TRY(const auto state, FindManifestState(database, id, key));
    PORTOLAN_TRY(const std::vector<std::string> tags, TagsThatWent(database, id, key, *since));
    PORTOLAN_CHECK(RevealAll(database, id, *state));
    const TagChange change{.repository = id,
                           .name = repository,
                           .may_create = true,
                           .may_overwrite = false,
                           .actor = actor};
    for (const std::string& name : tags) {
      PORTOLAN_TRY(const oci::Tag tag, oci::Tag::Parse(name));
      PORTOLAN_CHECK(SetTag(database, change, tag, state->id, key));
    }
    return {};
  });
}

}  // namespace portolan::store
