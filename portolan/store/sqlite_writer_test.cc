#include "portolan/store/sqlite_writer.h"

#include <atomic>
#include <optional>
#include <semaphore>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "portolan/store/testing/temporary_folder.h"

namespace portolan::store {
namespace {

class SqliteWriterTest : public testing::Test {
 protected:
  SqliteWriterTest() {
    auto database = Open(true);
    EXPECT_TRUE(
        database->Script("PRAGMA journal_mode = WAL; PRAGMA foreign_keys = ON;"
                         "CREATE TABLE t (a INTEGER PRIMARY KEY, b);"
                         "CREATE TABLE child (a REFERENCES t (a) DEFERRABLE INITIALLY"
                         " DEFERRED)"));
    reader_ = Open(false);
    writer_.emplace(std::move(database), SqliteBatchLimits{.operations = 4, .bytes = 1000});
  }

  std::unique_ptr<SqliteDatabase> Open(bool writable) {
    return SqliteDatabase::Open(folder_.Under("x.db"),
                                {.writable = writable, .cache_bytes = 1U << 20U})
        .value();
  }
  std::int64_t Count() { return reader_->Find("SELECT count(*) FROM t").value().value(); }

  static SqliteWriter::Operation Insert(int number) {
    return [number](SqliteDatabase& database) -> Status {
      PORTOLAN_CHECK(database.Run("INSERT INTO t (a) VALUES (?1)", number));
      return {};
    };
  }

  // Holds the writer in an operation while `hand_over` hands over more from other threads, each of
  // which must be queued before the next: so they make batches of known content.
  struct Handed {
    std::size_t bytes = 0;
    SqliteWriter::Operation operation;
  };
  std::vector<Status> RunTogether(const std::vector<Handed>& operations) {
    std::binary_semaphore entered(0);
    std::binary_semaphore leave(0);
    std::jthread holder([&] {
      EXPECT_TRUE(writer_->Run(0, [&](SqliteDatabase&) -> Status {
        entered.release();
        leave.acquire();
        return {};
      }));
    });
    entered.acquire();
    std::vector<Status> results(operations.size());
    std::vector<std::jthread> threads;
    for (std::size_t i = 0; i < operations.size(); ++i) {
      threads.emplace_back(
          [&, i] { results[i] = writer_->Run(operations[i].bytes, operations[i].operation); });
      while (writer_->QueuedForTest() <= i) std::this_thread::yield();
    }
    leave.release();
    threads.clear();
    return results;
  }

