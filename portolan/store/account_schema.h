// The tables of accounts.db. Described in docs/storage-format.md, "Accounts".
#pragma once

#include <span>

#include "portolan/store/sqlite_schema.h"

namespace portolan::store {

std::span<const Migration> AccountMigrations();

}  // namespace portolan::store
