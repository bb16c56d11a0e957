#include "portolan/store/fsck.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "portolan/store/collector.h"
#include "portolan/store/testing/storage_fixture.h"

namespace portolan::store {
namespace {

class FsckTest : public testing::Test, public StorageFixture {
 protected:
  FsckTest() {
    Push(large_);
    Push("config");
    const Status pushed = PushManifest(storage(), "a", image_, {TagOf("v1")}, Someone());
    EXPECT_TRUE(pushed) << pushed.error().message;
  }

  void Push(std::string_view content) {
    const Status pushed = PushBlob(storage(), "a", content, Someone());
    ASSERT_TRUE(pushed) << pushed.error().message;
  }
  FsckReport Check(const FsckOptions& options = {}) {
    findings_.clear();
    const auto report =
        Fsck(storage(), options, [&](const Finding& finding) { findings_.push_back(finding); });
    EXPECT_TRUE(report) << report.error().message;
    return report.value_or(FsckReport());
  }
  FsckReport Repair() { return Check({.repair = true}); }
  // The one finding.
  Finding Only() const {
    EXPECT_EQ(findings_.size(), 1U);
    return findings_.empty() ? Finding() : findings_.front();
  }
  std::string ObjectOf(std::string_view content) {
    const auto row = storage().metadata().FindBlob(RepositoryNamed("a"), Sha256Of(content));
    return row ? row->object : "";
  }
  // A second object of the same content, without a row.
  std::string Orphan(std::string_view content, std::string_view named_after) {
    const auto file = storage().blobs().Stage("x");
    EXPECT_TRUE((*file)->WriteAt(0, content) && (*file)->SyncData());
    return storage().blobs().Publish("x", Sha256Of(named_after)).value_or("");
  }
  void ExpectSound() {
    const FsckReport report = Check();
    EXPECT_EQ(report.damaged, 0U);
    EXPECT_EQ(report.harmless, 0U);
    EXPECT_EQ(PullBlob(storage(), "a", Sha256Of(large_)), large_);
  }

