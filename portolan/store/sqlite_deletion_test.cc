// Deletions of manifests with more tags than one transaction removes, and what is there meanwhile.
#include <string>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "portolan/store/sqlite_database.h"
#include "portolan/store/sqlite_metadata_store.h"
#include "portolan/store/testing/metadata_store_suite.h"

namespace portolan::store {
namespace {

constexpr int kTags = 1200;

class SqliteDeletionTest : public testing::Test {
 protected:
  SqliteDeletionTest() {
    std::vector<oci::Tag> tags;
    for (int i = 0; i < kTags; ++i) tags.push_back(TagNamed(fmt::format("t{:04}", i)));
    EXPECT_TRUE(Put(image_, tags));
    EXPECT_TRUE(Put(other_, {TagNamed("stays")}));
  }

  Status Put(const TestManifest& manifest, const std::vector<oci::Tag>& tags,
             bool may_create = true, bool may_overwrite = true) {
    PORTOLAN_CHECK(store_->PutManifest({.repository = a_,
                                        .digest = manifest.digest,
                                        .manifest = manifest.manifest,
                                        .content = manifest.content,
                                        .tags = tags,
                                        .may_create = may_create,
                                        .may_overwrite = may_overwrite},
                                       {.principal = "ada", .now = FromMillis(1000)}));
    return {};
  }
  Status Delete() {
    return store_->DeleteManifest(a_, image_.digest, {.principal = "eve", .now = FromMillis(2000)});
  }
  // Lets the deletion stop after its first transaction, as a crash or a full disk does.
  void DeleteHalf() {
    Script(
        "CREATE TRIGGER enough BEFORE INSERT ON tag_event WHEN"
        " (SELECT count(*) > 400 FROM tag_event WHERE new_digest IS NULL)"
        " AND EXISTS (SELECT 1 FROM doomed_tags) BEGIN SELECT RAISE(ABORT, 'enough'); END");
    const Status deleted = Delete();
    EXPECT_TRUE(deleted) << deleted.error().message;
    Script("DROP TRIGGER enough");
    EXPECT_GT(Rows(), 1);
    EXPECT_LT(Rows(), kTags);
  }
  void Script(const std::string& script) {
    const auto other = SqliteDatabase::Open(path_, {.writable = true}).value();
    const Status done = other->Script(script);
    ASSERT_TRUE(done) << done.error().message;
  }
  // Of the table of tags: those that are hidden, too.
  std::int64_t Rows() {
    const auto other = SqliteDatabase::Open(path_, {.writable = false}).value();
    return other->Find("SELECT count(*) FROM tag").value().value();
  }
  std::vector<std::string> Tags() {
    std::vector<std::string> tags;
    EXPECT_TRUE(
        store_->ListTags(a_, "", 10'000, [&](std::string_view tag) { tags.emplace_back(tag); }));
    return tags;
  }
  std::vector<TagEvent> History(const std::string& tag) {
    return store_->TagHistory(a_, TagNamed(tag), 0, 10).value();
  }
  void FinishDeletions() {
    for (bool more = true; more;) {
      const auto left = store_->RemoveHiddenTags();
      ASSERT_TRUE(left) << left.error().message;
      more = *left;
    }
  }

  TemporaryFolder folder_;
  const std::string path_ = folder_.Under("metadata.db");
  std::unique_ptr<SqliteMetadataStore> store_ = SqliteMetadataStore::Open(path_, {}).value();
  const oci::RepositoryName a_ = Repository("a");
  const TestManifest image_ = Image("image");
  const TestManifest other_ = Image("other");
  // The last of the tags to go.
  const std::string last_ = fmt::format("t{:04}", kTags - 1);
};

TEST_F(SqliteDeletionTest, AllTagsGoWithTheirHistory) {
  ASSERT_TRUE(Delete());
  EXPECT_EQ(Rows(), 1);
  EXPECT_EQ(Tags(), std::vector<std::string>{"stays"});
  const auto events = store_->TagHistory(a_, std::nullopt, 0, 10 * std::size_t{kTags}).value();
  EXPECT_EQ(events.size(), 2 * kTags + 1U);
  EXPECT_EQ(events[0].tag.text(), last_);
  EXPECT_EQ(events[0].before, image_.digest);
  EXPECT_EQ(events[0].principal, "eve");
  EXPECT_EQ(events[0].at, 2000);
  EXPECT_FALSE(store_->RemoveHiddenTags().value());
}

TEST_F(SqliteDeletionTest, HalfOfItShowsNoTag) {
  DeleteHalf();
  EXPECT_EQ(Tags(), std::vector<std::string>{"stays"});
  EXPECT_EQ(CodeOf(store_->FindManifest(a_, TagNamed(last_))), ErrorCode::kManifestUnknown);
  EXPECT_EQ(CodeOf(store_->DeleteTag(a_, TagNamed(last_), {})), ErrorCode::kManifestUnknown);
  EXPECT_EQ(CodeOf(Delete()), ErrorCode::kManifestUnknown);
  EXPECT_EQ(store_->CheckStructure().value(), std::vector<std::string>());
}

TEST_F(SqliteDeletionTest, TheNextProcessFinishesIt) {
  DeleteHalf();
  store_.reset();
  store_ = SqliteMetadataStore::Open(path_, {}).value();
  EXPECT_EQ(Tags(), std::vector<std::string>{"stays"});
  // It is not collected before all of its tags have gone.
  const GarbageTerms terms{.linked_before = 0, .deleted_before = 1'000'000};
  EXPECT_TRUE(store_->UnusedManifests(terms, 0, 10)->empty());
  FinishDeletions();
  EXPECT_EQ(Rows(), 1);
  const auto events = History(last_);
  ASSERT_EQ(events.size(), 2U);
  EXPECT_EQ(events[0].before, image_.digest);
  EXPECT_EQ(events[0].after, std::nullopt);
  EXPECT_EQ(events[0].principal, "eve");
  EXPECT_EQ(events[0].at, 2000);
}

TEST_F(SqliteDeletionTest, AHiddenTagIsFreeForAnother) {
  DeleteHalf();
  EXPECT_EQ(CodeOf(Put(other_, {TagNamed(last_)}, false, true)), ErrorCode::kDenied);
  ASSERT_TRUE(Put(other_, {TagNamed(last_)}, true, false));
  EXPECT_EQ(store_->FindManifest(a_, TagNamed(last_))->digest, other_.digest);
  const auto events = History(last_);
  ASSERT_EQ(events.size(), 3U);
  EXPECT_EQ(events[0].before, std::nullopt);
  EXPECT_EQ(events[0].after, other_.digest);
  EXPECT_EQ(events[1].before, image_.digest);
  EXPECT_EQ(events[1].principal, "eve");
  FinishDeletions();
  EXPECT_EQ(Tags(), (std::vector<std::string>{"stays", last_}));
  EXPECT_EQ(History(last_).size(), 3U);
}

TEST_F(SqliteDeletionTest, PushingItAgainDoesNotBringItsTagsBack) {
  DeleteHalf();
  ASSERT_TRUE(Put(image_, {TagNamed("new")}));
  EXPECT_EQ(Tags(), (std::vector<std::string>{"new", "stays"}));
  EXPECT_EQ(History(last_).size(), 2U);
  EXPECT_EQ(store_->CheckStructure().value(), std::vector<std::string>());
}

TEST_F(SqliteDeletionTest, RestoringAHiddenTag) {
  DeleteHalf();
  const auto restored = store_->RestoreTag(a_, TagNamed(last_), {}, true, false, {});
  ASSERT_TRUE(restored) << restored.error().message;
  EXPECT_EQ(*restored, image_.digest);
  EXPECT_EQ(Tags(), (std::vector<std::string>{"stays", last_}));
  EXPECT_EQ(History(last_).size(), 3U);
  EXPECT_EQ(store_->CheckStructure().value(), std::vector<std::string>());
}

// Many references take several transactions: when the second fails, the first stands.
TEST_F(SqliteDeletionTest, CollectedManifestsWithManyReferences) {
  std::vector<std::int64_t> ids;
  for (const char* const name : {"one", "two"}) {
    std::vector<oci::Digest> blobs;
    for (int i = 0; i < 2000; ++i) blobs.push_back(DigestOfText(fmt::format("{} {}", name, i)));
    const TestManifest image = Image(name, blobs);
    ASSERT_TRUE(store_->PutManifest({.repository = a_,
                                     .digest = image.digest,
                                     .manifest = image.manifest,
                                     .content = image.content,
                                     .tags = {},
                                     .allow_missing = true},
                                    {.principal = {}, .now = FromMillis(1000)}));
  }
  const GarbageTerms terms{
      .linked_before = 0, .deleted_before = 1'000'000, .untagged_before = 1'000'000};
  for (const auto& manifest : store_->UnusedManifests(terms, 0, 10).value()) {
    ids.push_back(manifest.id);
  }
  ASSERT_EQ(ids.size(), 2U);
  Script(
      fmt::format("CREATE TRIGGER enough BEFORE DELETE ON manifest WHEN old.id = {}"
                  " BEGIN SELECT RAISE(ABORT, 'enough'); END",
                  ids[1]));
  EXPECT_FALSE(store_->RemoveManifests(ids, terms));
  const auto left = store_->UnusedManifests(terms, 0, 10).value();
  ASSERT_EQ(left.size(), 1U);
  EXPECT_EQ(left[0].id, ids[1]);
}

}  // namespace
}  // namespace portolan::store
