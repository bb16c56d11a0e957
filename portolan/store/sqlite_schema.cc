#include "portolan/store/sqlite_schema.h"

#include <array>
#include <cstddef>
#include <string>

#include <fmt/format.h>

namespace portolan::store {
namespace {

// Only what PostgreSQL has too, in another spelling: INTEGER PRIMARY KEY AUTOINCREMENT is an
// identity column, BLOB is BYTEA, WITHOUT ROWID and STRICT go, TEXT gets COLLATE "C". An index of
// SQLite ends with the row's id: where that is part of an order, PostgreSQL must name it.
constexpr Migration kFirst = R"sql(
CREATE TABLE repository (
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,
  manifests INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX repository_listed ON repository (name) WHERE manifests > 0;

CREATE TABLE blob (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  digest BLOB NOT NULL UNIQUE,
  size INTEGER NOT NULL DEFAULT 0,
  object TEXT,
  content BLOB
) STRICT;

CREATE TABLE doomed_blob (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  digest BLOB NOT NULL,
  size INTEGER NOT NULL,
  object TEXT NOT NULL
) STRICT;

CREATE TABLE repository_blob (
  repository_id INTEGER NOT NULL REFERENCES repository (id),
  blob_id INTEGER NOT NULL REFERENCES blob (id),
  linked INTEGER NOT NULL,
  needed INTEGER NOT NULL,
  PRIMARY KEY (repository_id, blob_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX repository_blob_by_blob ON repository_blob (blob_id, repository_id);
CREATE INDEX repository_blob_unneeded ON repository_blob (repository_id, blob_id) WHERE needed = 0;

CREATE TABLE manifest (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  repository_id INTEGER NOT NULL REFERENCES repository (id),
  digest BLOB NOT NULL,
  media_type TEXT NOT NULL,
  size INTEGER NOT NULL,
  subject BLOB,
  artifact_type TEXT NOT NULL,
  annotations BLOB,
  created INTEGER NOT NULL,
  pushed INTEGER NOT NULL,
  deleted INTEGER,
  UNIQUE (repository_id, digest)
) STRICT;
CREATE INDEX manifest_by_subject ON manifest (repository_id, subject)
  WHERE subject IS NOT NULL AND deleted IS NULL;
CREATE INDEX manifest_by_subject_and_type ON manifest (repository_id, subject, artifact_type)
  WHERE subject IS NOT NULL AND deleted IS NULL;
CREATE INDEX manifest_deleted ON manifest (id) WHERE deleted IS NOT NULL;

CREATE TABLE manifest_content (
  manifest_id INTEGER PRIMARY KEY REFERENCES manifest (id),
  content BLOB NOT NULL
) STRICT;

CREATE TABLE manifest_blob (
  blob_id INTEGER NOT NULL REFERENCES blob (id),
  repository_id INTEGER NOT NULL REFERENCES repository (id),
  manifest_id INTEGER NOT NULL REFERENCES manifest (id),
  expected INTEGER NOT NULL,
  PRIMARY KEY (blob_id, repository_id, manifest_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX manifest_blob_by_manifest ON manifest_blob (manifest_id);

CREATE TABLE manifest_child (
  repository_id INTEGER NOT NULL REFERENCES repository (id),
  child BLOB NOT NULL,
  manifest_id INTEGER NOT NULL REFERENCES manifest (id),
  expected INTEGER NOT NULL,
  PRIMARY KEY (repository_id, child, manifest_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX manifest_child_by_manifest ON manifest_child (manifest_id);

CREATE TABLE tag (
  repository_id INTEGER NOT NULL REFERENCES repository (id),
  name TEXT NOT NULL,
  manifest_id INTEGER NOT NULL REFERENCES manifest (id),
  PRIMARY KEY (repository_id, name)
) STRICT, WITHOUT ROWID;
CREATE INDEX tag_by_manifest ON tag (manifest_id);

CREATE TABLE tag_event (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  repository_id INTEGER NOT NULL REFERENCES repository (id),
  tag TEXT NOT NULL,
  old_digest BLOB,
  new_digest BLOB,
  principal TEXT NOT NULL,
  happened INTEGER NOT NULL
) STRICT;
CREATE INDEX tag_event_by_tag ON tag_event (repository_id, tag);
CREATE INDEX tag_event_by_repository ON tag_event (repository_id);
CREATE INDEX tag_event_by_old_digest ON tag_event (repository_id, old_digest, happened)
  WHERE old_digest IS NOT NULL;
CREATE INDEX tag_event_by_time ON tag_event (happened);

CREATE TABLE upload (
  id TEXT PRIMARY KEY,
  repository TEXT NOT NULL,
  principal TEXT NOT NULL,
  received INTEGER NOT NULL,
  hash_state BLOB NOT NULL,
  content BLOB NOT NULL,
  staged INTEGER NOT NULL,
  created INTEGER NOT NULL,
  changed INTEGER NOT NULL
) STRICT;
CREATE INDEX upload_by_change ON upload (changed);
)sql";

// Manifests that were deleted with so many tags that these go one after the other.
constexpr Migration kDoomedTags = R"sql(
CREATE TABLE doomed_tags (
  manifest_id INTEGER PRIMARY KEY REFERENCES manifest (id),
  principal TEXT NOT NULL,
  happened INTEGER NOT NULL
) STRICT;
)sql";

// Totals, so that nobody has to count, and repositories that can be removed: SQLite looks for what
// refers to a row, and manifest_blob has no index that begins with the repository. A manifest of
// the repository stands behind each of its rows anyway.
constexpr Migration kTotals = R"sql(
CREATE TABLE total (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  repositories INTEGER NOT NULL,
  manifests INTEGER NOT NULL,
  tags INTEGER NOT NULL,
  blobs INTEGER NOT NULL,
  blob_bytes INTEGER NOT NULL,
  uploads INTEGER NOT NULL
) STRICT;
INSERT INTO total SELECT 1,
  (SELECT count(*) FROM repository WHERE manifests > 0),
  (SELECT coalesce(sum(manifests), 0) FROM repository),
  (SELECT count(*) FROM tag),
  (SELECT count(*) FROM blob WHERE coalesce(object, content) IS NOT NULL),
  (SELECT coalesce(sum(size), 0) FROM blob),
  (SELECT count(*) FROM upload);
CREATE TRIGGER total_manifests AFTER UPDATE OF manifests ON repository BEGIN
  UPDATE total SET manifests = manifests + new.manifests - old.manifests,
    repositories = repositories + (new.manifests > 0) - (old.manifests > 0);
END;
CREATE TRIGGER total_tag_made AFTER INSERT ON tag BEGIN
  UPDATE total SET tags = tags + 1;
END;
CREATE TRIGGER total_tag_gone AFTER DELETE ON tag BEGIN
  UPDATE total SET tags = tags - 1;
END;
CREATE TRIGGER total_blob_made AFTER INSERT ON blob BEGIN
  UPDATE total SET blobs = blobs + (coalesce(new.object, new.content) IS NOT NULL),
    blob_bytes = blob_bytes + new.size;
END;
CREATE TRIGGER total_blob_changed AFTER UPDATE ON blob BEGIN
  UPDATE total SET blobs = blobs + (coalesce(new.object, new.content) IS NOT NULL)
      - (coalesce(old.object, old.content) IS NOT NULL),
    blob_bytes = blob_bytes + new.size - old.size;
END;
CREATE TRIGGER total_blob_gone AFTER DELETE ON blob BEGIN
  UPDATE total SET blobs = blobs - (coalesce(old.object, old.content) IS NOT NULL),
    blob_bytes = blob_bytes - old.size;
END;
CREATE TRIGGER total_upload_made AFTER INSERT ON upload BEGIN
  UPDATE total SET uploads = uploads + 1;
END;
CREATE TRIGGER total_upload_gone AFTER DELETE ON upload BEGIN
  UPDATE total SET uploads = uploads - 1;
END;

CREATE TABLE manifest_blob_of_manifest (
  blob_id INTEGER NOT NULL REFERENCES blob (id),
  repository_id INTEGER NOT NULL,
  manifest_id INTEGER NOT NULL REFERENCES manifest (id),
  expected INTEGER NOT NULL,
  PRIMARY KEY (blob_id, repository_id, manifest_id)
) STRICT, WITHOUT ROWID;
INSERT INTO manifest_blob_of_manifest SELECT blob_id, repository_id, manifest_id, expected
  FROM manifest_blob;
DROP TABLE manifest_blob;
ALTER TABLE manifest_blob_of_manifest RENAME TO manifest_blob;
CREATE INDEX manifest_blob_by_manifest ON manifest_blob (manifest_id);
)sql";

// Tags in the order in which they were set: the id of the event that did it, which is not used
// twice. Of older tags history may have been forgotten; they come first, by name.
constexpr Migration kTagPlaces = R"sql(
ALTER TABLE tag ADD COLUMN place INTEGER NOT NULL DEFAULT 0;
UPDATE tag SET place = coalesce(
  (SELECT max(e.id) FROM tag_event e WHERE e.repository_id = tag.repository_id AND e.tag = tag.name),
  old.number - 9000000000000000000)
FROM (SELECT repository_id AS repository, name AS tag_name,
        row_number() OVER (PARTITION BY repository_id ORDER BY name) AS number FROM tag) AS old
WHERE old.repository = tag.repository_id AND old.tag_name = tag.name;
CREATE INDEX tag_by_place ON tag (repository_id, place, manifest_id);
)sql";

// Manifests of a repository in the order in which they came.
constexpr Migration kVersions = R"sql(
CREATE INDEX manifest_listed ON manifest (repository_id, id) WHERE deleted IS NULL;
CREATE INDEX manifest_hidden ON manifest (repository_id, id) WHERE deleted IS NOT NULL;
)sql";

constexpr std::array kMigrations{kFirst, kDoomedTags, kTotals, kTagPlaces, kVersions};

struct Version {
  std::int64_t application = 0;
  std::int64_t number = 0;
  bool empty = false;  // there is nothing in the file
};

Result<Version> ReadVersion(SqliteDatabase& database) {
  PORTOLAN_TRY(const auto application, database.Find("PRAGMA application_id"));
  PORTOLAN_TRY(const auto number, database.Find("PRAGMA user_version"));
  Version version{.application = application.value_or(0), .number = number.value_or(0)};
  if (version.application == 0 && version.number == 0) {
    PORTOLAN_TRY(const auto table, database.Find("SELECT 1 FROM sqlite_schema LIMIT 1"));
    version.empty = !table.has_value();
  }
  return version;
}

Status CheckVersion(const SqliteDatabase& database, const Version& version, std::size_t ours) {
  if (version.application != kApplicationId) {
    return Fail(ErrorCode::kConfigInvalid,
                fmt::format("{} is a database, but not one of Portolan's", database.path()),
                "name another storage folder");
  }
  if (version.number > static_cast<std::int64_t>(ours)) {
    return Fail(ErrorCode::kConfigInvalid,
                fmt::format("database {} has version {}, and this program knows versions up to {}",
                            database.path(), version.number, ours),
                "use the program that made it, or a newer one");
  }
  return {};
}

// Where there is no shared memory (some network file systems) SQLite keeps its old journal.
Status UseLog(SqliteDatabase& database) {
  PORTOLAN_TRY(auto mode, database.Query("PRAGMA journal_mode = WAL"));
  PORTOLAN_TRY(const bool answered, mode.Step());
  if (answered && mode.Text(0) == "wal") return {};
  return Fail(ErrorCode::kIo,
              fmt::format("database {}: its file system cannot share memory between processes",
                          database.path()),
              "use a storage folder on a local disk");
}

Status Migrate(SqliteDatabase& database, Migration migration, std::size_t to) {
  const std::string script =
      fmt::format("BEGIN IMMEDIATE;{};PRAGMA application_id = {};PRAGMA user_version = {};COMMIT;",
                  migration, kApplicationId, to);
  Status done = database.Script(script);
  if (!done && database.InTransaction()) (void)database.Script("ROLLBACK");
  return done;
}

}  // namespace

std::span<const Migration> Migrations() { return kMigrations; }

Status PrepareSchema(SqliteDatabase& database, std::span<const Migration> migrations) {
  PORTOLAN_TRY(Version version, ReadVersion(database));
  if (!version.empty) PORTOLAN_CHECK(CheckVersion(database, version, migrations.size()));
  PORTOLAN_CHECK(UseLog(database));
  for (std::size_t done = static_cast<std::size_t>(version.number); done < migrations.size();
       ++done) {
    PORTOLAN_CHECK(Migrate(database, migrations[done], done + 1));
  }
  return {};
}

Status CheckSchema(SqliteDatabase& database, std::span<const Migration> migrations) {
  PORTOLAN_TRY(const Version version, ReadVersion(database));
  PORTOLAN_CHECK(CheckVersion(database, version, migrations.size()));
  if (version.number < static_cast<std::int64_t>(migrations.size())) {
    return Fail(ErrorCode::kConfigInvalid,
                fmt::format("database {} has version {}, older than this program's {}",
                            database.path(), version.number, migrations.size()),
                "start the server once: it brings the database up to date");
  }
  return {};
}

}  // namespace portolan::store
