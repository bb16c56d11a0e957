// API keys and refresh tokens of AccountStore.
#include <string_view>

#include <fmt/format.h>

#include "portolan/base/log.h"
#include "portolan/store/account_store.h"

namespace portolan::store {
namespace {

constexpr Millis kUseInterval = 60'000;  // a key's last use is known no better than this

Bytes BytesOf(const oci::Sha256Bytes& hash) {
  return {{reinterpret_cast<const char*>(hash.data()), hash.size()}};
}

std::optional<Millis> OptionalMillis(const SqliteStatement& row, int column) {
  if (row.IsNull(column)) return std::nullopt;
  return row.Int(column);
}

ApiKeyRow KeyOf(const SqliteStatement& row) {
  return {.id = row.Int(0),
          .account = std::string(row.Text(1)),
          .name = std::string(row.Text(2)),
          .created = row.Int(3),
          .expires = OptionalMillis(row, 4),
          .revoked = OptionalMillis(row, 5),
          .used = OptionalMillis(row, 6)};
}

}  // namespace

Result<std::int64_t> AccountStore::AddKey(const NewApiKey& key) {
  std::int64_t id = 0;
  PORTOLAN_CHECK(Write(false, [&](SqliteDatabase& database) -> Status {
    PORTOLAN_TRY(const auto rows,
                 database.Run("INSERT INTO api_key (account_id, name, secret, created_at,"
                              " expires_at) SELECT id, ?2, ?3, ?4, ?5 FROM account"
                              " WHERE name = ?1",
                              key.account, key.name, BytesOf(key.secret), Now(), key.expires));
    if (rows == 0) {
      return Fail(ErrorCode::kNameUnknown,
                  fmt::format("there is no account {}", Printable(key.account)),
                  fmt::format("portolan user add {} makes it", Printable(key.account)));
    }
    id = database.LastId();
    return {};
  }));
  return id;
}

Result<ApiKeyRow> AccountStore::RevokeKey(std::int64_t id) {
  ApiKeyRow key;
  PORTOLAN_CHECK(Write(true, [&](SqliteDatabase& database) -> Status {
    {
      PORTOLAN_TRY(auto row, database.Query("SELECT k.id, a.name, k.name, k.created_at, expires_at,"
                                            " revoked_at, used_at FROM api_key k"
                                            " JOIN account a ON a.id = account_id"
                                            " WHERE k.id = ?1 AND revoked_at IS NULL",
                                            id));
      PORTOLAN_TRY(const bool found, row.Step());
      if (!found) {
        return Fail(ErrorCode::kNameUnknown, fmt::format("there is no API key {} to revoke", id),
                    "portolan token list shows those that there are");
      }
      key = KeyOf(row);
    }
    key.revoked = Now();
    PORTOLAN_CHECK(
        database.Run("UPDATE api_key SET revoked_at = ?2 WHERE id = ?1", id, *key.revoked));
    PORTOLAN_CHECK(database.Run("DELETE FROM refresh_token WHERE api_key_id = ?1", id));
    PORTOLAN_CHECK(
        database.Run("UPDATE account SET epoch = (SELECT generation + 1 FROM state)"
                     " WHERE name = ?1",
                     key.account));
    return {};
  }));
  return key;
}

Result<std::optional<ApiKeyRow>> AccountStore::FindKey(const oci::Sha256Bytes& secret) {
  const Millis now = Now();
  ApiKeyRow key;
  {
    PORTOLAN_TRY(const auto reader, readers_.Take());
    PORTOLAN_TRY(auto row, (*reader).Query("SELECT k.id, a.name, k.name, k.created_at, expires_at,"
                                           " revoked_at, used_at FROM api_key k"
                                           " JOIN account a ON a.id = account_id"
                                           " WHERE secret = ?1 AND revoked_at IS NULL"
                                           " AND disabled_at IS NULL"
                                           " AND (expires_at IS NULL OR expires_at > ?2)",
                                           BytesOf(secret), now));
    PORTOLAN_TRY(const bool found, row.Step());
    if (!found) return std::optional<ApiKeyRow>();
    key = KeyOf(row);
  }
  if (!key.used || now - *key.used >= kUseInterval) NoteUse(key.id, now);
  return std::optional(std::move(key));
}

// A disk that is full must not keep anybody out: what fails is not noted.
void AccountStore::NoteUse(std::int64_t key, Millis now) {
  (void)Write(false, [&](SqliteDatabase& database) -> Status {
    PORTOLAN_CHECK(database.Run("UPDATE api_key SET used_at = ?2 WHERE id = ?1", key, now));
    return {};
  });
}

Result<std::vector<ApiKeyRow>> AccountStore::ListKeys(std::string_view account) {
  if (!account.empty()) {
    PORTOLAN_TRY(const auto found, FindAccount(account));
    if (!found) {
      return Fail(ErrorCode::kNameUnknown,
                  fmt::format("there is no account {}", Printable(account)),
                  "portolan user list shows those that there are");
    }
  }
  PORTOLAN_TRY(const auto reader, readers_.Take());
  PORTOLAN_TRY(auto rows, (*reader).Query("SELECT k.id, a.name, k.name, k.created_at, expires_at,"
                                          " revoked_at, used_at FROM api_key k"
                                          " JOIN account a ON a.id = account_id"
                                          " WHERE ?1 = '' OR a.name = ?1 ORDER BY a.name, k.id",
                                          account));
  return rows.All([](const SqliteStatement& row) -> Result<ApiKeyRow> { return KeyOf(row); });
}

Status AccountStore::AddRefreshToken(const oci::Sha256Bytes& secret, const RefreshTokenRow& token) {
  const Millis now = Now();
  return Write(false, [&](SqliteDatabase& database) -> Status {
    PORTOLAN_CHECK(database.Run("DELETE FROM refresh_token WHERE expires_at <= ?1", now));
    PORTOLAN_TRY(const auto rows,
                 database.Run("INSERT INTO refresh_token (secret, account_id, api_key_id, service,"
                              " client_id, created_at, expires_at)"
                              " SELECT ?1, a.id, NULLIF(?3, 0), ?4, ?5, ?6, ?7 FROM account a"
                              " WHERE a.name = ?2 AND a.disabled_at IS NULL"
                              " AND (?3 = 0 OR EXISTS (SELECT 1 FROM api_key k WHERE k.id = ?3"
                              "  AND k.account_id = a.id AND k.revoked_at IS NULL"
                              "  AND (k.expires_at IS NULL OR k.expires_at > ?6)))",
                              BytesOf(secret), token.account, token.api_key, token.service,
                              token.client_id, now, token.expires));
    if (rows == 0) {
      return Fail(ErrorCode::kDenied,
                  fmt::format("{} cannot have a refresh token", Printable(token.account)));
    }
    PORTOLAN_CHECK(
        database.Run("DELETE FROM refresh_token WHERE secret IN (SELECT secret"
                     " FROM refresh_token WHERE account_id = (SELECT id FROM account"
                     " WHERE name = ?1) ORDER BY created_at DESC, secret LIMIT -1 OFFSET ?2)",
                     token.account, kMaxRefreshTokens));
    return {};
  });
}

Result<std::optional<RefreshTokenRow>> AccountStore::FindRefreshToken(
    const oci::Sha256Bytes& secret) {
  PORTOLAN_TRY(const auto reader, readers_.Take());
  PORTOLAN_TRY(auto row,
               (*reader).Query("SELECT a.name, api_key_id, service, client_id, t.expires_at"
                               " FROM refresh_token t JOIN account a ON a.id = t.account_id"
                               " LEFT JOIN api_key k ON k.id = api_key_id"
                               " WHERE t.secret = ?1 AND t.expires_at > ?2"
                               " AND a.disabled_at IS NULL AND k.revoked_at IS NULL"
                               " AND (k.expires_at IS NULL OR k.expires_at > ?2)",
                               BytesOf(secret), Now()));
  PORTOLAN_TRY(const bool found, row.Step());
  if (!found) return std::optional<RefreshTokenRow>();
  return std::optional(RefreshTokenRow{.account = std::string(row.Text(0)),
                                       .api_key = row.Int(1),
                                       .service = std::string(row.Text(2)),
                                       .client_id = std::string(row.Text(3)),
                                       .expires = row.Int(4)});
}

Result<bool> AccountStore::RemoveRefreshToken(const oci::Sha256Bytes& secret) {
  std::int64_t rows = 0;
  PORTOLAN_CHECK(Write(false, [&](SqliteDatabase& database) -> Status {
    PORTOLAN_TRY(rows,
                 database.Run("DELETE FROM refresh_token WHERE secret = ?1", BytesOf(secret)));
    return {};
  }));
  return rows > 0;
}

}  // namespace portolan::store
