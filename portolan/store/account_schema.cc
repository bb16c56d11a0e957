#include "portolan/store/account_schema.h"

#include <array>

namespace portolan::store {
namespace {

// The generation begins with the date: a file that was lost and made anew must not give numbers
// again under which the old one's tokens were issued. Ids are never used twice, either.
constexpr Migration kFirst = R"sql(
CREATE TABLE state (
  one INTEGER PRIMARY KEY CHECK (one = 1),
  generation INTEGER NOT NULL
) STRICT;
INSERT INTO state VALUES (1, unixepoch() * 1000);
CREATE TABLE account (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  name TEXT NOT NULL UNIQUE,
  robot INTEGER NOT NULL,
  password TEXT,
  epoch INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  disabled_at INTEGER
) STRICT;
CREATE TABLE api_key (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  account_id INTEGER NOT NULL REFERENCES account ON DELETE CASCADE,
  name TEXT NOT NULL,
  secret BLOB NOT NULL UNIQUE,
  created_at INTEGER NOT NULL,
  expires_at INTEGER,
  revoked_at INTEGER,
  used_at INTEGER
) STRICT;
CREATE INDEX api_key_by_account ON api_key (account_id);
CREATE TABLE refresh_token (
  secret BLOB PRIMARY KEY,
  account_id INTEGER NOT NULL REFERENCES account ON DELETE CASCADE,
  api_key_id INTEGER REFERENCES api_key ON DELETE CASCADE,
  service TEXT NOT NULL,
  client_id TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX refresh_token_by_account ON refresh_token (account_id, created_at);
CREATE INDEX refresh_token_by_key ON refresh_token (api_key_id);
CREATE INDEX refresh_token_by_end ON refresh_token (expires_at)
)sql";

constexpr std::array kMigrations{kFirst};

}  // namespace

std::span<const Migration> AccountMigrations() { return kMigrations; }

}  // namespace portolan::store
