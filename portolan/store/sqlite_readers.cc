#include "portolan/store/sqlite_readers.h"

namespace portolan::store {
namespace {

// Numbers the threads of the process, so that each has a place of its own as long as there are
// enough.
std::size_t NumberOfThread() {
  static std::atomic<std::size_t> next = 0;
  thread_local const std::size_t number = next.fetch_add(1, std::memory_order_relaxed);
  return number;
}

}  // namespace

SqliteReaders::SqliteReaders(std::string path, const SqliteConnection& connection, std::size_t kept)
    : path_(std::move(path)), connection_(connection), places_(kept) {}

Result<SqliteReaders::Reader> SqliteReaders::Take() {
  const std::size_t home = NumberOfThread();
  for (std::size_t i = 0; i < places_.size(); ++i) {
    Place& place = places_[(home + i) % places_.size()];
    if (place.busy.exchange(true, std::memory_order_acquire)) continue;
    if (!place.database) {
      auto opened = SqliteDatabase::Open(path_, connection_);
      if (!opened) {
        place.busy.store(false, std::memory_order_release);
        return std::move(opened).error();
      }
      place.database = *std::move(opened);
    }
    return Reader(*place.database, place.busy);
  }
  PORTOLAN_TRY(auto extra, SqliteDatabase::Open(path_, connection_));
  return Reader(std::move(extra));
}

std::vector<std::string> SqliteReaders::PreparedForTest() const {
  std::vector<std::string> prepared;
  for (const Place& place : places_) {
    if (!place.database) continue;
    for (std::string& text : place.database->Prepared()) prepared.push_back(std::move(text));
  }
  return prepared;
}

}  // namespace portolan::store
