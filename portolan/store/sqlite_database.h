// SQLite as the store uses it: a connection, its prepared statements, and errors as values.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "portolan/base/result.h"

struct sqlite3;
struct sqlite3_stmt;

namespace portolan::store {

/// The text of a statement: a constant of the program, so that nothing of a client's can get into
/// one, and so that its address names it in the cache.
struct Sql {
  consteval Sql(const char* constant)  // NOLINT(google-explicit-constructor)
      : text(constant) {}
  const char* text;
};

/// To be bound as a BLOB, not as a text.
struct Bytes {
  std::string_view view;
};

struct PreparedStatement {
  sqlite3_stmt* handle = nullptr;
  bool in_use = false;
};

/// One run of a prepared statement, which goes back to its connection when this ends. What is bound
/// must live until then.
class SqliteStatement {
 public:
  SqliteStatement(sqlite3* connection, const std::string& path, PreparedStatement& prepared);
  SqliteStatement(SqliteStatement&& other) noexcept;
  SqliteStatement& operator=(SqliteStatement&&) = delete;
  ~SqliteStatement();

  /// True: there is a row; false: the end. kInsufficientStorage (the disk is full), kIo (the file
  /// cannot be read, written or locked), kInternal (damage, a broken constraint).
  Result<bool> Step();

  /// What `make` (a function from a row to Result<T>) makes of each row that is left.
  template <typename Make>
  auto All(const Make& make) {
    using Made = decltype(make(*this));
    std::vector<typename Made::value_type> all;
    using AllMade = Result<decltype(all)>;
    for (;;) {
      const Result<bool> more = Step();
      if (!more) return AllMade(more.error());
      if (!*more) return AllMade(std::move(all));
      Made made = make(*this);
      if (!made) return AllMade(std::move(made).error());
      all.push_back(*std::move(made));
    }
  }

  // Columns of the row, from 0. Texts live until the next Step.
  std::int64_t Int(int column) const;
  bool IsNull(int column) const;
  std::string_view Text(int column) const;
  std::string_view Blob(int column) const;

  // Parameters, from 1. A failure shows in Step.
  template <std::integral T>
  void Bind(int index, T value) {
    BindInt(index, static_cast<std::int64_t>(value));
  }
  void Bind(int index, std::string_view text);
  void Bind(int index, Bytes bytes);
  void Bind(int index, std::nullopt_t null);
  template <typename T>
  void Bind(int index, const std::optional<T>& value) {
    if (value) return Bind(index, *value);
    Bind(index, std::nullopt);
  }
  template <typename... T>
  void BindAll(const T&... values) {
    int index = 0;
    (Bind(++index, values), ...);
    CheckCount(index);
  }

 private:
  void BindInt(int index, std::int64_t value);
  void CheckCount(int bound);
  void Remember(int code);

  sqlite3* connection_;
  const std::string* path_;
  PreparedStatement* prepared_;
  int bind_code_ = 0;
};

/// How a connection is opened.
struct SqliteConnection {
  bool writable = false;         ///< and made, where there is no file
  std::size_t cache_bytes = 0;   ///< of pages
  std::size_t mapped_bytes = 0;  ///< of the file, read without copying; 0: none
};

/// A connection to a database file. For one thread at a time. It keeps every statement that it has
/// prepared.
class SqliteDatabase {
 public:
  /// kIo where the file cannot be opened. Reads nothing of it yet.
  static Result<std::unique_ptr<SqliteDatabase>> Open(const std::string& path,
                                                      const SqliteConnection& options);
  ~SqliteDatabase();
  SqliteDatabase(const SqliteDatabase&) = delete;
  SqliteDatabase& operator=(const SqliteDatabase&) = delete;

  /// A statement with its parameters ?1, ?2, … bound. The same Sql cannot run twice at once.
  template <typename... T>
  Result<SqliteStatement> Query(Sql sql, const T&... values) {
    PORTOLAN_TRY(PreparedStatement* const prepared, Prepare(sql));
    SqliteStatement statement(connection_, path_, *prepared);
    statement.BindAll(values...);
    return statement;
  }
  /// Runs a statement to its end. Gives the number of rows that it changed.
  template <typename... T>
  Result<std::int64_t> Run(Sql sql, const T&... values) {
    {
      PORTOLAN_TRY(SqliteStatement statement, Query(sql, values...));
      for (bool more = true; more;) {
        PORTOLAN_TRY(more, statement.Step());
      }
    }
    return Changes();
  }
  /// The first column of the first row; empty without a row, or if it is NULL.
  template <typename... T>
  Result<std::optional<std::int64_t>> Find(Sql sql, const T&... values) {
    PORTOLAN_TRY(SqliteStatement statement, Query(sql, values...));
    PORTOLAN_TRY(const bool found, statement.Step());
    if (!found || statement.IsNull(0)) return std::optional<std::int64_t>();
    return std::optional<std::int64_t>(statement.Int(0));
  }
  /// Runs several statements, which are not kept. For settings and schemas.
  Status Script(const std::string& script);

  /// The log's files stay when the database is closed, the log itself empty: opening it again then
  /// needs no new files, for which a full disk may have no room.
  Status KeepLogFiles();

  /// Id of the row inserted last.
  std::int64_t LastId() const;
  bool InTransaction() const;
  const std::string& path() const { return path_; }
  /// Texts of all statements that this connection has prepared.
  std::vector<std::string> Prepared() const;

 private:
  SqliteDatabase(sqlite3* connection, std::string path);
  Result<PreparedStatement*> Prepare(Sql sql);
  std::int64_t Changes() const;

  sqlite3* connection_;
  std::string path_;
  std::unordered_map<const char*, PreparedStatement> prepared_;
};

}  // namespace portolan::store
