#include "portolan/store/sqlite_schema.h"

#include <array>
#include <string>

#include <gtest/gtest.h>

#include "portolan/store/testing/temporary_folder.h"

namespace portolan::store {
namespace {

class SqliteSchemaTest : public testing::Test {
 protected:
  std::unique_ptr<SqliteDatabase> Open(bool writable = true) {
    return SqliteDatabase::Open(folder_.Under("x.db"),
                                {.writable = writable, .cache_bytes = 1U << 20U})
        .value();
  }
  std::int64_t Version() { return Open()->Find("PRAGMA user_version").value().value(); }

  TemporaryFolder folder_;
};

constexpr std::array<Migration, 1> kOne{"CREATE TABLE one (a)"};
constexpr std::array<Migration, 2> kTwo{kOne[0],
                                        "ALTER TABLE one ADD COLUMN b; CREATE TABLE two"
                                        " (c)"};
constexpr std::array<Migration, 2> kBroken{kOne[0], "CREATE TABLE two (c); CREATE TABLE two (c)"};

TEST_F(SqliteSchemaTest, AnEmptyFileGetsAllTables) {
  const auto database = Open();
  ASSERT_TRUE(PrepareSchema(*database, Migrations()));
  EXPECT_EQ(database
                ->Find("SELECT count(*) FROM sqlite_schema WHERE type = 'table'"
                       " AND name NOT LIKE 'sqlite_%'")
                .value(),
            13);
  EXPECT_EQ(database->Find("PRAGMA application_id").value(), kApplicationId);
  EXPECT_EQ(Version(), static_cast<std::int64_t>(Migrations().size()));
  EXPECT_TRUE(folder_.Read("x.db").starts_with("SQLite format 3"));
  auto mode = database->Query("PRAGMA journal_mode");
  ASSERT_TRUE(mode && mode->Step().value());
  EXPECT_EQ(mode->Text(0), "wal");
}

TEST_F(SqliteSchemaTest, AnOlderFileIsBroughtUpToDate) {
  ASSERT_TRUE(PrepareSchema(*Open(), kOne));
  ASSERT_TRUE(Open()->Run("INSERT INTO one VALUES (7)"));
  EXPECT_EQ(CheckSchema(*Open(false), kTwo).error().code, ErrorCode::kConfigInvalid);
  ASSERT_TRUE(PrepareSchema(*Open(), kTwo));
  EXPECT_EQ(Version(), 2);
  EXPECT_EQ(Open()->Find("SELECT a FROM one WHERE b IS NULL").value(), 7);
  EXPECT_TRUE(CheckSchema(*Open(false), kTwo));
  ASSERT_TRUE(PrepareSchema(*Open(), kTwo));  // nothing is left to do
}

TEST_F(SqliteSchemaTest, TheFirstVersionsRowsAreKeptAndCounted) {
  ASSERT_TRUE(PrepareSchema(*Open(), Migrations().first(1)));
  ASSERT_TRUE(Open()->Script(
      "INSERT INTO repository VALUES (7, 'a', 2);"
      "INSERT INTO blob VALUES (3, x'01', 50, 'key', NULL), (4, x'02', 0, NULL, NULL);"
      "INSERT INTO manifest VALUES (5, 7, x'03', 't', 1, NULL, '', NULL, 1, 1, NULL);"
      "INSERT INTO manifest_blob VALUES (3, 7, 5, 1);"
      "INSERT INTO tag VALUES (7, 'x', 5), (7, 'y', 5)"));
  ASSERT_TRUE(PrepareSchema(*Open(), Migrations()));
  EXPECT_EQ(Open()
                ->Find("SELECT 1 FROM total WHERE (repositories, manifests, tags, blobs,"
                       " blob_bytes, uploads) = (1, 2, 2, 1, 50, 0)")
                .value(),
            1);
  EXPECT_EQ(Open()->Find("SELECT manifest_id FROM manifest_blob WHERE blob_id = 3").value(), 5);
}

TEST_F(SqliteSchemaTest, TagsOfBeforeGetTheirPlaces) {
  ASSERT_TRUE(PrepareSchema(*Open(), Migrations().first(3)));
  ASSERT_TRUE(Open()->Script(
      "INSERT INTO repository VALUES (7, 'a', 1);"
      "INSERT INTO manifest VALUES (5, 7, x'03', 't', 1, NULL, '', NULL, 1, 1, NULL);"
      "INSERT INTO tag VALUES (7, 'x', 5), (7, 'y', 5), (7, 'p', 5), (7, 'q', 5);"
      "INSERT INTO tag_event VALUES (10, 7, 'x', NULL, x'03', '', 1), (11, 7, 'y', NULL, x'03', '',"
      " 1), (12, 7, 'x', x'04', x'03', '', 1)"));
  ASSERT_TRUE(PrepareSchema(*Open(), Migrations()));
  // History tells of x and y; p and q are older than what it remembers.
  const auto database = Open();
  auto rows = database->Query("SELECT name FROM tag ORDER BY repository_id, place");
  std::string order;
  while (rows && rows->Step().value()) order += rows->Text(0);
  EXPECT_EQ(order, "pqyx");
  EXPECT_EQ(database->Find("SELECT count(DISTINCT place) FROM tag").value(), 4);
  EXPECT_EQ(database->Find("SELECT place FROM tag WHERE name = 'x'").value(), 12);
}

TEST_F(SqliteSchemaTest, AMigrationThatFailsLeavesTheOldVersion) {
  ASSERT_TRUE(PrepareSchema(*Open(), kOne));
  EXPECT_FALSE(PrepareSchema(*Open(), kBroken));
  EXPECT_EQ(Version(), 1);
  EXPECT_FALSE(Open()->Find("SELECT count(*) FROM two"));
}

TEST_F(SqliteSchemaTest, ANewerFileIsRefused) {
  ASSERT_TRUE(PrepareSchema(*Open(), kTwo));
  for (const Status& refused : {PrepareSchema(*Open(), kOne), CheckSchema(*Open(false), kOne)}) {
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ErrorCode::kConfigInvalid);
    EXPECT_EQ(refused.error().message,
              "database " + folder_.Under("x.db") +
                  " has version 2, and this program knows versions up to 1");
  }
  EXPECT_EQ(Version(), 2);
}

TEST_F(SqliteSchemaTest, AnotherProgramsFileIsRefusedAndNotTouched) {
  ASSERT_TRUE(Open()->Script("CREATE TABLE theirs (a)"));
  const std::string before = folder_.Read("x.db");
  for (const Status& refused :
       {PrepareSchema(*Open(), Migrations()), CheckSchema(*Open(false), Migrations())}) {
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ErrorCode::kConfigInvalid);
  }
  EXPECT_EQ(folder_.Read("x.db"), before);
}

}  // namespace
}  // namespace portolan::store
