#include "portolan/store/sqlite_metadata_store.h"

#include <filesystem>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "portolan/store/sqlite_database.h"
#include "portolan/store/testing/metadata_store_suite.h"

namespace portolan::store {
namespace {

INSTANTIATE_TEST_SUITE_P(Sqlite, MetadataStoreSuite, testing::Values([](const std::string& folder) {
                           return OpenSqliteMetadataStore(folder + "/metadata.db", {});
                         }));

class SqliteMetadataStoreTest : public testing::Test {
 protected:
  Result<std::unique_ptr<MetadataStore>> Open(bool read_only = false) {
    return OpenSqliteMetadataStore(path_, {.read_only = read_only});
  }
  static Status Put(MetadataStore& store, const std::string& name, const std::string& tag) {
    const oci::RepositoryName repository = Repository("a");
    const TestManifest image = Image(name);
    PORTOLAN_CHECK(store.PutManifest({.repository = repository,
                                      .digest = image.digest,
                                      .manifest = image.manifest,
                                      .content = image.content,
                                      .tags = {TagNamed(tag)}},
                                     {.principal = "ada", .now = {}}));
    return {};
  }
  static bool HasTag(MetadataStore& store, const std::string& tag) {
    return store.FindManifest(Repository("a"), TagNamed(tag)).has_value();
  }

  TemporaryFolder folder_;
  std::string path_ = folder_.Under("metadata.db");
};

TEST_F(SqliteMetadataStoreTest, ASecondOneReadsWhileTheFirstWrites) {
  const auto writer = Open().value();
  ASSERT_TRUE(Put(*writer, "one", "first"));
  const auto reader = Open(true).value();
  EXPECT_TRUE(HasTag(*reader, "first"));
  ASSERT_TRUE(Put(*writer, "two", "second"));
  EXPECT_TRUE(HasTag(*reader, "second"));
  const Status written = Put(*reader, "three", "third");
  ASSERT_FALSE(written);
  EXPECT_EQ(written.error().code, ErrorCode::kUnsupported);
  EXPECT_TRUE(Put(*writer, "three", "third"));
}

TEST_F(SqliteMetadataStoreTest, ReadingWithoutAWriter) {
  ASSERT_TRUE(Put(*Open().value(), "one", "first"));
  const auto reader = Open(true);
  ASSERT_TRUE(reader) << reader.error().message;
  EXPECT_TRUE(HasTag(**reader, "first"));
  EXPECT_TRUE((*reader)->CheckStructure()->empty());
}

TEST_F(SqliteMetadataStoreTest, ReadingWhatIsNotThere) {
  const auto reader = Open(true);
  ASSERT_FALSE(reader);
  EXPECT_EQ(reader.error().code, ErrorCode::kIo);
  EXPECT_FALSE(std::filesystem::exists(path_));
}

TEST_F(SqliteMetadataStoreTest, ClosingLeavesTheLogEmptyAndItsFiles) {
  {
    const auto store = Open().value();
    ASSERT_TRUE(Put(*store, "one", "first"));
    ASSERT_TRUE(HasTag(*store, "first"));
    EXPECT_TRUE(std::filesystem::exists(path_ + "-wal"));
  }
  EXPECT_EQ(std::filesystem::file_size(path_ + "-wal"), 0U);
  EXPECT_TRUE(std::filesystem::exists(path_ + "-shm"));
  // All is in the one file: the others are not needed.
  std::filesystem::remove(path_ + "-wal");
  std::filesystem::remove(path_ + "-shm");
  EXPECT_TRUE(HasTag(*Open().value(), "first"));
}

TEST_F(SqliteMetadataStoreTest, ANewerVersionIsRefused) {
  ASSERT_TRUE(Open());
  ASSERT_TRUE(SqliteDatabase::Open(path_, {.writable = true})
                  .value()
                  ->Script("PRAGMA user_version = 1000"));
  for (const bool read_only : {false, true}) {
    const auto refused = Open(read_only);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ErrorCode::kConfigInvalid);
  }
}

TEST_F(SqliteMetadataStoreTest, AFileThatIsNoDatabase) {
  folder_.Write("metadata.db",
                "this was a database once, and something wrote over it" + std::string(5000, '!'));
  const auto damaged = Open();
  ASSERT_FALSE(damaged);
  EXPECT_EQ(damaged.error().code, ErrorCode::kInternal);
}

TEST_F(SqliteMetadataStoreTest, ADamagedPageIsReportedAndFoundByTheCheck) {
  {
    const auto store = Open().value();
    std::vector<oci::Tag> tags;
    for (int i = 0; i < 3000; ++i)
      tags.push_back(TagNamed("a-tag-of-some-length-" + std::to_string(i)));
    const oci::RepositoryName repository = Repository("a");
    const TestManifest image = Image("image");
    ASSERT_TRUE(store->PutManifest({.repository = repository,
                                    .digest = image.digest,
                                    .manifest = image.manifest,
                                    .content = image.content,
                                    .tags = tags},
                                   {}));
  }
  std::string bytes = folder_.Read("metadata.db");
  constexpr std::size_t kPage = 4096;
  ASSERT_GT(bytes.size(), 100 * kPage);
  // All but the pages of the schema.
  for (std::size_t i = 40 * kPage; i < bytes.size(); ++i) bytes[i] = static_cast<char>(i * 7);
  folder_.Write("metadata.db", bytes);
  const auto store = Open();
  ASSERT_TRUE(store) << store.error().message;
  const Status listed = (*store)->ListTags(Repository("a"), "", 10'000, [](std::string_view) {});
  ASSERT_FALSE(listed);
  EXPECT_EQ(listed.error().code, ErrorCode::kInternal);
  const auto lines = (*store)->CheckStructure();
  ASSERT_TRUE(lines) << lines.error().message;
  EXPECT_FALSE(lines->empty());
}

TEST_F(SqliteMetadataStoreTest, TheCheckFindsRowsThatContradictEachOther) {
  const auto store = Open().value();
  ASSERT_TRUE(Put(*store, "one", "first"));
  const BlobRow blob{.digest = DigestOfText("b"), .size = 1, .object = "o", .content = {}};
  ASSERT_TRUE(store->AddBlob(Repository("a"), blob, {}, {}));
  ASSERT_TRUE(store->CheckStructure()->empty());
  const auto other = SqliteDatabase::Open(path_, {.writable = true}).value();
  ASSERT_TRUE(
      other->Script("UPDATE repository SET manifests = 5;"
                    "UPDATE manifest SET deleted = 1;"
                    "UPDATE repository_blob SET needed = 1;"
                    "UPDATE blob SET object = NULL"));
  EXPECT_EQ(store->CheckStructure().value(),
            (std::vector<std::string>{
                "repository a counts 5 manifests and has 0",
                "tag first of repository a names a deleted manifest",
                "the link of repository a to blob 1 is marked wrongly as needed or not",
                "blob 1 has a repository and no content"}));
  ASSERT_TRUE(other->Script("DELETE FROM blob"));
  EXPECT_EQ(store->CheckStructure()->front(),
            "row of repository_blob refers to a missing row of blob");
}

}  // namespace
}  // namespace portolan::store
