#include "portolan/store/blob_store.h"

#include <set>
#include <string>

#include <gtest/gtest.h>

#include "portolan/oci/hasher.h"
#include "portolan/store/testing/faulty_disk.h"

namespace portolan::store {
namespace {

const oci::Digest kDigest = oci::DigestOf(oci::HashAlgorithm::kSha256, "content");

class BlobStoreTest : public testing::Test {
 protected:
  void StageContent(const std::string& id, std::string_view content = "content") {
    auto file = store_->Stage(id);
    ASSERT_TRUE(file) << file.error().message;
    ASSERT_TRUE((*file)->WriteAt(0, content));
    ASSERT_TRUE((*file)->SyncData());
  }
  std::string Published(const std::string& id) {
    StageContent(id);
    const auto key = store_->Publish(id, kDigest);
    EXPECT_TRUE(key) << key.error().message;
    return key.value_or("");
  }
  std::set<std::string> Keys() {
    std::set<std::string> keys;
    EXPECT_TRUE(store_->ForEach([&](const std::string& key) -> Status {
      keys.insert(key);
      return {};
    }));
    return keys;
  }
  void LosePower() { disk_.LosePower(FaultyDisk::Survival::kNothing, random_); }

  FaultPlan plan_;
  FaultyDisk disk_{plan_};
  FixedRandom random_;
  std::unique_ptr<BlobStore> store_ = *NewFileBlobStore(disk_, random_);
};

TEST_F(BlobStoreTest, PublishesUnderKeysOfTheirOwn) {
  const std::string first = Published("one");
  const std::string second = Published("two");
  EXPECT_NE(first, second);
  const std::string hex(kDigest.encoded());
  EXPECT_EQ(first.substr(0, first.size() - 8), "sha256/" + hex.substr(0, 2) + "/" + hex + "-");
  EXPECT_EQ(Keys(), (std::set{first, second}));
  EXPECT_EQ(store_->ListStaged(), std::vector<std::string>());
  EXPECT_EQ(BlobStore::DigestOfKey(first), kDigest);
}

TEST_F(BlobStoreTest, PublishedSurvivesPowerLoss) {
  const std::string key = Published("one");
  LosePower();
  EXPECT_EQ(disk_.Files()["blobs/" + key], "content");
}

// A folder that an earlier process made may not be durable although it exists.
TEST_F(BlobStoreTest, FoldersOfAnEarlierProcessAreMadeDurable) {
  const std::string hex(kDigest.encoded());
  ASSERT_TRUE(disk_.MakeFolder("blobs/sha256"));
  ASSERT_TRUE(disk_.MakeFolder("blobs/sha256/" + hex.substr(0, 2)));
  const std::string key = Published("one");
  LosePower();
  EXPECT_EQ(disk_.Files()["blobs/" + key], "content");
}

TEST_F(BlobStoreTest, StagedSurvivesAfterSyncStaged) {
  StageContent("one");
  ASSERT_TRUE(store_->SyncStaged());
  LosePower();
  EXPECT_EQ(store_->ListStaged(), std::vector<std::string>{"one"});
  const auto file = store_->OpenStaged("one");
  ASSERT_TRUE(file);
  EXPECT_EQ((*file)->Size(), 7U);
}

TEST_F(BlobStoreTest, StageReplaces) {
  StageContent("one", "something longer");
  StageContent("one", "new");
  EXPECT_EQ(disk_.Files()["uploads/one"], "new");
}

TEST_F(BlobStoreTest, StagedThatIsMissing) {
  const auto missing = store_->OpenStaged("one");
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().code, ErrorCode::kBlobUploadUnknown);
  EXPECT_TRUE(store_->RemoveStaged("one"));
}

TEST_F(BlobStoreTest, UnpublishGivesTheStagingFileBack) {
  const std::string key = Published("one");
  ASSERT_TRUE(store_->Unpublish(key, "one"));
  EXPECT_EQ(Keys(), std::set<std::string>());
  LosePower();
  EXPECT_EQ(disk_.Files()["uploads/one"], "content");
}

TEST_F(BlobStoreTest, FailedPublishLeavesTheStagingFile) {
  for (std::uint64_t i = 1;; ++i) {
    const std::string id = "upload" + std::to_string(i);
    StageContent(id);
    plan_.FailAt(i, FaultPlan::How::kOnce, ErrorCode::kInsufficientStorage);
    const auto key = store_->Publish(id, oci::DigestOf(oci::HashAlgorithm::kSha512, id));
    const bool failed = plan_.operations() >= i;
    plan_.Clear();
    if (!failed) {
      EXPECT_TRUE(key);
      EXPECT_GE(i, 6U);  // two folders, their parents, the name and its folder
      break;
    }
    ASSERT_FALSE(key);
    EXPECT_EQ(key.error().code, ErrorCode::kInsufficientStorage);
    EXPECT_TRUE(store_->OpenStaged(id)) << "failed at " << i;
  }
}

TEST_F(BlobStoreTest, OpensAndRemoves) {
  const std::string key = Published("one");
  const std::string other = Published("two");
  const auto file = store_->Open(key);
  ASSERT_TRUE(file);
  EXPECT_TRUE(store_->Remove({key}));
  EXPECT_TRUE(store_->Remove({key}));
  const auto gone = store_->Open(key);
  ASSERT_FALSE(gone);
  EXPECT_EQ(gone.error().code, ErrorCode::kBlobUnknown);
  EXPECT_TRUE(store_->Open(other));
  char out[7];
  EXPECT_EQ((*file)->ReadAt(0, out), 7U);  // who reads it reads on
  LosePower();
  EXPECT_EQ(Keys(), std::set{other});
}

TEST_F(BlobStoreTest, AdoptsDurably) {
  disk_.PutOutside("/elsewhere/data", "content");
  const auto key = store_->Adopt("/elsewhere/data", kDigest);
  ASSERT_TRUE(key) << key.error().message;
  LosePower();
  EXPECT_EQ(disk_.Files()["blobs/" + *key], "content");
  const auto missing = store_->Adopt("/elsewhere/nothing", kDigest);
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().code, ErrorCode::kBlobUnknown);
}

