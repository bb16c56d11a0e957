// Connections for reading, one for each thread that reads.
#pragma once

#include <atomic>
#include <cstddef>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "portolan/base/result.h"
#include "portolan/store/sqlite_database.h"

namespace portolan::store {

/// Keeps up to `kept` connections. A call takes one and gives it back: the same one for the same
/// thread as long as no other thread holds it, so that its statements and pages are at hand. When
/// all are taken, a connection is made for the one call: nobody waits, and a call inside another
/// one's callback is safe. Thread-safe; must outlive every Reader.
class SqliteReaders {
 public:
  /// A connection, for as long as this lives.
  class Reader {
   public:
    Reader(SqliteDatabase& database, std::atomic<bool>& busy)
        : database_(&database), busy_(&busy) {}
    explicit Reader(std::unique_ptr<SqliteDatabase> own)
        : own_(std::move(own)), database_(own_.get()) {}
    Reader(Reader&& other) noexcept
        : own_(std::move(other.own_)),
          database_(other.database_),
          busy_(std::exchange(other.busy_, nullptr)) {}
    Reader& operator=(Reader&&) = delete;
    ~Reader() {
      if (busy_ != nullptr) busy_->store(false, std::memory_order_release);
    }
    SqliteDatabase& operator*() const { return *database_; }

   private:
    std::unique_ptr<SqliteDatabase> own_;
    SqliteDatabase* database_;
    std::atomic<bool>* busy_ = nullptr;
  };

  SqliteReaders(std::string path, const SqliteConnection& connection, std::size_t kept);

  /// kIo where a new connection cannot be opened.
  Result<Reader> Take();

  /// Texts of the statements prepared so far. No other thread may read meanwhile.
  std::vector<std::string> PreparedForTest() const;

 private:
  struct alignas(64) Place {  // a cache line each: threads do not disturb each other
    std::atomic<bool> busy = false;
    std::unique_ptr<SqliteDatabase> database;  // of whoever has set `busy`
  };

  const std::string path_;
  const SqliteConnection connection_;
  std::vector<Place> places_;
};

}  // namespace portolan::store
