#include "portolan/store/sqlite_database.h"

#include <cerrno>
#include <cstdint>
#include <optional>
#include <string>

#include <gtest/gtest.h>
#include <sqlite3.h>

#include "portolan/store/testing/temporary_folder.h"

namespace portolan::store {
namespace {

class SqliteDatabaseTest : public testing::Test {
 protected:
  std::unique_ptr<SqliteDatabase> Open() {
    return SqliteDatabase::Open(folder_.Under("x.db"), {.writable = true, .cache_bytes = 1U << 20U})
        .value();
  }

  TemporaryFolder folder_;
};

TEST_F(SqliteDatabaseTest, ValuesOfEveryTypeThereAndBack) {
  const auto database = Open();
  ASSERT_TRUE(database->Script("CREATE TABLE t (a, b, c, d, e)"));
  const std::string bytes("\0\xFF", 2);
  ASSERT_EQ(database
                ->Run("INSERT INTO t VALUES (?1, ?2, ?3, ?4, ?5)", std::uint64_t{1} << 40U, "text",
                      Bytes{bytes}, std::nullopt, std::optional(std::string()))
                .value(),
            1);
  auto row = database->Query("SELECT a, b, c, d, e, typeof(b), typeof(c) FROM t");
  ASSERT_TRUE(row);
  ASSERT_TRUE(row->Step().value());
  EXPECT_EQ(row->Int(0), std::int64_t{1} << 40U);
  EXPECT_EQ(row->Text(1), "text");
  EXPECT_EQ(row->Blob(2), bytes);
  EXPECT_TRUE(row->IsNull(3));
  EXPECT_EQ(row->Text(3), "");
  EXPECT_FALSE(row->IsNull(4));
  EXPECT_EQ(row->Text(5), "text");
  EXPECT_EQ(row->Text(6), "blob");
  EXPECT_FALSE(row->Step().value());
}

TEST_F(SqliteDatabaseTest, FindGivesTheFirstNumber) {
  const auto database = Open();
  EXPECT_EQ(database->Find("SELECT 7").value(), 7);
  EXPECT_EQ(database->Find("SELECT NULL").value(), std::nullopt);
  EXPECT_EQ(database->Find("SELECT 7 WHERE 0").value(), std::nullopt);
}

TEST_F(SqliteDatabaseTest, AStatementIsPreparedOnce) {
  const auto database = Open();
  for (int i = 0; i < 3; ++i) EXPECT_EQ(database->Find("SELECT ?1", i).value(), i);
  EXPECT_EQ(database->Prepared(), std::vector<std::string>{"SELECT ?1"});
}

TEST_F(SqliteDatabaseTest, WrongNumberOfParametersIsADefect) {
  const auto database = Open();
  const auto found = database->Find("SELECT ?1 + ?2", 1);
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().code, ErrorCode::kInternal);
  EXPECT_FALSE(database->Find("SELECT 1", 1));
}

TEST_F(SqliteDatabaseTest, ErrorsNameTheFile) {
  const auto database = Open();
  const auto wrong = database->Find("SELECT a FROM nowhere");
  ASSERT_FALSE(wrong);
  EXPECT_EQ(wrong.error().code, ErrorCode::kInternal);
  EXPECT_EQ(wrong.error().message,
            "database " + folder_.Under("x.db") + ": no such table: nowhere (1)");
}

TEST_F(SqliteDatabaseTest, AFullDiskIsInsufficientStorage) {
  const auto database = Open();
  ASSERT_TRUE(database->Script("CREATE TABLE t (a); PRAGMA max_page_count = 3"));
  const std::string big(100'000, 'x');
  const auto inserted = database->Run("INSERT INTO t VALUES (?1)", big);
  ASSERT_FALSE(inserted);
  EXPECT_EQ(inserted.error().code, ErrorCode::kInsufficientStorage);
}

TEST_F(SqliteDatabaseTest, AFileThatIsNoDatabaseIsDamaged) {
  folder_.Write("x.db", std::string(8192, 'x'));
  const auto database =
      SqliteDatabase::Open(folder_.Under("x.db"), {.writable = true, .cache_bytes = 1U << 20U});
  const auto found = database ? (*database)->Find("SELECT 1 FROM sqlite_schema") : database.error();
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().code, ErrorCode::kInternal);
}

TEST_F(SqliteDatabaseTest, WhatCannotBeOpenedIsIo) {
  for (const bool writable : {false, true}) {
    const auto opened =
        SqliteDatabase::Open(folder_.Under("no/such/folder.db"), {.writable = writable});
    ASSERT_FALSE(opened);
    EXPECT_EQ(opened.error().code, ErrorCode::kIo);
  }
  EXPECT_FALSE(SqliteDatabase::Open(folder_.Under("none.db"), {.writable = false}));
}

TEST_F(SqliteDatabaseTest, AReadersConnectionDoesNotWrite) {
  ASSERT_TRUE(Open()->Script("CREATE TABLE t (a)"));
  const auto reader = SqliteDatabase::Open(folder_.Under("x.db"), {.writable = false});
  ASSERT_TRUE(reader);
  const auto written = (*reader)->Run("INSERT INTO t VALUES (1)");
  ASSERT_FALSE(written);
  EXPECT_EQ(written.error().code, ErrorCode::kIo);
}

// A file system whose log fails for want of room, for connections that are opened meanwhile.
class FullLog {
 public:
  enum class At : std::uint8_t { kNever, kRead, kSync };