TEST_F(BlobStoreTest, FailedAdoptionLeavesNothing) {
  disk_.PutOutside("/elsewhere/data", "content");
  std::uint64_t i = 1;
  for (; i < 20; ++i) {
    plan_.FailAt(i, FaultPlan::How::kOnce, ErrorCode::kIo);
    if (store_->Adopt("/elsewhere/data", kDigest)) break;
    plan_.Clear();
    EXPECT_EQ(store_->ListStaged(), std::vector<std::string>()) << "failed at " << i;
  }
  EXPECT_GE(i, 6U);
}

TEST_F(BlobStoreTest, RepairsByName) {
  const std::string lost = Published("one");
  const std::string found = Published("two");
  ASSERT_TRUE(store_->Remove({lost}));
  EXPECT_TRUE(store_->Rename(found, lost));
  EXPECT_EQ(Keys(), std::set{lost});
  const auto aside = store_->SetAside(lost);
  ASSERT_TRUE(aside) << aside.error().message;
  EXPECT_EQ(Keys(), std::set<std::string>());
  LosePower();
  EXPECT_EQ(disk_.Files()[*aside], "content");
}

TEST_F(BlobStoreTest, ForEachEndsWithAnError) {
  Published("one");
  Published("two");
  int visits = 0;
  const Status status = store_->ForEach([&](const std::string&) -> Status {
    ++visits;
    return Fail(ErrorCode::kCancelled, "enough");
  });
  EXPECT_FALSE(status);
  EXPECT_EQ(visits, 1);
}

TEST(DigestOfKey, RefusesWhatIsNoKey) {
  const std::string hex(kDigest.encoded());
  const std::string good = "sha256/" + hex.substr(0, 2) + "/" + hex + "-0123abcd";
  EXPECT_EQ(BlobStore::DigestOfKey(good), kDigest);
  const std::string bad[] = {
      "",
      "sha256",
      hex,
      "sha256/" + hex + "-0123abcd",
      "sha256/" + hex.substr(0, 2) + "/" + hex,
      "sha256/" + hex.substr(0, 2) + "/" + hex + "-0123abc",
      "sha256/" + hex.substr(0, 2) + "/" + hex + "-0123abcg",
      "sha256/" + hex.substr(0, 2) + "/" + hex + "+0123abcd",
      "sha256/zz/" + hex + "-0123abcd",
      "sha512/" + hex.substr(0, 2) + "/" + hex + "-0123abcd",
      "sha256/" + hex.substr(0, 2) + "/" + hex.substr(2) + "-0123abcd",
      "sha256/../" + hex + "-0123abcd",
      "/-00000000",
  };
  for (const std::string& key : bad) EXPECT_FALSE(BlobStore::DigestOfKey(key)) << key;
}

}  // namespace
}  // namespace portolan::store
