#include "portolan/store/collector.h"

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "portolan/store/testing/storage_fixture.h"

namespace portolan::store {
namespace {

using std::chrono::hours;

class CollectorTest : public testing::Test, public StorageFixture {
 protected:
  CollectorTest() {
    clock.Advance(options.lease);  // the term after the start is over
  }

  CollectionReport Collect(bool dry_run = false, const std::function<bool()>& stop = {}) {
    removals_.clear();
    Collector collector(storage(), clock, log);
    const auto report =
        collector.Run(dry_run, [&](const Removal& removal) { removals_.push_back(removal); }, stop);
    EXPECT_TRUE(report) << report.error().message;
    return report.value_or(CollectionReport());
  }
  void Push(std::string_view repository, std::string_view content) {
    const Status pushed = PushBlob(storage(), repository, content, Someone());
    ASSERT_TRUE(pushed) << pushed.error().message;
  }
  void PushImage(std::string_view repository, const std::string& image,
                 const std::vector<oci::Tag>& tags) {
    const Status pushed = PushManifest(storage(), repository, image, tags, Someone());
    ASSERT_TRUE(pushed) << pushed.error().message;
  }
  bool Has(std::string_view repository, std::string_view content) {
    return storage()
        .metadata()
        .FindBlob(RepositoryNamed(repository), Sha256Of(content))
        .has_value();
  }
  bool HasManifest(std::string_view repository, std::string_view content) {
    return storage()
        .metadata()
        .FindManifest(RepositoryNamed(repository), Sha256Of(content))
        .has_value();
  }
  std::string Told(Removal::Kind kind) const {
    const auto removal =
        std::ranges::find_if(removals_, [&](const Removal& one) { return one.kind == kind; });
    if (removal == removals_.end()) return "nothing";
    return removal->repository + " " + removal->what + " " + std::to_string(removal->bytes) + ": " +
           removal->why;
  }

