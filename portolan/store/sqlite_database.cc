#include "portolan/store/sqlite_database.h"

#include <cassert>
#include <cerrno>
#include <mutex>

#include <fmt/format.h>
#include <sqlite3.h>

namespace portolan::store {
namespace {

constexpr int kBusyMilliseconds = 5000;

// Whether the disk is full, and nothing has been committed. A sync that finds it so leaves that
// open: its data may be there after the next start.
bool IsFull(sqlite3* connection, int extended) {
  const int code = extended & 0xFF;
  if (code == SQLITE_FULL) return true;
  if (code != SQLITE_IOERR) return false;
  if (extended == SQLITE_IOERR_FSYNC || extended == SQLITE_IOERR_DIR_FSYNC) return false;
  const int system = sqlite3_system_errno(connection);
  return system == ENOSPC || system == EDQUOT;
}

// The failure of the connection's last call.
Error LastError(sqlite3* connection, const std::string& path) {
  const int extended = sqlite3_extended_errcode(connection);
  const int code = extended & 0xFF;
  const auto fail = [&](ErrorCode kind, std::string hint) {
    return Fail(kind,
                fmt::format("database {}: {} ({})", path, sqlite3_errmsg(connection), extended),
                std::move(hint));
  };
  if (IsFull(connection, extended)) {
    return fail(ErrorCode::kInsufficientStorage, "make room on the disk of the storage folder");
  }
  switch (code) {
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return fail(ErrorCode::kInternal, "the file is damaged; restore it from a backup");
    case SQLITE_IOERR:
    case SQLITE_CANTOPEN:
    case SQLITE_PERM:
    case SQLITE_READONLY:
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
    case SQLITE_PROTOCOL:
      return fail(ErrorCode::kIo, {});
    default:
      return fail(ErrorCode::kInternal, {});
  }
}

// SQLite's counters of memory use are one lock for the whole process: without them readers do not
// wait for each other.
void ConfigureOnce() {
  static std::once_flag once;
  std::call_once(once, [] { sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0); });
}

}  // namespace

SqliteStatement::SqliteStatement(sqlite3* connection, const std::string& path,
                                 PreparedStatement& prepared)
    : connection_(connection), path_(&path), prepared_(&prepared) {
  assert(!prepared.in_use);
  prepared.in_use = true;
}

SqliteStatement::SqliteStatement(SqliteStatement&& other) noexcept
    : connection_(other.connection_),
      path_(other.path_),
      prepared_(std::exchange(other.prepared_, nullptr)),
      bind_code_(other.bind_code_) {}

SqliteStatement::~SqliteStatement() {
  if (prepared_ == nullptr) return;
  sqlite3_reset(prepared_->handle);
  prepared_->in_use = false;
}

Result<bool> SqliteStatement::Step() {
  if (bind_code_ != SQLITE_OK) {
    return Fail(ErrorCode::kInternal,
                fmt::format("database {}: parameters of \"{}\": {}", *path_,
                            sqlite3_sql(prepared_->handle), sqlite3_errstr(bind_code_)));
  }
  switch (sqlite3_step(prepared_->handle)) {
    case SQLITE_ROW:
      return true;
    case SQLITE_DONE:
      return false;
    default:
      return LastError(connection_, *path_);
  }
}

std::int64_t SqliteStatement::Int(int column) const {
  return sqlite3_column_int64(prepared_->handle, column);
}

bool SqliteStatement::IsNull(int column) const {
  return sqlite3_column_type(prepared_->handle, column) == SQLITE_NULL;
}

std::string_view SqliteStatement::Text(int column) const {
  const auto* const text =
      reinterpret_cast<const char*>(sqlite3_column_text(prepared_->handle, column));
  if (text == nullptr) return {};
  return {text, static_cast<std::size_t>(sqlite3_column_bytes(prepared_->handle, column))};
}

std::string_view SqliteStatement::Blob(int column) const {
  const auto* const bytes =
      static_cast<const char*>(sqlite3_column_blob(prepared_->handle, column));
  if (bytes == nullptr) return {};
  return {bytes, static_cast<std::size_t>(sqlite3_column_bytes(prepared_->handle, column))};
}

