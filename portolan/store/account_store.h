// Accounts, their API keys and refresh tokens, in a file of their own: docs/storage-format.md,
// "Accounts".
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "portolan/base/clock.h"
#include "portolan/base/result.h"
#include "portolan/oci/hash.h"
#include "portolan/store/rows.h"
#include "portolan/store/sqlite_database.h"
#include "portolan/store/sqlite_readers.h"

namespace portolan::store {

struct AccountRow {
  std::string name;
  bool robot = false;
  std::string password_hash;  ///< empty: none
  std::int64_t epoch = 0;     ///< tokens issued under another one are void
  Millis created = 0;
  std::optional<Millis> disabled;
  std::int64_t keys = 0;  ///< that count; only ListAccounts fills it

  friend bool operator==(const AccountRow&, const AccountRow&) = default;
};

struct ApiKeyRow {
  std::int64_t id = 0;
  std::string account;
  std::string name;  ///< what its owner calls it; may be empty
  Millis created = 0;
  std::optional<Millis> expires;
  std::optional<Millis> revoked;
  std::optional<Millis> used;  ///< last, to the minute

  friend bool operator==(const ApiKeyRow&, const ApiKeyRow&) = default;
};

struct RefreshTokenRow {
  std::string account;
  std::int64_t api_key = 0;  ///< with which it ends; 0: none
  std::string service;
  std::string client_id;
  Millis expires = 0;

  friend bool operator==(const RefreshTokenRow&, const RefreshTokenRow&) = default;
};

/// What the caller has made of a new account's name and password.
struct NewAccount {
  std::string name;
  bool robot = false;
  std::string password_hash;  ///< empty: none
};

struct NewApiKey {
  std::string account;
  std::string name;
  oci::Sha256Bytes secret{};  ///< of the key's text, which is nowhere kept
  std::optional<Millis> expires;
};

/// The accounts of a storage folder. Several processes may have it open at once: each change is a
/// transaction of its own, durable when the call is back. Thread-safe. Errors: those of
/// SqliteStatement::Step, and what each says.
class AccountStore {
 public:
  static constexpr std::int64_t kMaxRefreshTokens = 100;  ///< of one account; the oldest go

  /// Opens the file, or makes it (mode 0600, of the folder's owner). `clock` must outlive the
  /// store. kConfigInvalid: the file is another program's, or of a newer version.
  static Result<std::unique_ptr<AccountStore>> Open(const std::string& path, const Clock& clock);
  /// `accounts.db` in a folder.
  static std::string PathIn(const std::string& folder);

  // ---- Accounts; all but AddAccount and the lists give kNameUnknown for an unknown name ----

  /// kUsage where the name is taken.
  Status AddAccount(const NewAccount& account);
  /// With its keys and refresh tokens.
  Status RemoveAccount(std::string_view name);
  /// Voids the tokens issued to the account so far; API keys stay.
  Status SetPassword(std::string_view name, std::string_view password_hash);
  /// Disabling voids the tokens issued so far. Whether it was otherwise before.
  Result<bool> SetDisabled(std::string_view name, bool disabled);
  Result<std::optional<AccountRow>> FindAccount(std::string_view name);
  /// In order of their names.
  Result<std::vector<AccountRow>> ListAccounts();

  // ---- API keys ----

  /// Its id. kNameUnknown for an unknown account.
  Result<std::int64_t> AddKey(const NewApiKey& key);
  /// Voids the refresh tokens that came from it, and the account's tokens issued so far.
  /// kNameUnknown where there is none that was not revoked before.
  Result<ApiKeyRow> RevokeKey(std::int64_t id);
  /// One that counts: not revoked, not expired, its account not disabled. Notes the use.
  Result<std::optional<ApiKeyRow>> FindKey(const oci::Sha256Bytes& secret);
  /// In order of account and id; of one account where `account` is not empty. kNameUnknown.
  Result<std::vector<ApiKeyRow>> ListKeys(std::string_view account);

  // ---- Refresh tokens ----

  /// kDenied where the account or the key does not count (any more).
  Status AddRefreshToken(const oci::Sha256Bytes& secret, const RefreshTokenRow& token);
  Result<std::optional<RefreshTokenRow>> FindRefreshToken(const oci::Sha256Bytes& secret);
  /// Whether there was one.
  Result<bool> RemoveRefreshToken(const oci::Sha256Bytes& secret);

  /// Another number whenever something about accounts or keys ceased to count or an account was
  /// added, by this or another process; read from the file every half second at most. Where it
  /// cannot be read, each call that tries gives a new one: what nobody can check must not be relied
  /// on. Takes microseconds, waits for nobody.
  std::uint64_t Generation();

 private:
  AccountStore(const std::string& path, const Clock& clock);

  /// Runs `change` in a transaction, and notes that accounts have changed where `announce` is set.
  Status Write(bool announce, const std::function<Status(SqliteDatabase&)>& change);
  void NoteUse(std::int64_t key, Millis now);
  Millis Now() const { return ToMillis(clock_.WallNow()); }

  const Clock& clock_;
  SqliteReaders readers_;
  std::mutex write_mutex_;
  std::unique_ptr<SqliteDatabase> writer_;   // guarded by write_mutex_
  std::mutex watch_mutex_;                   // only ever tried, never waited for
  std::unique_ptr<SqliteDatabase> watcher_;  // guarded by watch_mutex_
  std::uint64_t failures_ = 0;               // guarded by watch_mutex_, to read
  std::atomic<Clock::Duration::rep> watched_at_;
  std::atomic<std::uint64_t> generation_{0};
};

}  // namespace portolan::store
