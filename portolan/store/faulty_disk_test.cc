#include "portolan/store/testing/faulty_disk.h"

#include <string>

#include <gtest/gtest.h>

namespace portolan::store {
namespace {

class FaultyDiskTest : public testing::Test {
 protected:
  std::unique_ptr<DiskFile> Write(const std::string& path, std::string_view content) {
    auto file = disk_.Create(path);
    EXPECT_TRUE(file && (*file)->WriteAt(0, content));
    return *std::move(file);
  }
  std::map<std::string, std::string> AfterPowerLoss() {
    disk_.LosePower(FaultyDisk::Survival::kNothing, random_);
    return disk_.Files();
  }
  using Files = std::map<std::string, std::string>;

  FixedRandom random_;
  FaultPlan plan_;
  FaultyDisk disk_{plan_};
};

TEST_F(FaultyDiskTest, LosesNamesThatAreNotSynced) {
  EXPECT_TRUE(Write("a", "1")->SyncData());
  EXPECT_EQ(AfterPowerLoss(), Files());
}

TEST_F(FaultyDiskTest, LosesContentThatIsNotSynced) {
  Write("a", "1");
  EXPECT_TRUE(disk_.SyncFolder(""));
  EXPECT_EQ(AfterPowerLoss(), (Files{{"a", ""}}));
}

TEST_F(FaultyDiskTest, KeepsWhatIsSynced) {
  EXPECT_TRUE(disk_.MakeFolder("f"));
  const auto file = Write("f/a", "1");
  EXPECT_TRUE(file->SyncData());
  EXPECT_TRUE(file->WriteAt(1, "2"));
  EXPECT_TRUE(disk_.SyncFolder("f"));
  EXPECT_TRUE(disk_.SyncFolder(""));
  EXPECT_EQ(AfterPowerLoss(), (Files{{"f/a", "1"}}));
  EXPECT_FALSE(file->SyncData());  // it was open
}

TEST_F(FaultyDiskTest, FolderNeedsItsParent) {
  EXPECT_TRUE(disk_.MakeFolder("f"));
  EXPECT_TRUE(Write("f/a", "1")->SyncData());
  EXPECT_TRUE(disk_.SyncFolder("f"));
  EXPECT_EQ(AfterPowerLoss(), Files());
}

TEST_F(FaultyDiskTest, RenameNeedsTheNewFolder) {
  EXPECT_TRUE(Write("a", "1")->SyncData());
  EXPECT_TRUE(disk_.MakeFolder("f"));
  EXPECT_TRUE(disk_.SyncFolder(""));
  EXPECT_TRUE(disk_.Rename("a", "f/a"));
  EXPECT_EQ(AfterPowerLoss(), (Files{{"a", "1"}}));
  EXPECT_TRUE(disk_.Rename("a", "f/a"));
  EXPECT_TRUE(disk_.SyncFolder("f"));
  EXPECT_EQ(AfterPowerLoss(), (Files{{"a", "1"}, {"f/a", "1"}}));
}

TEST_F(FaultyDiskTest, RemovedComesBackUnlessSynced) {
  EXPECT_TRUE(Write("a", "1")->SyncData());
  EXPECT_TRUE(disk_.SyncFolder(""));
  EXPECT_TRUE(disk_.Remove("a"));
  EXPECT_EQ(AfterPowerLoss(), (Files{{"a", "1"}}));
  EXPECT_TRUE(disk_.Remove("a"));
  EXPECT_TRUE(disk_.SyncFolder(""));
  EXPECT_EQ(AfterPowerLoss(), Files());
}

TEST_F(FaultyDiskTest, EverythingMaySurvive) {
  Write("a", "1");
  disk_.LosePower(FaultyDisk::Survival::kEverything, random_);
  EXPECT_EQ(disk_.Files(), (Files{{"a", "1"}}));
}

TEST_F(FaultyDiskTest, FailsOnceOrFromThenOn) {
  plan_.FailAt(2, FaultPlan::How::kOnce, ErrorCode::kInsufficientStorage);
  EXPECT_TRUE(disk_.MakeFolder("a"));
  const Status failed = disk_.MakeFolder("b");
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().code, ErrorCode::kInsufficientStorage);
  EXPECT_TRUE(disk_.MakeFolder("c"));
  EXPECT_EQ(plan_.operations(), 3U);
  plan_.FailAt(1, FaultPlan::How::kFromThen, ErrorCode::kIo);
  EXPECT_FALSE(disk_.MakeFolder("d"));
  EXPECT_FALSE(disk_.MakeFolder("e"));
  plan_.Clear();
  EXPECT_EQ(disk_.List(""), (std::vector<std::string>{"a", "c"}));
}

TEST_F(FaultyDiskTest, FailedSyncLosesTheBytesForGood) {
  const auto file = Write("a", "1");
  EXPECT_TRUE(disk_.SyncFolder(""));
  plan_.FailAt(1, FaultPlan::How::kOnce, ErrorCode::kIo);
  EXPECT_FALSE(file->SyncData());
  EXPECT_TRUE(file->SyncData());  // a lie, as Linux tells it
  EXPECT_EQ(AfterPowerLoss(), (Files{{"a", std::string(1, '\0')}}));
}

}  // namespace
}  // namespace portolan::store