  TemporaryFolder folder_;
  std::unique_ptr<SqliteDatabase> reader_;
  std::optional<SqliteWriter> writer_;
};

TEST_F(SqliteWriterTest, ReturnsWhenItIsCommitted) {
  ASSERT_TRUE(writer_->Run(0, Insert(1)));
  EXPECT_EQ(Count(), 1);
}

TEST_F(SqliteWriterTest, AFailedOperationLeavesNothing) {
  const Status failed = writer_->Run(0, [](SqliteDatabase& database) -> Status {
    PORTOLAN_CHECK(database.Run("INSERT INTO t (a) VALUES (1)"));
    return Fail(ErrorCode::kDenied, "no");
  });
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().code, ErrorCode::kDenied);
  EXPECT_EQ(Count(), 0);
}

TEST_F(SqliteWriterTest, AFailureInABatchIsItsOwn) {
  const auto results = RunTogether({{0, Insert(1)}, {0, Insert(1)}, {0, Insert(2)}});
  EXPECT_TRUE(results[0]);
  ASSERT_FALSE(results[1]);
  EXPECT_EQ(results[1].error().code, ErrorCode::kInternal);  // a broken constraint
  EXPECT_TRUE(results[2]);
  EXPECT_EQ(Count(), 2);
}

TEST_F(SqliteWriterTest, WhatWaitsIsCommittedTogetherUpToTheLimits) {
  // The number of rows that another connection sees tells how much of the batch is committed.
  std::vector<std::int64_t> committed;
  const auto look = [&](int number) {
    return [&, number](SqliteDatabase& database) -> Status {
      committed.push_back(Count());
      return Insert(number)(database);
    };
  };
  RunTogether({{0, look(1)}, {0, look(2)}, {0, look(3)}, {0, look(4)}, {0, look(5)}, {0, look(6)}});
  EXPECT_EQ(committed, (std::vector<std::int64_t>{0, 0, 0, 0, 4, 4}));
  committed.clear();
  RunTogether({{600, look(7)}, {400, look(8)}, {1, look(9)}, {5000, look(10)}});
  EXPECT_EQ(committed, (std::vector<std::int64_t>{6, 6, 8, 9}));
}

TEST_F(SqliteWriterTest, ACommitThatFailsFailsAllOfItsOperations) {
  const SqliteWriter::Operation orphan = [](SqliteDatabase& database) -> Status {
    PORTOLAN_CHECK(database.Run("INSERT INTO child (a) VALUES (99)"));
    return {};
  };
  const SqliteWriter::Operation denied = [](SqliteDatabase&) -> Status {
    return Fail(ErrorCode::kDenied, "no");
  };
  const auto results = RunTogether({{0, Insert(1)}, {0, orphan}, {0, denied}});
  ASSERT_FALSE(results[0]);
  EXPECT_EQ(results[0].error().code, ErrorCode::kInternal);
  EXPECT_NE(results[0].error().message.find("FOREIGN KEY"), std::string::npos);
  EXPECT_FALSE(results[1]);
  EXPECT_EQ(results[2].error().code, ErrorCode::kDenied);
  EXPECT_EQ(Count(), 0);
  EXPECT_TRUE(writer_->Run(0, Insert(1)));  // and goes on
  EXPECT_EQ(Count(), 1);
}

TEST_F(SqliteWriterTest, ATransactionThatIsTakenBackFailsWhatWasInIt) {
  const SqliteWriter::Operation undo = [](SqliteDatabase& database) -> Status {
    (void)database.Run("ROLLBACK");  // as SQLite does by itself on some errors
    return Fail(ErrorCode::kInsufficientStorage, "full");
  };
  const auto results = RunTogether({{0, Insert(1)}, {0, undo}, {0, Insert(2)}});
  ASSERT_FALSE(results[0]);
  EXPECT_EQ(results[0].error().code, ErrorCode::kInsufficientStorage);
  EXPECT_FALSE(results[1]);
  EXPECT_TRUE(results[2]);
  EXPECT_EQ(reader_->Find("SELECT a FROM t").value(), 2);
  EXPECT_EQ(Count(), 1);
}

TEST_F(SqliteWriterTest, NobodyIsToldOfAnothersRefusal) {
  const auto refuse = [](const char* first) -> SqliteWriter::Operation {
    return [first](SqliteDatabase& database) -> Status {
      (void)database.Script(first);
      return Fail(ErrorCode::kDenied, "no");
    };
  };
  // One that cannot be taken back alone, and one that has ended everything.
  for (const char* const first : {"RELEASE operation", "ROLLBACK"}) {
    SCOPED_TRACE(first);
    const auto results = RunTogether({{0, Insert(1)}, {0, refuse(first)}, {0, Insert(2)}});
    ASSERT_FALSE(results[0]);
    EXPECT_EQ(results[0].error().code, ErrorCode::kInternal);
    EXPECT_EQ(results[1].error().code, ErrorCode::kDenied);
    EXPECT_TRUE(results[2]);
    EXPECT_EQ(Count(), 1);
    ASSERT_TRUE(writer_->Run(0, [](SqliteDatabase& database) -> Status {
      PORTOLAN_CHECK(database.Run("DELETE FROM t"));
      return {};
    }));
  }
}

TEST_F(SqliteWriterTest, AFullDiskFailsWhoeverNeedsMore) {
  ASSERT_TRUE(writer_->Run(0, [](SqliteDatabase& database) -> Status {
    return database.Script("PRAGMA max_page_count = 8");
  }));
  const std::string content(100'000, 'x');
  const SqliteWriter::Operation big = [&](SqliteDatabase& database) -> Status {
    PORTOLAN_CHECK(database.Run("INSERT INTO t (b) VALUES (?1)", content));
    return {};
  };
  const auto results = RunTogether({{0, Insert(1)}, {0, big}, {0, Insert(2)}});
  ASSERT_FALSE(results[1]);
  EXPECT_EQ(results[1].error().code, ErrorCode::kInsufficientStorage);
  // Whoever was told of success is there.
  EXPECT_EQ(Count(),
            static_cast<int>(results[0].has_value()) + static_cast<int>(results[2].has_value()));
  EXPECT_TRUE(results[2]);
}

TEST_F(SqliteWriterTest, EndsAfterWhatWasHandedOver) {
  std::vector<std::jthread> threads;
  std::atomic<int> done = 0;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back(
        [&, i] { done += static_cast<int>(writer_->Run(0, Insert(i)).has_value()); });
  }
  while (Count() == 0) std::this_thread::yield();
  threads.clear();
  writer_.reset();
  EXPECT_EQ(done, 8);
  EXPECT_EQ(Count(), 8);
}

}  // namespace
}  // namespace portolan::store
