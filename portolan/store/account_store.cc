#include "portolan/store/account_store.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

#include <fmt/format.h>

#include "portolan/base/files.h"
#include "portolan/base/log.h"
#include "portolan/base/unique_fd.h"
#include "portolan/store/account_schema.h"

namespace portolan::store {
namespace {

constexpr std::size_t kReaders = 4;
constexpr std::size_t kCache = 256U << 10U;  // bytes of pages, each connection
constexpr Clock::Duration kWatchInterval = std::chrono::milliseconds(500);

constexpr const char* kWriterSettings =
    "PRAGMA synchronous = FULL;"
    "PRAGMA temp_store = MEMORY;"
    "PRAGMA foreign_keys = ON;"
    "PRAGMA journal_size_limit = 1048576";

constexpr SqliteConnection kForReading{.writable = false, .cache_bytes = kCache};

Error SystemError(std::string_view action, const std::string& path) {
  return Fail(ErrorCode::kIo, fmt::format("cannot {} {}: {}", action, path, std::strerror(errno)));
}

// SQLite would let everybody read it; its other files get this one's mode and owner. What the
// superuser adds beside a running server must be the server's to read.
Status MakeFile(const std::string& path, const UniqueFd& folder) {
  const UniqueFd file(::open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
  if (!file) return errno == EEXIST ? Status() : SystemError("create", path);
  struct stat owner{};
  if (::geteuid() != 0 || ::fstat(folder.get(), &owner) != 0) return {};
  return ::fchown(file.get(), owner.st_uid, owner.st_gid) == 0 ? Status()
                                                               : SystemError("give away", path);
}

Error UnknownAccount(std::string_view name) {
  return Fail(ErrorCode::kNameUnknown, fmt::format("there is no account {}", Printable(name)),
              "portolan user list shows those that there are");
}

Result<std::int64_t> RequireAccount(SqliteDatabase& database, std::string_view name) {
  PORTOLAN_TRY(const auto id, database.Find("SELECT id FROM account WHERE name = ?1", name));
  if (!id) return UnknownAccount(name);
  return *id;
}

// Voids what was issued so far: the next number is one that nobody ever had (Write counts on).
Status Renew(SqliteDatabase& database, std::int64_t account) {
  PORTOLAN_CHECK(database.Run(
      "UPDATE account SET epoch = (SELECT generation + 1 FROM state) WHERE id = ?1", account));
  return {};
}

Status ForgetRefreshTokens(SqliteDatabase& database, std::int64_t account) {
  PORTOLAN_CHECK(database.Run("DELETE FROM refresh_token WHERE account_id = ?1", account));
  return {};
}

std::optional<Millis> OptionalMillis(const SqliteStatement& row, int column) {
  if (row.IsNull(column)) return std::nullopt;
  return row.Int(column);
}

AccountRow AccountOf(const SqliteStatement& row) {
  return {.name = std::string(row.Text(0)),
          .robot = row.Int(1) != 0,
          .password_hash = std::string(row.Text(2)),
          .epoch = row.Int(3),
          .created = row.Int(4),
          .disabled = OptionalMillis(row, 5)};
}

std::optional<std::string_view> NullIfEmpty(std::string_view text) {
  if (text.empty()) return std::nullopt;
  return text;
}

}  // namespace

AccountStore::AccountStore(const std::string& path, const Clock& clock)
    : clock_(clock), readers_(path, kForReading, kReaders), watched_at_(0) {}

std::string AccountStore::PathIn(const std::string& folder) {
  return JoinPath(folder, "accounts.db");
}

Result<std::unique_ptr<AccountStore>> AccountStore::Open(const std::string& path,
                                                         const Clock& clock) {
  // Of all that make the file or change its tables one goes at a time.
  const std::string parent = std::filesystem::path(path).parent_path();
  const UniqueFd folder(::open(parent.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!folder || ::flock(folder.get(), LOCK_EX) != 0) return SystemError("open folder", parent);
  PORTOLAN_CHECK(MakeFile(path, folder));
  std::unique_ptr<AccountStore> store(new AccountStore(path, clock));
  PORTOLAN_TRY(store->writer_,
               SqliteDatabase::Open(path, {.writable = true, .cache_bytes = kCache}));
  PORTOLAN_CHECK(PrepareSchema(*store->writer_, AccountMigrations()));
  PORTOLAN_CHECK(store->writer_->Script(kWriterSettings));
  PORTOLAN_TRY(store->watcher_, SqliteDatabase::Open(path, kForReading));
  PORTOLAN_CHECK(store->watcher_->Script("PRAGMA busy_timeout = 0"));
  store->Generation();
  return store;
}

Status AccountStore::Write(bool announce, const std::function<Status(SqliteDatabase&)>& change) {
  const std::lock_guard lock(write_mutex_);
  PORTOLAN_CHECK(writer_->Script("BEGIN IMMEDIATE"));
  Status done = change(*writer_);
  if (done && announce) {
    const auto counted = writer_->Run("UPDATE state SET generation = generation + 1");
    if (!counted) done = counted.error();
  }
  if (done) done = writer_->Script("COMMIT");
  if (!done && writer_->InTransaction()) (void)writer_->Script("ROLLBACK");
  // Here it counts at once.
  if (done && announce) watched_at_ = 0;
  return done;
}

std::uint64_t AccountStore::Generation() {
  const Clock::Duration::rep now = clock_.Now().time_since_epoch().count();
  const Clock::Duration::rep last = watched_at_;
  if (last != 0 && now - last < kWatchInterval.count()) return generation_;
  const std::unique_lock lock(watch_mutex_, std::try_to_lock);
  if (!lock) return generation_;  // another thread is at it
  watched_at_ = now;              // before it is read: a change that comes meanwhile sets it back
  const auto read = watcher_->Find("SELECT generation FROM state");
  if (read && *read) {
    generation_ = static_cast<std::uint64_t>(**read);
  } else {
    generation_ = (std::uint64_t{1} << 63U) + ++failures_;
  }
  return generation_;
}

Status AccountStore::AddAccount(const NewAccount& account) {
  return Write(true, [&](SqliteDatabase& database) -> Status {
    PORTOLAN_TRY(const auto taken,
                 database.Find("SELECT id FROM account WHERE name = ?1", account.name));
    if (taken) {
      return Fail(ErrorCode::kUsage,
                  fmt::format("there is an account {} already", Printable(account.name)),
                  "portolan user password gives it another password");
    }
    PORTOLAN_CHECK(
        database.Run("INSERT INTO account (name, robot, password, epoch, created_at)"
                     " VALUES (?1, ?2, ?3, (SELECT generation + 1 FROM state), ?4)",
                     account.name, account.robot, NullIfEmpty(account.password_hash), Now()));
    return {};
  });
}

Status AccountStore::RemoveAccount(std::string_view name) {
  return Write(true, [&](SqliteDatabase& database) -> Status {
    PORTOLAN_TRY(const auto removed, database.Run("DELETE FROM account WHERE name = ?1", name));
    return removed == 0 ? Status(UnknownAccount(name)) : Status();
  });
}

Status AccountStore::SetPassword(std::string_view name, std::string_view password_hash) {
  return Write(true, [&](SqliteDatabase& database) -> Status {
    PORTOLAN_TRY(const std::int64_t id, RequireAccount(database, name));
    PORTOLAN_CHECK(database.Run("UPDATE account SET password = ?2 WHERE id = ?1", id,
                                NullIfEmpty(password_hash)));
    PORTOLAN_CHECK(ForgetRefreshTokens(database, id));
    return Renew(database, id);
  });
}

Result<bool> AccountStore::SetDisabled(std::string_view name, bool disabled) {
  bool changed = false;
  PORTOLAN_CHECK(Write(true, [&](SqliteDatabase& database) -> Status {
    PORTOLAN_TRY(const std::int64_t id, RequireAccount(database, name));
    const std::optional<Millis> at = disabled ? std::optional(Now()) : std::nullopt;
    PORTOLAN_TRY(const auto rows,
                 database.Run("UPDATE account SET disabled_at = ?2"
                              " WHERE id = ?1 AND (disabled_at IS NULL) <> (?2 IS NULL)",
                              id, at));
    changed = rows > 0;
    if (!changed) return {};
    PORTOLAN_CHECK(ForgetRefreshTokens(database, id));
    return Renew(database, id);
  }));
  return changed;
}

Result<std::optional<AccountRow>> AccountStore::FindAccount(std::string_view name) {
  PORTOLAN_TRY(const auto reader, readers_.Take());
  PORTOLAN_TRY(auto row, (*reader).Query("SELECT name, robot, password, epoch, created_at,"
                                         " disabled_at FROM account WHERE name = ?1",
                                         name));
  PORTOLAN_TRY(const bool found, row.Step());
  if (!found) return std::optional<AccountRow>();
  return std::optional(AccountOf(row));
}

Result<std::vector<AccountRow>> AccountStore::ListAccounts() {
  PORTOLAN_TRY(const auto reader, readers_.Take());
  PORTOLAN_TRY(auto rows,
               (*reader).Query("SELECT name, robot, password, epoch, created_at, disabled_at,"
                               " (SELECT COUNT(*) FROM api_key k WHERE k.account_id = a.id"
                               "  AND revoked_at IS NULL"
                               "  AND (expires_at IS NULL OR expires_at > ?1))"
                               " FROM account a ORDER BY name",
                               Now()));
  return rows.All([](const SqliteStatement& row) -> Result<AccountRow> {
    AccountRow account = AccountOf(row);
    account.keys = row.Int(6);
    return account;
  });
}

}  // namespace portolan::store
