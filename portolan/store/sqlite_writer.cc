#include "portolan/store/sqlite_writer.h"

#include <utility>

namespace portolan::store {
namespace {

// Whether the failure is the storage's, and not one of what was asked for.
bool IsOurs(ErrorCode code) {
  return code == ErrorCode::kIo || code == ErrorCode::kInsufficientStorage ||
         code == ErrorCode::kInternal;
}

}  // namespace

struct SqliteWriter::Pending {
  const Operation* operation = nullptr;
  std::size_t bytes = 0;
  Status result;
  std::mutex mutex;
  std::condition_variable changed;
  bool done = false;

  // Notifies under the lock: the one who waits owns this, and may be gone right after it.
  void Finish() {
    const std::lock_guard lock(mutex);
    done = true;
    changed.notify_one();
  }
  void Wait() {
    std::unique_lock lock(mutex);
    changed.wait(lock, [this] { return done; });
  }
};

SqliteWriter::SqliteWriter(std::unique_ptr<SqliteDatabase> database,
                           const SqliteBatchLimits& limits)
    : database_(std::move(database)), limits_(limits), thread_([this] { Loop(); }) {}

SqliteWriter::~SqliteWriter() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    arrived_.notify_one();
  }
  thread_.join();
}

Status SqliteWriter::Run(std::size_t bytes, const Operation& operation) {
  Pending pending;
  pending.operation = &operation;
  pending.bytes = bytes;
  {
    const std::lock_guard lock(mutex_);
    queue_.push_back(&pending);
    if (queue_.size() == 1) arrived_.notify_one();
  }
  pending.Wait();
  return std::move(pending.result);
}

std::vector<std::string> SqliteWriter::PreparedForTest() {
  std::vector<std::string> prepared;
  (void)Run(0, [&](SqliteDatabase& database) -> Status {
    prepared = database.Prepared();
    return {};
  });
  return prepared;
}

std::size_t SqliteWriter::QueuedForTest() {
  const std::lock_guard lock(mutex_);
  return queue_.size();
}

void SqliteWriter::Loop() {
  for (std::vector<Pending*> batch = NextBatch(); !batch.empty(); batch = NextBatch()) {
    Commit(batch);
    for (Pending* const pending : batch) pending->Finish();
  }
}

// Waits for operations; empty when there will be none.
std::vector<SqliteWriter::Pending*> SqliteWriter::NextBatch() {
  std::unique_lock lock(mutex_);
  arrived_.wait(lock, [this] { return stopping_ || !queue_.empty(); });
  std::vector<Pending*> batch;
  std::size_t bytes = 0;
  while (!queue_.empty() && batch.size() < limits_.operations) {
    bytes += queue_.front()->bytes;
    if (!batch.empty() && bytes > limits_.bytes) break;
    batch.push_back(queue_.front());
    queue_.pop_front();
  }
  return batch;
}

void SqliteWriter::Commit(std::span<Pending* const> batch) {
  // An Error of the transaction is that of all who had succeeded in it.
  const auto fail = [](std::span<Pending* const> part, const Error& error) {
    for (Pending* const pending : part) {
      if (pending->result) pending->result = error;
    }
  };
  if (const auto begun = database_->Run("BEGIN IMMEDIATE"); !begun) {
    return fail(batch, begun.error());
  }
  for (std::size_t i = 0; i < batch.size(); ++i) {
    Error ended;
    batch[i]->result = RunOne(*batch[i]->operation, ended);
    if (database_->InTransaction()) continue;
    fail(batch.first(i + 1), ended);
    if (i + 1 < batch.size()) Commit(batch.subspan(i + 1));
    return;
  }
  if (const auto committed = database_->Run("COMMIT"); !committed) {
    if (database_->InTransaction()) (void)database_->Run("ROLLBACK");
    fail(batch, committed.error());
  }
}

Status SqliteWriter::RunOne(const Operation& operation, Error& ended) {
  if (const auto begun = database_->Run("SAVEPOINT operation"); !begun) {
    ended = begun.error();  // if SQLite has taken the transaction back
    return begun.error();
  }
  Status result = operation(*database_);
  if (!database_->InTransaction()) {
    // SQLite took it back (the disk is full or broken), which the operation has been told. What it
    // says to its own caller for other reasons is nobody else's business.
    ended = !result && IsOurs(result.error().code)
                ? result.error()
                : Fail(ErrorCode::kInternal, "the transaction has ended");
    return result;
  }
  const auto settled =
      result ? database_->Run("RELEASE operation") : database_->Run("ROLLBACK TO operation");
  if (!settled) {
    // It cannot be settled alone: nothing of this transaction may stay.
    ended = settled.error();
    if (database_->InTransaction()) (void)database_->Run("ROLLBACK");
    return result ? settled.error() : result;
  }
  if (result) return result;
  if (const auto released = database_->Run("RELEASE operation"); !released) {
    ended = released.error();
    if (database_->InTransaction()) (void)database_->Run("ROLLBACK");
  }
  return result;
}

}  // namespace portolan::store
