#include "portolan/store/sqlite_metadata_store.h"

#include <utility>

#include <fmt/format.h>

#include "portolan/store/sqlite_schema.h"

namespace portolan::store {
namespace {

constexpr std::size_t kRowBytes = 512;  // about what an operation writes besides its content

SqliteConnection ReaderConnection(const SqliteOptions& options) {
  return {.writable = false, .cache_bytes = options.reader_cache, .mapped_bytes = options.mapped};
}

// The log keeps the space of its largest state otherwise, long after a big import. What a savepoint
// must remember stays in memory: a file for it would lie outside the storage folder, on a disk that
// may be full or not there.
constexpr const char* kWriterSettings =
    "PRAGMA synchronous = FULL;"
    "PRAGMA temp_store = MEMORY;"
    "PRAGMA foreign_keys = ON;"
    "PRAGMA journal_size_limit = 16777216";

}  // namespace

SqliteMetadataStore::SqliteMetadataStore(const std::string& path, const SqliteOptions& options)
    : path_(path), readers_(path, ReaderConnection(options), options.readers) {}

Result<std::unique_ptr<SqliteMetadataStore>> SqliteMetadataStore::Open(
    const std::string& path, const SqliteOptions& options) {
  std::unique_ptr<SqliteMetadataStore> store(new SqliteMetadataStore(path, options));
  if (options.read_only) {
    PORTOLAN_TRY(const auto reader, store->readers_.Take());
    PORTOLAN_CHECK(CheckSchema(*reader, Migrations()));
  } else {
    PORTOLAN_TRY(auto database, SqliteDatabase::Open(path, {.writable = true,
                                                            .cache_bytes = options.writer_cache,
                                                            .mapped_bytes = options.mapped}));
    PORTOLAN_CHECK(PrepareSchema(*database, Migrations()));
    PORTOLAN_CHECK(database->Script(kWriterSettings));
    PORTOLAN_CHECK(database->KeepLogFiles());
    store->writer_ = std::make_unique<SqliteWriter>(std::move(database), options.batch);
  }
  return store;
}

Status SqliteMetadataStore::Write(std::size_t content, const SqliteWriter::Operation& operation) {
  if (!writer_) {
    return Fail(ErrorCode::kUnsupported,
                fmt::format("database {} was opened for reading only", path_));
  }
  return writer_->Run(content + kRowBytes, operation);
}

Status SqliteMetadataStore::WriteRevealing(std::size_t content,
                                           const SqliteWriter::Operation& operation) {
  for (;;) {
    Status written = Write(content, operation);
    if (written || written.error().code != ErrorCode::kBusy) return written;
    for (bool more = true; more;) {
      PORTOLAN_TRY(more, RemoveHiddenTags());
    }
  }
}

std::vector<std::string> SqliteMetadataStore::PreparedForTest() {
  std::vector<std::string> prepared = readers_.PreparedForTest();
  if (writer_) {
    for (std::string& text : writer_->PreparedForTest()) prepared.push_back(std::move(text));
  }
  return prepared;
}

Result<std::unique_ptr<MetadataStore>> OpenSqliteMetadataStore(const std::string& path,
                                                               const SqliteOptions& options) {
  PORTOLAN_TRY(std::unique_ptr<MetadataStore> store, SqliteMetadataStore::Open(path, options));
  return store;
}

}  // namespace portolan::store