  const std::string large_ = RandomContent(1000, 1);
  const std::string image_ = ImageManifest("config", {large_});
  std::vector<Finding> findings_;
};

TEST_F(FsckTest, SoundStore) {
  const FsckReport report = Check();
  EXPECT_EQ(report.blobs, 2U);
  EXPECT_EQ(report.manifests, 1U);
  EXPECT_EQ(report.bytes, 1006U + image_.size());
  EXPECT_EQ(report.damaged, 0U);
  EXPECT_EQ(report.harmless, 0U);
  EXPECT_TRUE(findings_.empty());
}

TEST_F(FsckTest, MissingObject) {
  const std::string object = ObjectOf(large_);
  ASSERT_TRUE(storage().blobs().Remove({object}));
  EXPECT_EQ(Check().damaged, 1U);
  EXPECT_EQ(Only().kind, Finding::Kind::kMissingObject);
  EXPECT_EQ(Only().what, Sha256Of(large_).text() + ": its object " + object + " is missing");
  EXPECT_FALSE(Only().repaired);
}

TEST_F(FsckTest, MissingObjectIsUnknownAfterwardsAndCanBePushedAgain) {
  ASSERT_TRUE(storage().blobs().Remove({ObjectOf(large_)}));
  EXPECT_EQ(Repair().damaged, 2U);  // the manifest misses it from now on
  ASSERT_EQ(findings_.size(), 2U);
  EXPECT_TRUE(findings_[0].repaired);
  EXPECT_EQ(findings_[1].kind, Finding::Kind::kDangling);
  EXPECT_FALSE(findings_[1].repaired);
  const auto found = storage().StatBlob(RepositoryNamed("a"), Sha256Of(large_), kPoolPatience);
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().code, ErrorCode::kBlobUnknown);
  Push(large_);
  ExpectSound();
}

TEST_F(FsckTest, DamagedObjectIsSetAside) {
  const std::string object = ObjectOf(large_);
  disk.Damage("blobs/" + object, 500);
  EXPECT_EQ(Check({.repair = false, .rehash = false}).damaged, 0U);
  EXPECT_EQ(Check().damaged, 1U);
  EXPECT_EQ(Only().kind, Finding::Kind::kWrongContent);
  EXPECT_EQ(Repair().damaged, 2U);
  ASSERT_EQ(findings_.size(), 2U);
  EXPECT_TRUE(findings_[0].repaired);
  EXPECT_TRUE(disk.Files().contains("lost+found/" + object.substr(object.rfind('/') + 1)));
  EXPECT_FALSE(disk.Files().contains("blobs/" + object));
  Push(large_);
  ExpectSound();
}

TEST_F(FsckTest, ShortObject) {
  ASSERT_TRUE((*disk.Open("blobs/" + ObjectOf(large_), true))->Truncate(10));
  EXPECT_EQ(Check({.repair = false, .rehash = false}).damaged, 1U);
  EXPECT_EQ(Only().what, Sha256Of(large_).text() + ": its object " + ObjectOf(large_) +
                             " has 10 bytes, not 1000");
}

TEST_F(FsckTest, MediumThatCannotBeReadIsDamage) {
  const std::uint64_t before = plan.operations();
  Check();
  const std::uint64_t reads = plan.operations() - before;
  for (std::uint64_t i = 1; i <= reads; ++i) {
    plan.FailAt(i, FaultPlan::How::kOnce, ErrorCode::kIo);
    std::uint64_t found = 0;
    const auto report = Fsck(storage(), {}, [&](const Finding&) { ++found; });
    EXPECT_TRUE(!report || found == 1U) << i;  // never passed over
    plan.Clear();
  }
  plan.FailAt(2, FaultPlan::How::kOnce, ErrorCode::kIo);  // after Open
  EXPECT_EQ(Check().damaged, 1U);
  EXPECT_EQ(Only().kind, Finding::Kind::kWrongContent);
}

TEST_F(FsckTest, WrongInlineContent) {
  const BlobRow wrong{.digest = Sha256Of("right"),
                      .size = 5,
                      .object = {},
                      .content = std::make_shared<const std::string>("wrong")};
  ASSERT_TRUE(storage().metadata().AddBlob(RepositoryNamed("a"), wrong, "", Someone()));
  EXPECT_EQ(Check().damaged, 1U);
  EXPECT_EQ(Only().kind, Finding::Kind::kWrongContent);
  EXPECT_EQ(Repair().damaged, 1U);
  ExpectSound();
}

TEST_F(FsckTest, WrongManifest) {
  const oci::Manifest manifest = *oci::Manifest::Parse(image_, "");
  const oci::RepositoryName name = RepositoryNamed("a");
  const oci::Digest digest = Sha256Of("another text");
  ASSERT_TRUE(storage().metadata().PutManifest(
      {.repository = name, .digest = digest, .manifest = manifest, .content = image_, .tags = {}},
      Someone()));
  EXPECT_EQ(Check().damaged, 1U);
  EXPECT_EQ(Only().what, "a@" + digest.text() + ": the manifest in its row has another digest");
}

TEST_F(FsckTest, OrphansAreHarmless) {
  Orphan("whatever", "whatever");
  const std::string second = Orphan(large_, large_);
  ASSERT_TRUE(disk.Create("blobs/sha256/" + second.substr(7, 2) + "/README"));
  ASSERT_TRUE(storage().blobs().Stage("left"));
  const FsckReport report = Check();
  EXPECT_EQ(report.damaged, 0U);
  EXPECT_EQ(report.harmless, 4U);
  ASSERT_EQ(findings_.size(), 4U);
  EXPECT_EQ(findings_[3].kind, Finding::Kind::kOrphanStaging);
  EXPECT_EQ(findings_[3].what, "staging file left belongs to no upload");
  EXPECT_EQ(Repair().harmless, 4U);
  ExpectSound();
}

TEST_F(FsckTest, NothingIsRemovedOnTheWordOfADatabaseThatKnowsNoBlob) {
  const std::string object = ObjectOf(large_);
  ASSERT_TRUE(storage().metadata().DropBlob(Sha256Of(large_)));
  ASSERT_TRUE(storage().metadata().DropBlob(Sha256Of("config")));
  EXPECT_EQ(Repair().harmless, 1U);
  EXPECT_TRUE(storage().blobs().Open(object));
}

TEST_F(FsckTest, UploadsAndDoomedBlobsAreNoOrphans) {
  const oci::RepositoryName name = RepositoryNamed("a");
  const auto upload = storage().StartUpload(name, oci::HashAlgorithm::kSha256, Someone());
  {
    const auto writer = storage().ContinueUpload(name, upload->id, Someone());
    ASSERT_TRUE(Feed(**writer, large_) && (*writer)->Acknowledge());
  }
  const std::string other = RandomContent(500, 9);
  Push(other);
  ASSERT_TRUE(storage().metadata().RemoveBlob(name, Sha256Of(other)));
  ExpectSound();
}

TEST_F(FsckTest, OrphanGivesLostContentBack) {
  const std::string object = ObjectOf(large_);
  Orphan(RandomContent(1000, 7), large_);
  Orphan(large_, large_);
  ASSERT_TRUE(storage().blobs().Remove({object}));
  const FsckReport report = Repair();
  EXPECT_EQ(report.damaged, 1U);
  EXPECT_EQ(report.harmless, 1U);  // the damaged one
  EXPECT_EQ(ObjectOf(large_), object);
  ExpectSound();
}

TEST_F(FsckTest, OrphanReplacesDamagedContent) {
  disk.Damage("blobs/" + ObjectOf(large_), 0);
  Orphan(large_, large_);
  EXPECT_EQ(Repair().damaged, 1U);
  EXPECT_TRUE(Only().repaired);
  ExpectSound();
}

// Beside a server: rows go and come between one look and the next.
TEST_F(FsckTest, WhatIsCollectedMeanwhileIsNotLost) {
  const std::string going = RandomContent(500, 9);
  Push(going);
  bool collected = false;
  // The objects are opened in the order of their rows; each takes an Open, a Size and two ReadAts.
  plan.Before(4, [&] {
    ASSERT_TRUE(storage().metadata().RemoveBlob(RepositoryNamed("a"), Sha256Of(going)));
    const auto report = Collector(storage(), clock, log).Run(false, {});
    collected = report && report->blobs == 1;
  });
  EXPECT_EQ(Check().damaged, 0U);
  EXPECT_TRUE(collected);
}

TEST_F(FsckTest, WhatIsPushedMeanwhileIsNoOrphan) {
  bool pushed = false;
  plan.Before(
      3, [&] { pushed = PushBlob(storage(), "a", RandomContent(500, 9), Someone()).has_value(); });
  const FsckReport report = Check();
  EXPECT_EQ(report.harmless, 0U);
  EXPECT_TRUE(pushed);
}

}  // namespace
}  // namespace portolan::store
