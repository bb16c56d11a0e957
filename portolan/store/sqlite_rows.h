// What several operations do with rows, each inside a transaction of its caller's or on a reader.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "portolan/base/result.h"
#include "portolan/oci/reference.h"
#include "portolan/store/metadata_store.h"
#include "portolan/store/rows.h"
#include "portolan/store/sqlite_database.h"

namespace portolan::store {

/// A caller's limit as SQL's.
std::int64_t SqlLimit(std::size_t limit);
/// The first column, for SqliteStatement::All.
Result<std::int64_t> IdOf(const SqliteStatement& row);
Result<std::string> TextOf(const SqliteStatement& row);

// ---- Repositories ----

Error NameUnknown(const oci::RepositoryName& repository);
/// Empty where there is no such repository.
Result<std::optional<std::int64_t>> FindRepository(SqliteDatabase& database,
                                                   const oci::RepositoryName& repository);
/// kNameUnknown.
Result<std::int64_t> RequireRepository(SqliteDatabase& database,
                                       const oci::RepositoryName& repository);
/// Makes it where it does not exist.
Result<std::int64_t> MakeRepository(SqliteDatabase& database,
                                    const oci::RepositoryName& repository);
/// A name of a row. kInternal for what is none (damaged storage).
Result<oci::RepositoryName> RepositoryOf(std::string_view name);

// ---- Manifests ----

struct ManifestState {
  std::int64_t id = 0;
  bool deleted = false;  ///< hidden, and can be restored
};
/// Also a hidden one; empty where there is none.
Result<std::optional<ManifestState>> FindManifestState(SqliteDatabase& database,
                                                       std::int64_t repository,
                                                       const std::string& digest);
/// Why a lookup found nothing: `kind` is "tag" or "manifest", `reference` its name.
Error ManifestUnknown(SqliteDatabase& database, const oci::RepositoryName& repository,
                      std::string_view kind, std::string_view reference);
/// Hides a live manifest, or takes that back; the repository's count follows. kBusy for one whose
/// tags are still being removed: they would come back with it (RemoveHiddenTags).
Status HideManifest(SqliteDatabase& database, std::int64_t repository, std::int64_t manifest,
                    Millis now);
Status RevealManifest(SqliteDatabase& database, std::int64_t repository, std::int64_t manifest);

// ---- Tags ----

/// Where tags are set, by whom, and with which rights.
struct TagChange {
  std::int64_t repository = 0;
  const oci::RepositoryName& name;
  bool may_create = false;
  bool may_overwrite = false;
  const Actor& actor;
};
/// Removes the tag, with its line of history, if it only waits for that (RemoveHiddenTags). To be
/// called before a tag's row or history is looked at to change it.
Status SettleTag(SqliteDatabase& database, std::int64_t repository, const oci::Tag& tag);
/// Lets the tag name the manifest, with a line of history; nothing where it does already. kDenied.
Result<TagOutcome> SetTag(SqliteDatabase& database, const TagChange& change, const oci::Tag& tag,
                          std::int64_t manifest, const std::string& digest);
/// Removes a tag that names the manifest `digest`, with a line of history.
Status RemoveTag(SqliteDatabase& database, std::int64_t repository, std::string_view tag,
                 std::string_view digest, const Actor& actor);
/// A line of history; an empty digest means none.
Status AddTagEvent(SqliteDatabase& database, std::int64_t repository, std::string_view tag,
                   std::string_view old_digest, std::string_view new_digest, const Actor& actor);

// ---- Blobs ----

/// Empty where the repository has not got the blob.
Result<std::optional<std::int64_t>> FindLinkedBlob(SqliteDatabase& database,
                                                   std::int64_t repository,
                                                   const std::string& digest);
/// Gives the repository a stored blob, or makes the link young again.
Status LinkBlob(SqliteDatabase& database, std::int64_t repository, std::int64_t blob, Millis now);
/// To be called when a link has gone: dooms the blob if that was its last one.
Status DoomIfUnlinked(SqliteDatabase& database, std::int64_t blob);
/// The blob is not stored any more; its row stays as a name while manifests refer to it.
Status ForgetContent(SqliteDatabase& database, std::int64_t blob);

}  // namespace portolan::store
