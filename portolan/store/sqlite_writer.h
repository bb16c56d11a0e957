// The one thread that writes: many operations in one durable commit.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <span>
#include <thread>
#include <vector>

#include "portolan/base/result.h"
#include "portolan/store/sqlite_database.h"

namespace portolan::store {

struct SqliteBatchLimits {
  std::size_t operations = 256;
  std::size_t bytes = 4U << 20U;  ///< of content; an operation above it has a commit for itself
};

/// Runs operations on a connection of its own, in the order in which they came. What waits while a
/// commit is under way goes into the next one together (group commit), each in a savepoint: an
/// operation that fails takes nothing back but its own. Thread-safe.
class SqliteWriter {
 public:
  /// Runs on the writer's thread, inside a transaction; an Error takes back what it did.
  using Operation = std::function<Status(SqliteDatabase& database)>;

  SqliteWriter(std::unique_ptr<SqliteDatabase> database, const SqliteBatchLimits& limits);
  /// Finishes what was handed over.
  ~SqliteWriter();
  SqliteWriter(const SqliteWriter&) = delete;
  SqliteWriter& operator=(const SqliteWriter&) = delete;

  /// Returns when the operation survives a power failure, or with its Error. If the commit itself
  /// fails, every operation of it fails with the commit's Error; what `operation` wrote outside the
  /// database is not to be used then. `bytes`: about what it writes.
  Status Run(std::size_t bytes, const Operation& operation);

  /// Texts of the statements prepared so far.
  std::vector<std::string> PreparedForTest();
  /// Operations that wait for the next commit.
  std::size_t QueuedForTest();

 private:
  struct Pending;

  void Loop();
  std::vector<Pending*> NextBatch();
  void Commit(std::span<Pending* const> batch);
  /// `ended`: why the transaction has ended, if it has; that is the Error of all others in it.
  Status RunOne(const Operation& operation, Error& ended);

  const std::unique_ptr<SqliteDatabase> database_;  // of the thread alone
  const SqliteBatchLimits limits_;
  std::mutex mutex_;  // protects what follows
  std::condition_variable arrived_;
  std::deque<Pending*> queue_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace portolan::store
