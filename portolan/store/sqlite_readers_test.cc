#include "portolan/store/sqlite_readers.h"

#include <optional>
#include <set>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "portolan/store/testing/temporary_folder.h"

namespace portolan::store {
namespace {

class SqliteReadersTest : public testing::Test {
 protected:
  SqliteReadersTest() {
    const auto writer =
        SqliteDatabase::Open(folder_.Under("x.db"), {.writable = true, .cache_bytes = 1U << 20U});
    EXPECT_TRUE((*writer)->Script("CREATE TABLE t (a); INSERT INTO t VALUES (7)"));
  }

  TemporaryFolder folder_;
};

TEST_F(SqliteReadersTest, AThreadGetsTheSameConnectionAgain) {
  SqliteReaders readers(folder_.Under("x.db"), {}, 4);
  const SqliteDatabase* const first = &**readers.Take();
  for (int i = 0; i < 3; ++i) EXPECT_EQ(&**readers.Take(), first);
  const auto held = readers.Take();
  std::jthread([&] { EXPECT_NE(&**readers.Take(), first); }).join();
}

TEST_F(SqliteReadersTest, NobodyWaitsWhenAllAreTaken) {
  SqliteReaders readers(folder_.Under("x.db"), {}, 2);
  std::vector<SqliteReaders::Reader> held;
  std::set<const SqliteDatabase*> different;
  for (int i = 0; i < 5; ++i) {
    held.push_back(readers.Take().value());
    different.insert(&*held.back());
    EXPECT_EQ((*held.back()).Find("SELECT a FROM t").value(), 7);
  }
  EXPECT_EQ(different.size(), 5U);
  held.clear();
  EXPECT_EQ(readers.PreparedForTest().size(), 2U);  // two were kept
}

TEST_F(SqliteReadersTest, NoneKept) {
  SqliteReaders readers(folder_.Under("x.db"), {}, 0);
  EXPECT_EQ((**readers.Take()).Find("SELECT a FROM t").value(), 7);
}

TEST_F(SqliteReadersTest, AFileThatCannotBeOpenedIsTriedAgain) {
  SqliteReaders readers(folder_.Under("later.db"), {}, 1);
  for (int i = 0; i < 2; ++i) {
    const auto none = readers.Take();
    ASSERT_FALSE(none);
    EXPECT_EQ(none.error().code, ErrorCode::kIo);
  }
  ASSERT_TRUE(SqliteDatabase::Open(folder_.Under("later.db"), {.writable = true})
                  .value()
                  ->Script("CREATE TABLE t (a)"));
  EXPECT_TRUE(readers.Take());
}

}  // namespace
}  // namespace portolan::store
