#include "portolan/store/sqlite_rows.h"

#include <algorithm>
#include <limits>

#include <fmt/format.h>

namespace portolan::store {

std::int64_t SqlLimit(std::size_t limit) {
  constexpr std::size_t kMost = std::numeric_limits<std::int64_t>::max();
  return static_cast<std::int64_t>(std::min(limit, kMost));
}

Result<std::int64_t> IdOf(const SqliteStatement& row) { return row.Int(0); }

Result<std::string> TextOf(const SqliteStatement& row) { return std::string(row.Text(0)); }

Error NameUnknown(const oci::RepositoryName& repository) {
  return Fail(ErrorCode::kNameUnknown, fmt::format("there is no repository {}", repository.text()));
}

Result<std::optional<std::int64_t>> FindRepository(SqliteDatabase& database,
                                                   const oci::RepositoryName& repository) {
  return database.Find("SELECT id FROM repository WHERE name = ?1", repository.text());
}

Result<std::int64_t> RequireRepository(SqliteDatabase& database,
                                       const oci::RepositoryName& repository) {
  PORTOLAN_TRY(const auto id, FindRepository(database, repository));
  if (!id) return NameUnknown(repository);
  return *id;
}

Result<std::int64_t> MakeRepository(SqliteDatabase& database,
                                    const oci::RepositoryName& repository) {
  PORTOLAN_TRY(const auto id, FindRepository(database, repository));
  if (id) return *id;
  PORTOLAN_CHECK(database.Run("INSERT INTO repository (name) VALUES (?1)", repository.text()));
  return database.LastId();
}

Result<oci::RepositoryName> RepositoryOf(std::string_view name) {
  auto repository = oci::RepositoryName::Parse(name);
  if (!repository) {
    return Fail(ErrorCode::kInternal, "database: " + repository.error().message,
                "the database is damaged; restore it from a backup");
  }
  return repository;
}

Result<std::optional<ManifestState>> FindManifestState(SqliteDatabase& database,
                                                       std::int64_t repository,
                                                       const std::string& digest) {
  PORTOLAN_TRY(auto row, database.Query("SELECT id, deleted IS NOT NULL FROM manifest"
                                        " WHERE repository_id = ?1 AND digest = ?2",
                                        repository, Bytes{digest}));
  PORTOLAN_TRY(const bool found, row.Step());
  if (!found) return std::optional<ManifestState>();
  return std::optional(ManifestState{.id = row.Int(0), .deleted = row.Int(1) != 0});
}

Error ManifestUnknown(SqliteDatabase& database, const oci::RepositoryName& repository,
                      std::string_view kind, std::string_view reference) {
  const auto id = FindRepository(database, repository);
  if (!id) return id.error();
  if (!*id) return NameUnknown(repository);
  return Fail(ErrorCode::kManifestUnknown,
              fmt::format("repository {} has no {} {}", repository.text(), kind, reference));
}

Status HideManifest(SqliteDatabase& database, std::int64_t repository, std::int64_t manifest,
                    Millis now) {
  PORTOLAN_CHECK(database.Run("UPDATE manifest SET deleted = ?2 WHERE id = ?1", manifest, now));
  PORTOLAN_CHECK(
      database.Run("UPDATE repository SET manifests = manifests - 1 WHERE id = ?1", repository));
  return {};
}

Status RevealManifest(SqliteDatabase& database, std::int64_t repository, std::int64_t manifest) {
  PORTOLAN_TRY(const auto doomed,
               database.Find("SELECT 1 FROM doomed_tags WHERE manifest_id = ?1", manifest));
  if (doomed) return Fail(ErrorCode::kBusy, "the manifest's tags are still being removed");
  PORTOLAN_CHECK(database.Run("UPDATE manifest SET deleted = NULL WHERE id = ?1", manifest));
  PORTOLAN_CHECK(
      database.Run("UPDATE repository SET manifests = manifests + 1 WHERE id = ?1", repository));
  return {};
}

Status AddTagEvent(SqliteDatabase& database, std::int64_t repository, std::string_view tag,
                   std::string_view old_digest, std::string_view new_digest, const Actor& actor) {
  const auto digest = [](std::string_view bytes) {
    return bytes.empty() ? std::nullopt : std::optional(Bytes{bytes});
  };
  PORTOLAN_CHECK(database.Run(
      "INSERT INTO tag_event (repository_id, tag, old_digest, new_digest, principal, happened)"
      " VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
      repository, tag, digest(old_digest), digest(new_digest), actor.principal,
      ToMillis(actor.now)));
  return {};
}

Status SettleTag(SqliteDatabase& database, std::int64_t repository, const oci::Tag& tag) {
  std::string digest;
  Actor actor;
  {
    PORTOLAN_TRY(auto row, database.Query("SELECT m.digest, d.principal, d.happened FROM tag t"
                                          " JOIN doomed_tags d ON d.manifest_id = t.manifest_id"
                                          " JOIN manifest m ON m.id = t.manifest_id"
                                          " WHERE t.repository_id = ?1 AND t.name = ?2",
                                          repository, tag.text()));
    PORTOLAN_TRY(const bool found, row.Step());
    if (!found) return {};
    digest = row.Blob(0);
    actor = {.principal = std::string(row.Text(1)), .now = FromMillis(row.Int(2))};
  }
  return RemoveTag(database, repository, tag.text(), digest, actor);
}

Status RemoveTag(SqliteDatabase& database, std::int64_t repository, std::string_view tag,
                 std::string_view digest, const Actor& actor) {
  PORTOLAN_CHECK(
      database.Run("DELETE FROM tag WHERE repository_id = ?1 AND name = ?2", repository, tag));
  return AddTagEvent(database, repository, tag, digest, {}, actor);
}

Result<TagOutcome> SetTag(SqliteDatabase& database, const TagChange& change, const oci::Tag& tag,
                          std::int64_t manifest, const std::string& digest) {
  PORTOLAN_CHECK(SettleTag(database, change.repository, tag));
  std::string old_digest;
  {
    PORTOLAN_TRY(
        auto row,
        database.Query("SELECT m.id, m.digest FROM tag t JOIN manifest m"
                       " ON m.id = t.manifest_id WHERE t.repository_id = ?1 AND t.name = ?2",
                       change.repository, tag.text()));
    PORTOLAN_TRY(const bool exists, row.Step());
    if (exists && row.Int(0) == manifest) return TagOutcome::kUnchanged;
    if (exists) old_digest = row.Blob(1);
  }
  const bool exists = !old_digest.empty();
  if (exists ? !change.may_overwrite : !change.may_create) {
    constexpr std::string_view kMove =
        "tag {} of repository {} exists, and moving it is not allowed";
    constexpr std::string_view kMake = "making tag {} in repository {} is not allowed";
    return Fail(ErrorCode::kDenied,
                fmt::format(fmt::runtime(exists ? kMove : kMake), tag.text(), change.name.text()));
  }
  PORTOLAN_CHECK(
      AddTagEvent(database, change.repository, tag.text(), old_digest, digest, change.actor));
  PORTOLAN_CHECK(
      database.Run("INSERT INTO tag (repository_id, name, manifest_id, place)"
                   " VALUES (?1, ?2, ?3, ?4) ON CONFLICT (repository_id, name)"
                   " DO UPDATE SET manifest_id = excluded.manifest_id, place = excluded.place",
                   change.repository, tag.text(), manifest, database.LastId()));
  return exists ? TagOutcome::kOverwritten : TagOutcome::kCreated;
}

Result<std::optional<std::int64_t>> FindLinkedBlob(SqliteDatabase& database,
                                                   std::int64_t repository,
                                                   const std::string& digest) {
  return database.Find(
      "SELECT b.id FROM blob b JOIN repository_blob l ON l.blob_id = b.id"
      " WHERE b.digest = ?2 AND l.repository_id = ?1",
      repository, Bytes{digest});
}

Status LinkBlob(SqliteDatabase& database, std::int64_t repository, std::int64_t blob, Millis now) {
  PORTOLAN_CHECK(database.Run(
      "INSERT INTO repository_blob (repository_id, blob_id, linked, needed) VALUES (?1, ?2, ?3,"
      " EXISTS (SELECT 1 FROM manifest_blob WHERE blob_id = ?2 AND repository_id = ?1))"
      " ON CONFLICT (repository_id, blob_id) DO UPDATE SET linked = excluded.linked",
      repository, blob, now));
  return {};
}

Status ForgetContent(SqliteDatabase& database, std::int64_t blob) {
  PORTOLAN_TRY(const std::int64_t removed,
               database.Run("DELETE FROM blob WHERE id = ?1"
                            " AND NOT EXISTS (SELECT 1 FROM manifest_blob WHERE blob_id = ?1)",
                            blob));
  if (removed != 0) return {};
  PORTOLAN_CHECK(
      database.Run("UPDATE blob SET size = 0, object = NULL, content = NULL WHERE id = ?1", blob));
  return {};
}

Status DoomIfUnlinked(SqliteDatabase& database, std::int64_t blob) {
  PORTOLAN_TRY(const std::int64_t doomed,
               database.Run("INSERT INTO doomed_blob (digest, size, object)"
                            " SELECT digest, size, coalesce(object, '') FROM blob WHERE id = ?1"
                            " AND NOT EXISTS (SELECT 1 FROM repository_blob WHERE blob_id = ?1)",
                            blob));
  if (doomed == 0) return {};
  return ForgetContent(database, blob);
}

}  // namespace portolan::store