  const std::string large_ = RandomContent(1000, 1);
  const std::string other_ = RandomContent(2000, 2);
  std::vector<Removal> removals_;
};

TEST_F(CollectorTest, RemovesWhatNoManifestNeeds) {
  Push("a", large_);
  Push("a", "small");
  EXPECT_EQ(Collect().links, 0U);  // young
  EndLeases();
  clock.Advance(std::chrono::seconds(1));
  const CollectionReport report = Collect();
  EXPECT_EQ(report.links, 2U);
  EXPECT_EQ(report.blobs, 2U);
  EXPECT_EQ(report.bytes, 1005U);
  EXPECT_FALSE(Has("a", large_));
  EXPECT_FALSE(Has("a", "small"));
  EXPECT_TRUE(disk.Files().empty());
  EXPECT_EQ(Collect().blobs, 0U);
  Push("a", large_);
  EXPECT_EQ(PullBlob(storage(), "a", Sha256Of(large_)), large_);
}

TEST_F(CollectorTest, ExplainsItself) {
  Push("a", large_);
  clock.Advance(options.lease + hours(1));
  Collect();
  EXPECT_EQ(Told(Removal::Kind::kLink),
            "a " + Sha256Of(large_).text() +
                " 1000: no manifest of the repository refers to it; it was pushed on 2023-03-28 "
                "06:38 UTC");
  EXPECT_EQ(Told(Removal::Kind::kBlob),
            " " + Sha256Of(large_).text() + " 1000: no repository has it any more");
}

TEST_F(CollectorTest, KeepsWhatAManifestNeeds) {
  Push("a", large_);
  Push("a", "config");
  const std::string image = ImageManifest("config", {large_});
  PushImage("a", image, {TagOf("v1")});
  clock.Advance(hours(24 * 365));
  EXPECT_EQ(Collect().links, 0U);
  ASSERT_TRUE(
      storage().metadata().DeleteManifest(RepositoryNamed("a"), Sha256Of(image), Someone()));
  clock.Advance(options.tag_history - hours(1));
  EXPECT_EQ(Collect().manifests, 0U);  // can still be restored
  clock.Advance(hours(2));
  const CollectionReport report = Collect();
  EXPECT_EQ(report.manifests, 1U);
  EXPECT_EQ(report.links, 2U);
  EXPECT_EQ(report.blobs, 2U);
  EXPECT_TRUE(Told(Removal::Kind::kManifest).ends_with("and can no longer be restored"))
      << Told(Removal::Kind::kManifest);
  EXPECT_TRUE(disk.Files().empty());
}

TEST_F(CollectorTest, KeepsWhatIsLeased) {
  Push("a", large_);
  clock.Advance(hours(24));
  ASSERT_TRUE(storage().StatBlob(RepositoryNamed("a"), Sha256Of(large_), kPoolPatience));
  CollectionReport report = Collect();
  EXPECT_EQ(report.leased, 1U);
  EXPECT_EQ(report.links, 0U);
  EXPECT_TRUE(Has("a", large_));
  EndLeases();
  report = Collect();
  EXPECT_EQ(report.leased, 0U);
  EXPECT_EQ(report.links, 1U);
}

TEST_F(CollectorTest, RemovesNothingDuringTheTermAfterAStart) {
  Push("a", large_);
  clock.Advance(hours(24));
  Reopen();
  EXPECT_EQ(Collect().leased, 1U);
  EndLeases();
  EXPECT_EQ(Collect().links, 1U);
}

TEST_F(CollectorTest, ObjectStaysWhileARepositoryHasIt) {
  Push("a", large_);
  Push("b", large_);
  Push("b", "config");
  PushImage("b", ImageManifest("config", {large_}), {TagOf("v1")});
  clock.Advance(hours(24));
  const CollectionReport report = Collect();
  EXPECT_EQ(report.links, 1U);
  EXPECT_EQ(report.blobs, 0U);
  EXPECT_FALSE(Has("a", large_));
  EXPECT_EQ(PullBlob(storage(), "b", Sha256Of(large_)), large_);
}

TEST_F(CollectorTest, RemovesWhatAClientDeleted) {
  Push("a", large_);
  const auto reading = storage().GetBlob(RepositoryNamed("a"), Sha256Of(large_), kPoolPatience);
  ASSERT_TRUE(storage().metadata().RemoveBlob(RepositoryNamed("a"), Sha256Of(large_)));
  EXPECT_EQ(Collect().blobs, 1U);
  EXPECT_TRUE(disk.Files().empty());
  std::string content(1000, '\0');
  EXPECT_EQ(reading->file->ReadAt(0, content), 1000U);
  EXPECT_EQ(content, large_);
}

TEST_F(CollectorTest, UntaggedStayUnlessAsked) {
  Push("a", "config");
  const std::string child = ImageManifest("config", {});
  const std::string index = ImageIndex({child});
  PushImage("a", child, {});
  PushImage("a", index, {});
  clock.Advance(hours(24 * 365));
  EXPECT_EQ(Collect().manifests, 0U);
  options.untagged_after = hours(24);
  Reopen();
  EndLeases();
  const CollectionReport report = Collect();
  EXPECT_EQ(report.manifests, 2U);  // the index, and so its child, in one run
  EXPECT_EQ(report.links, 1U);
  EXPECT_FALSE(HasManifest("a", child));
  EXPECT_FALSE(HasManifest("a", index));
}

TEST_F(CollectorTest, UntaggedManifestsCanBeLeased) {
  options.untagged_after = hours(24);
  Reopen();
  Push("a", "config");
  const std::string image = ImageManifest("config", {});
  PushImage("a", image, {});
  clock.Advance(hours(48));
  ASSERT_TRUE(storage().GetManifest(RepositoryNamed("a"), Sha256Of(image), kPoolPatience));
  EXPECT_EQ(Collect().leased, 1U);
  EXPECT_TRUE(HasManifest("a", image));
  EndLeases();
  EXPECT_EQ(Collect().manifests, 1U);
}

TEST_F(CollectorTest, DryRunTellsAndChangesNothing) {
  Push("a", large_);
  Push("a", other_);
  ASSERT_TRUE(storage().metadata().RemoveBlob(RepositoryNamed("a"), Sha256Of(other_)));
  const auto upload =
      storage().StartUpload(RepositoryNamed("a"), oci::HashAlgorithm::kSha256, Someone());
  clock.Advance(hours(24 * 365));
  ASSERT_TRUE(storage().blobs().Stage("orphan"));
  ASSERT_TRUE(storage().StatBlob(RepositoryNamed("a"), Sha256Of(large_),
                                 kPoolPatience));  // leases do not count
  const auto files = disk.Files();
  const CollectionReport report = Collect(true);
  EXPECT_EQ(report.links, 1U);
  EXPECT_EQ(report.blobs, 1U);
  EXPECT_EQ(report.bytes, 2000U);
  EXPECT_EQ(report.uploads, 1U);
  EXPECT_EQ(report.staging_files, 1U);
  EXPECT_EQ(removals_.size(), 4U);
  EXPECT_EQ(Told(Removal::Kind::kUpload),
            "a " + upload->id + " 0: nothing has been written to it since 2023-03-28 06:38 UTC");
  EXPECT_EQ(Told(Removal::Kind::kStagingFile), " orphan 0: it belongs to no upload");
  EXPECT_EQ(disk.Files(), files);
  EXPECT_TRUE(Has("a", large_));
  EXPECT_TRUE(storage().metadata().FindUpload(upload->id));
}

TEST_F(CollectorTest, RemovesUploadsThatRest) {
  const oci::RepositoryName name = RepositoryNamed("a");
  const auto old = storage().StartUpload(name, oci::HashAlgorithm::kSha256, Someone());
  const auto busy = storage().StartUpload(name, oci::HashAlgorithm::kSha256, Someone());
  {
    const auto writer = storage().ContinueUpload(name, old->id, Someone());
    ASSERT_TRUE(Feed(**writer, large_) && (*writer)->Acknowledge());
  }
  const auto writer = storage().ContinueUpload(name, busy->id, Someone());
  clock.Advance(options.upload_expiry + hours(1));
  const auto fresh = storage().StartUpload(name, oci::HashAlgorithm::kSha256, Someone());
  const CollectionReport report = Collect();
  EXPECT_EQ(report.uploads, 1U);
  EXPECT_FALSE(storage().FindUpload(name, old->id, Someone()));
  EXPECT_TRUE(storage().FindUpload(name, busy->id, Someone()));
  EXPECT_TRUE(storage().FindUpload(name, fresh->id, Someone()));
  EXPECT_TRUE(disk.Files().empty());
}

TEST_F(CollectorTest, RemovesStagingFilesWithoutAnUpload) {
  ASSERT_TRUE(storage().blobs().Stage("left-by-a-crash"));
  const oci::RepositoryName name = RepositoryNamed("a");
  const auto writer = storage().WriteBlob(name, oci::HashAlgorithm::kSha256);
  ASSERT_TRUE(Feed(**writer, large_));
  const auto session = storage().StartUpload(name, oci::HashAlgorithm::kSha256, Someone());
  {
    const auto other = storage().ContinueUpload(name, session->id, Someone());
    ASSERT_TRUE(Feed(**other, large_) && (*other)->Acknowledge());
  }
  const CollectionReport report = Collect();
  EXPECT_EQ(report.staging_files, 1U);
  EXPECT_EQ(disk.Files().size(), 2U);
  EXPECT_TRUE((*writer)->Finish(Sha256Of(large_), Someone()));
}

TEST_F(CollectorTest, StopsWhenAsked) {
  Push("a", large_);
  clock.Advance(hours(24));
  EXPECT_EQ(Collect(false, [] { return true; }).links, 0U);
  int asked = 0;
  const CollectionReport report = Collect(false, [&] { return ++asked > 3; });
  EXPECT_EQ(report.blobs, 0U);
  EXPECT_TRUE(Collect().links + report.links == 1U && disk.Files().empty());
}

TEST_F(CollectorTest, ManySteps) {
  constexpr std::uint64_t kCount = 700;
  for (std::uint64_t i = 0; i < kCount; ++i) Push("a", "blob " + std::to_string(i));
  Push("a", "config");
  PushImage("a", ImageManifest("config", {"blob 5"}), {TagOf("v1")});
  clock.Advance(hours(24));
  const CollectionReport report = Collect();
  EXPECT_EQ(report.links, kCount - 1);
  EXPECT_EQ(report.blobs, kCount - 1);
  EXPECT_TRUE(Has("a", "blob 5"));
}

TEST_F(CollectorTest, OldHistoryGoes) {
  Push("a", "config");
  PushImage("a", ImageManifest("config", {}), {TagOf("v1")});
  EXPECT_EQ(storage().metadata().TagHistory(RepositoryNamed("a"), {}, 0, 10)->size(), 1U);
  clock.Advance(options.tag_history + hours(1));
  Collect();
  EXPECT_EQ(storage().metadata().TagHistory(RepositoryNamed("a"), {}, 0, 10)->size(), 0U);
}

TEST_F(CollectorTest, ARepositoryGoesWithTheLastOfIt) {
  Push("a", "config");
  const std::string image = ImageManifest("config", {});
  PushImage("a", image, {TagOf("v1")});
  Push("b", "config");
  PushImage("b", image, {TagOf("v1")});
  const auto known = [&] {
    const auto history = storage().metadata().TagHistory(RepositoryNamed("a"), {}, 0, 10);
    return history || history.error().code != ErrorCode::kNameUnknown;
  };
  ASSERT_TRUE(
      storage().metadata().DeleteManifest(RepositoryNamed("a"), Sha256Of(image), Someone()));
  Collect();
  EXPECT_TRUE(known());  // it can be restored
  clock.Advance(options.tag_history + hours(1));
  Collect();
  EXPECT_FALSE(known());
  EXPECT_TRUE(HasManifest("b", image));
  Push("a", "config");
  EXPECT_TRUE(known());
  EXPECT_EQ(storage().metadata().CheckStructure().value(), std::vector<std::string>());
}

TEST_F(CollectorTest, AnErrorEndsTheRunAndTheNextGoesOn) {
  Push("a", large_);
  clock.Advance(hours(24));
  Collector collector(storage(), clock, log);
  for (std::uint64_t i = 1;; ++i) {
    plan.FailAt(i, FaultPlan::How::kOnce, ErrorCode::kIo);
    const auto report = collector.Run(false, {});
    const bool failed = plan.operations() >= i;
    plan.Clear();
    EXPECT_EQ(report.has_value(), !failed);
    if (!failed) break;
    ASSERT_LT(i, 100U);
  }
  EXPECT_TRUE(disk.Files().empty());
  EXPECT_FALSE(Has("a", large_));
  EXPECT_TRUE(storage().leases().Take(Sha256Of(large_)));  // nothing stays condemned
}

TEST_F(CollectorTest, AFullDiskIsNoReasonToFreeNothing) {
  for (std::uint64_t i = 1;; ++i) {
    SCOPED_TRACE(i);
    const oci::RepositoryName name = RepositoryNamed("a");
    Push("a", large_);
    Push("a", other_);
    ASSERT_TRUE(storage().metadata().RemoveBlob(name, Sha256Of(other_)));
    const auto upload = storage().StartUpload(name, oci::HashAlgorithm::kSha256, Someone());
    {
      const auto writer = storage().ContinueUpload(name, upload->id, Someone());
      ASSERT_TRUE(Feed(**writer, large_) && (*writer)->Acknowledge());
    }
    ASSERT_EQ(disk.Files().size(), 3U);
    clock.Advance(hours(24 * 365));
    plan.FailAt(i, FaultPlan::How::kOnce, ErrorCode::kInsufficientStorage);
    const auto report = Collector(storage(), clock, log).Run(false, {});
    const bool failed = plan.operations() >= i;
    plan.Clear();
    EXPECT_LE(disk.Files().size(), failed ? 1U : 0U);
    if (!failed) break;
    ASSERT_FALSE(report);
    EXPECT_EQ(report.error().code, ErrorCode::kInsufficientStorage);
    Collect();
    EXPECT_TRUE(disk.Files().empty());
    ASSERT_LT(i, 100U);
  }
}

}  // namespace
}  // namespace portolan::store
