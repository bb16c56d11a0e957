#include "portolan/store/storage.h"

#include <string>
#include <thread>

#include <gtest/gtest.h>

#include "portolan/store/testing/storage_fixture.h"

namespace portolan::store {
namespace {

class StorageTest : public testing::Test, public StorageFixture {
 protected:
  ErrorCode CodeOf(const auto& result) { return result ? ErrorCode::kUsage : result.error().code; }
  void Push(std::string_view repository, std::string_view content) {
    const Status pushed = PushBlob(storage(), repository, content, Someone());
    ASSERT_TRUE(pushed) << pushed.error().message;
  }

  const std::string large_ = RandomContent(1000, 1);
  const std::string small_ = "small";
};

TEST_F(StorageTest, BlobsAreKnownWhereTheyWerePushed) {
  for (const std::string& content : {large_, small_}) {
    const oci::Digest digest = Sha256Of(content);
    EXPECT_EQ(CodeOf(storage().StatBlob(RepositoryNamed("a"), digest, kPoolPatience)),
              ErrorCode::kBlobUnknown);
    Push("a", content);
    const auto row = storage().StatBlob(RepositoryNamed("a"), digest, kPoolPatience);
    ASSERT_TRUE(row);
    EXPECT_EQ(row->size, content.size());
    EXPECT_EQ(PullBlob(storage(), "a", digest), content);
    EXPECT_EQ(CodeOf(storage().StatBlob(RepositoryNamed("b"), digest, kPoolPatience)),
              ErrorCode::kBlobUnknown);
    EXPECT_EQ(CodeOf(storage().GetBlob(RepositoryNamed("b"), digest, kPoolPatience)),
              ErrorCode::kBlobUnknown);
  }
}

TEST_F(StorageTest, Mounts) {
  Push("a", large_);
  const oci::Digest digest = Sha256Of(large_);
  EXPECT_EQ(
      CodeOf(storage().MountBlob(RepositoryNamed("b"), RepositoryNamed("c"), digest, Someone())),
      ErrorCode::kBlobUnknown);
  EXPECT_TRUE(storage().MountBlob(RepositoryNamed("a"), RepositoryNamed("c"), digest, Someone()));
  EXPECT_EQ(PullBlob(storage(), "c", digest), large_);
}

TEST_F(StorageTest, WhoIsToldOfABlobHasALease) {
  const oci::Digest digest = Sha256Of(large_);
  Push("a", large_);
  const std::function<void()> ways[] = {
      [&] { EXPECT_TRUE(storage().StatBlob(RepositoryNamed("a"), digest, kPoolPatience)); },
      [&] { EXPECT_TRUE(storage().GetBlob(RepositoryNamed("a"), digest, kPoolPatience)); },
      [&] {
        EXPECT_TRUE(
            storage().MountBlob(RepositoryNamed("a"), RepositoryNamed("b"), digest, Someone()));
      },
      [&] { EXPECT_TRUE(PushBlob(storage(), "a", large_, Someone())); },
  };
  for (const auto& way : ways) {
    EndLeases();
    EXPECT_TRUE(storage().leases().Condemn(digest));
    storage().leases().Release(digest);
    way();
    EXPECT_FALSE(storage().leases().Condemn(digest));
  }
}

TEST_F(StorageTest, WhoAsksInVainHasNone) {
  const oci::Digest digest = Sha256Of(large_);
  EXPECT_FALSE(storage().StatBlob(RepositoryNamed("a"), digest, kPoolPatience));
  EXPECT_FALSE(storage().GetBlob(RepositoryNamed("a"), digest, kPoolPatience));
  EXPECT_FALSE(storage().GetManifest(RepositoryNamed("a"), digest, kPoolPatience));
  EXPECT_FALSE(storage().MountBlob(RepositoryNamed("a"), RepositoryNamed("b"), digest, Someone()));
  EXPECT_EQ(storage().leases().size(), 0U);
}

TEST_F(StorageTest, ReadersWaitForTheCollector) {
  Push("a", large_);
  EndLeases();
  const oci::Digest digest = Sha256Of(large_);
  ASSERT_TRUE(storage().leases().Condemn(digest));
  std::thread collector([&] { storage().leases().Release(digest); });
  EXPECT_TRUE(storage().StatBlob(RepositoryNamed("a"), digest, kPoolPatience));
  collector.join();
}

// A collector that does not let go must not make a blob unknown that is there; nor does anybody
// hear of it without a lease.
TEST_F(StorageTest, StuckCollectorIsNotUnknown) {
  const oci::RepositoryName name = RepositoryNamed("a");
  Push("a", large_);
  Push("a", small_);
  const std::string image = ImageManifest(small_, {});
  ASSERT_TRUE(PushManifest(storage(), "a", image, {TagOf("v1")}, Someone()));
  EndLeases();
  for (const oci::Digest& digest : {Sha256Of(large_), Sha256Of(image)}) {
    ASSERT_TRUE(storage().leases().Condemn(digest));
  }
  for (const Patience patience : {kNoPatience, Patience(10)}) {
    EXPECT_EQ(CodeOf(storage().StatBlob(name, Sha256Of(large_), patience)), ErrorCode::kBusy);
    EXPECT_EQ(CodeOf(storage().GetBlob(name, Sha256Of(large_), patience)), ErrorCode::kBusy);
    EXPECT_EQ(CodeOf(storage().GetManifest(name, Sha256Of(image), patience)), ErrorCode::kBusy);
  }
  EXPECT_TRUE(storage().GetManifest(name, TagOf("v1"), kNoPatience));  // history keeps it
}

TEST_F(StorageTest, WithoutHistoryATagGivesALease) {
  options.tag_history = std::chrono::seconds(0);
  Reopen();
  Push("a", small_);
  const std::string image = ImageManifest(small_, {});
  ASSERT_TRUE(PushManifest(storage(), "a", image, {TagOf("v1")}, Someone()));
  EndLeases();
  ASSERT_TRUE(storage().GetManifest(RepositoryNamed("a"), TagOf("v1"), kNoPatience));
  EXPECT_FALSE(storage().leases().Condemn(Sha256Of(image)));
}

TEST_F(StorageTest, LostObjectIsOurFault) {
  Push("a", large_);
  const auto row = storage().StatBlob(RepositoryNamed("a"), Sha256Of(large_), kPoolPatience);
  ASSERT_TRUE(storage().blobs().Remove({row->object}));
  EXPECT_EQ(CodeOf(storage().GetBlob(RepositoryNamed("a"), Sha256Of(large_), kPoolPatience)),
            ErrorCode::kInternal);
  EXPECT_EQ(log.warnings().size(), 1U);
}

TEST_F(StorageTest, ManifestsComeFromTheCache) {
  Push("a", small_);
  const std::string image = ImageManifest(small_, {});
  ASSERT_TRUE(PushManifest(storage(), "a", image, {TagOf("v1")}, Someone()));
  for (int i = 0; i < 3; ++i) {
    const auto by_tag = storage().GetManifest(RepositoryNamed("a"), TagOf("v1"), kPoolPatience);
    ASSERT_TRUE(by_tag) << by_tag.error().message;
    EXPECT_EQ(*by_tag->content, image);
    EXPECT_EQ(by_tag->digest, Sha256Of(image));
    EXPECT_EQ(by_tag->media_type, oci::kImageManifestType);
    const auto by_digest =
        storage().GetManifest(RepositoryNamed("a"), Sha256Of(image), kPoolPatience);
    ASSERT_TRUE(by_digest);
    EXPECT_EQ(by_digest->content, by_tag->content);
  }
  EXPECT_EQ(storage().manifest_cache().misses, 1U);
  EXPECT_EQ(storage().manifest_cache().hits, 5U);
  EXPECT_GT(storage().manifest_cache().bytes, image.size());
}

TEST_F(StorageTest, TheCacheKnowsNoRights) {
  Push("a", small_);
  const std::string image = ImageManifest(small_, {});
  ASSERT_TRUE(PushManifest(storage(), "a", image, {}, Someone()));
  ASSERT_TRUE(storage().GetManifest(RepositoryNamed("a"), Sha256Of(image), kPoolPatience));
  EXPECT_EQ(CodeOf(storage().GetManifest(RepositoryNamed("b"), Sha256Of(image), kPoolPatience)),
            ErrorCode::kNameUnknown);
  Push("b", small_);
  EXPECT_EQ(CodeOf(storage().GetManifest(RepositoryNamed("b"), Sha256Of(image), kPoolPatience)),
            ErrorCode::kManifestUnknown);
  ASSERT_TRUE(
      storage().metadata().DeleteManifest(RepositoryNamed("a"), Sha256Of(image), Someone()));
  EXPECT_EQ(CodeOf(storage().GetManifest(RepositoryNamed("a"), Sha256Of(image), kPoolPatience)),
            ErrorCode::kManifestUnknown);
}

TEST_F(StorageTest, RestingUploadsCanBeRemoved) {
  const oci::RepositoryName name = RepositoryNamed("a");
  const auto state = storage().StartUpload(name, oci::HashAlgorithm::kSha256, Someone());
  const Millis then = ToMillis(clock.WallNow());
  EXPECT_EQ(storage().RemoveRestingUpload(state->id, then, false), false);  // not old enough
  {
    const auto writer = storage().ContinueUpload(name, state->id, Someone());
    ASSERT_TRUE(Feed(**writer, large_) && (*writer)->Acknowledge());
    EXPECT_EQ(storage().RemoveRestingUpload(state->id, then + 1, false), false);  // in use
  }
  EXPECT_EQ(storage().RemoveRestingUpload(state->id, then + 1, true), true);
  EXPECT_TRUE(storage().FindUpload(name, state->id, Someone()));
  EXPECT_EQ(storage().RemoveRestingUpload(state->id, then + 1, false), true);
  EXPECT_FALSE(storage().FindUpload(name, state->id, Someone()));
  EXPECT_TRUE(disk.Files().empty());
}

TEST(StorageOpen, KeepsEverythingInOneFolder) {
  const TemporaryFolder parent;
  const std::string root = parent.Under("registry");
  const std::string large = RandomContent(100'000, 1);
  const Actor actor{.principal = "alice", .now = SystemClock().WallNow()};
  NullLog log;
  {
    const auto storage = Storage::Open(root, {}, SystemClock(), SystemRandom(), log);
    ASSERT_TRUE(storage) << storage.error().message;
    EXPECT_TRUE(PushBlob(**storage, "a", large, actor));
    EXPECT_TRUE(PushBlob(**storage, "a", "small", actor));
    EXPECT_TRUE(
        PushManifest(**storage, "a", ImageManifest("small", {large}), {TagOf("v1")}, actor));
    const auto second = Storage::Open(root, {}, SystemClock(), SystemRandom(), log);
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().code, ErrorCode::kIo);
  }
  const auto storage = Storage::Open(root, {}, SystemClock(), SystemRandom(), log);
  ASSERT_TRUE(storage) << storage.error().message;
  EXPECT_EQ(PullBlob(**storage, "a", Sha256Of(large)), large);
  EXPECT_EQ(PullBlob(**storage, "a", Sha256Of("small")), "small");
  EXPECT_TRUE((*storage)->GetManifest(RepositoryNamed("a"), TagOf("v1"), kPoolPatience));
  const auto blob = (*storage)->GetBlob(RepositoryNamed("a"), Sha256Of(large), kPoolPatience);
  EXPECT_GE(blob->file->fd(), 0);
}

}  // namespace
}  // namespace portolan::store
