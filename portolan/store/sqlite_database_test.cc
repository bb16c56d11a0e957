#include "portolan/store/sqlite_database.h"

#include <cerrno>
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

// A file system whose syncs find the disk full, for the connections that are opened meanwhile.
class FullAtSync {
 public:
  FullAtSync() {
    vfs_ = *sqlite3_vfs_find(nullptr);
    original_ = &vfs_;
    failing_ = vfs_;
    failing_.zName = "full at sync";
    failing_.xOpen = [](sqlite3_vfs*, const char* name, sqlite3_file* file, int flags, int* out) {
      const int code = original_->xOpen(original_, name, file, flags, out);
      if (code != SQLITE_OK || (flags & SQLITE_OPEN_WAL) == 0) return code;
      static sqlite3_io_methods methods;
      methods = *file->pMethods;
      methods.xSync = [](sqlite3_file*, int) {
        errno = ENOSPC;
        return SQLITE_IOERR_FSYNC;
      };
      file->pMethods = &methods;
      return code;
    };
    sqlite3_vfs_register(&failing_, 1);
  }
  FullAtSync(const FullAtSync&) = delete;
  FullAtSync& operator=(const FullAtSync&) = delete;
  ~FullAtSync() { sqlite3_vfs_unregister(&failing_); }

 private:
  static inline sqlite3_vfs* original_ = nullptr;
  sqlite3_vfs vfs_{};
  sqlite3_vfs failing_{};
};

// Whoever is told that the disk is full takes back what belongs to the row.
TEST(SqliteDatabase, ASyncThatFindsTheDiskFullSaysNothingOfTheCommit) {
  const TemporaryFolder folder;
  const FullAtSync full;
  const auto database = SqliteDatabase::Open(folder.Under("x.db"), {.writable = true}).value();
  const Status failed =
      database->Script("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; CREATE TABLE t (a)");
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().code, ErrorCode::kIo) << failed.error().message;
}

}  // namespace
}  // namespace portolan::store