void SqliteStatement::Bind(int index, std::string_view text) {
  const char* const data = text.data() == nullptr ? "" : text.data();
  Remember(
      sqlite3_bind_text64(prepared_->handle, index, data, text.size(), SQLITE_STATIC, SQLITE_UTF8));
}

void SqliteStatement::Bind(int index, Bytes bytes) {
  const char* const data = bytes.view.data() == nullptr ? "" : bytes.view.data();
  Remember(sqlite3_bind_blob64(prepared_->handle, index, data, bytes.view.size(), SQLITE_STATIC));
}

void SqliteStatement::Bind(int index, std::nullopt_t) {
  Remember(sqlite3_bind_null(prepared_->handle, index));
}

void SqliteStatement::BindInt(int index, std::int64_t value) {
  Remember(sqlite3_bind_int64(prepared_->handle, index, value));
}

void SqliteStatement::CheckCount(int bound) {
  if (bound != sqlite3_bind_parameter_count(prepared_->handle)) Remember(SQLITE_MISUSE);
}

void SqliteStatement::Remember(int code) {
  if (code != SQLITE_OK) bind_code_ = code;
}

SqliteDatabase::SqliteDatabase(sqlite3* connection, std::string path)
    : connection_(connection), path_(std::move(path)) {}

SqliteDatabase::~SqliteDatabase() {
  for (auto& [text, prepared] : prepared_) sqlite3_finalize(prepared.handle);
  sqlite3_close_v2(connection_);
}

Result<std::unique_ptr<SqliteDatabase>> SqliteDatabase::Open(const std::string& path,
                                                             const SqliteConnection& options) {
  ConfigureOnce();
  const int flags =
      SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE |
      (options.writable ? SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE : SQLITE_OPEN_READONLY);
  sqlite3* connection = nullptr;
  const int code = sqlite3_open_v2(path.c_str(), &connection, flags, nullptr);
  if (connection == nullptr) {
    return Fail(ErrorCode::kIo, fmt::format("database {}: {}", path, sqlite3_errstr(code)));
  }
  std::unique_ptr<SqliteDatabase> database(new SqliteDatabase(connection, path));
  if (code != SQLITE_OK) return LastError(connection, path);
  sqlite3_busy_timeout(connection, kBusyMilliseconds);
  PORTOLAN_CHECK(database->Script(fmt::format("PRAGMA cache_size = -{}; PRAGMA mmap_size = {};",
                                              options.cache_bytes / 1024, options.mapped_bytes)));
  return database;
}

Status SqliteDatabase::Script(const std::string& script) {
  if (sqlite3_exec(connection_, script.c_str(), nullptr, nullptr, nullptr) == SQLITE_OK) return {};
  return LastError(connection_, path_);
}

Status SqliteDatabase::KeepLogFiles() {
  int keep = 1;
  if (sqlite3_file_control(connection_, "main", SQLITE_FCNTL_PERSIST_WAL, &keep) == SQLITE_OK) {
    return {};
  }
  return LastError(connection_, path_);
}

Result<PreparedStatement*> SqliteDatabase::Prepare(Sql sql) {
  PreparedStatement& prepared = prepared_[sql.text];
  if (prepared.handle == nullptr &&
      sqlite3_prepare_v3(connection_, sql.text, -1, SQLITE_PREPARE_PERSISTENT, &prepared.handle,
                         nullptr) != SQLITE_OK) {
    return LastError(connection_, path_);
  }
  return &prepared;
}

std::int64_t SqliteDatabase::Changes() const { return sqlite3_changes64(connection_); }

std::int64_t SqliteDatabase::LastId() const { return sqlite3_last_insert_rowid(connection_); }

bool SqliteDatabase::InTransaction() const { return sqlite3_get_autocommit(connection_) == 0; }

std::vector<std::string> SqliteDatabase::Prepared() const {
  std::vector<std::string> texts;
  for (const auto& [text, prepared] : prepared_) texts.emplace_back(text);
  return texts;
}

}  // namespace portolan::store