  FullLog() {
    original_ = *sqlite3_vfs_find(nullptr);
    full_ = original_;
    full_.zName = "full log";
    full_.xOpen = [](sqlite3_vfs*, const char* name, sqlite3_file* file, int flags, int* out) {
      const int code = original_.xOpen(&original_, name, file, flags, out);
      if (code != SQLITE_OK || (flags & SQLITE_OPEN_WAL) == 0) return code;
      methods_ = *file->pMethods;
      full_methods_ = methods_;
      full_methods_.xRead = [](sqlite3_file* log, void* to, int size, sqlite3_int64 offset) {
        if (at != At::kRead) return methods_.xRead(log, to, size, offset);
        errno = ENOSPC;
        return SQLITE_IOERR_READ;
      };
      full_methods_.xSync = [](sqlite3_file* log, int how) {
        return at == At::kSync ? SQLITE_IOERR_FSYNC : methods_.xSync(log, how);
      };
      file->pMethods = &full_methods_;
      return code;
    };
    sqlite3_vfs_register(&full_, 1);
  }
  FullLog(const FullLog&) = delete;
  FullLog& operator=(const FullLog&) = delete;
  ~FullLog() {
    at = At::kNever;
    sqlite3_vfs_unregister(&full_);
  }

  static inline At at = At::kNever;

 private:
  static inline sqlite3_vfs original_{};
  static inline sqlite3_vfs full_{};
  static inline sqlite3_io_methods methods_{};
  static inline sqlite3_io_methods full_methods_{};
};

// Whoever is told that the disk is full takes back what belongs to the row. SQLite keeps the
// system's errno of an earlier failure.
TEST(SqliteDatabase, ASyncThatFailsOnAFullDiskSaysNothingOfTheCommit) {
  const TemporaryFolder folder;
  const FullLog files;
  const auto database = SqliteDatabase::Open(folder.Under("x.db"), {.writable = true}).value();
  ASSERT_TRUE(
      database->Script("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; CREATE TABLE t (a);"
                       "PRAGMA cache_size = 0"));
  FullLog::at = FullLog::At::kRead;
  const auto read = database->Run("INSERT INTO t VALUES (1)");
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().code, ErrorCode::kInsufficientStorage) << read.error().message;
  FullLog::at = FullLog::At::kSync;
  const auto synced = database->Run("INSERT INTO t VALUES (1)");
  ASSERT_FALSE(synced);
  EXPECT_EQ(synced.error().code, ErrorCode::kIo) << synced.error().message;
}

}  // namespace
}  // namespace portolan::store
