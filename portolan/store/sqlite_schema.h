// The tables of the rows, and how an older file is brought up to date. Described in
// docs/storage-format.md, "Rows".
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "portolan/base/result.h"
#include "portolan/store/sqlite_database.h"

namespace portolan::store {

/// "Port" in ASCII: marks a file as ours (`file` shows it).
inline constexpr std::int64_t kApplicationId = 0x506F7274;

/// What brings a file from the version before it to the next one; the first makes all tables. A
/// migration that was released is never changed.
using Migration = std::string_view;

/// The program's own; their number is the version that it reads and writes.
std::span<const Migration> Migrations();

/// Switches the file to WAL, and makes or updates its tables, each migration in one transaction.
/// Takes microseconds where nothing is to be done. kConfigInvalid: the file is another program's,
/// or of a newer version; kInternal: it is no database.
Status PrepareSchema(SqliteDatabase& database, std::span<const Migration> migrations);

/// For a connection that must not write. kConfigInvalid also for an older version.
Status CheckSchema(SqliteDatabase& database, std::span<const Migration> migrations);

}  // namespace portolan::store
