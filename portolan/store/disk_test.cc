// One suite for both disks: what holds of the machine's holds of the one that tests lose power on.
#include "portolan/store/disk.h"

#include <sys/stat.h>
#include <unistd.h>

#include <functional>
#include <memory>
#include <string>

#include <gtest/gtest.h>

#include "portolan/store/testing/faulty_disk.h"
#include "portolan/store/testing/temporary_folder.h"

namespace portolan::store {
namespace {

class Harness {
 public:
  virtual ~Harness() = default;
  virtual Disk& disk() = 0;
  // Makes a file outside the root, and gives its path.
  virtual std::string Outside(std::string content) = 0;
};

class SystemHarness final : public Harness {
 public:
  SystemHarness() {
    folder_.Write("root/.made", "");
    disk_ = *NewSystemDisk(folder_.Under("root"));
    EXPECT_TRUE(disk_->Remove(".made"));
  }
  Disk& disk() override { return *disk_; }
  std::string Outside(std::string content) override {
    folder_.Write("outside", content);
    return folder_.Under("outside");
  }

 private:
  TemporaryFolder folder_;
  std::unique_ptr<Disk> disk_;
};

class MemoryHarness final : public Harness {
 public:
  Disk& disk() override { return disk_; }
  std::string Outside(std::string content) override {
    disk_.PutOutside("/outside", std::move(content));
    return "/outside";
  }

 private:
  FaultPlan plan_;
  FaultyDisk disk_{plan_};
};

struct Maker {
  const char* name;
  std::function<std::unique_ptr<Harness>()> make;
};

class DiskTest : public testing::TestWithParam<Maker> {
 protected:
  Disk& disk() { return harness_->disk(); }
  void Write(const std::string& path, std::string_view content) {
    auto file = disk().Create(path);
    ASSERT_TRUE(file) << file.error().message;
    ASSERT_TRUE((*file)->WriteAt(0, content));
  }
  std::string Read(const std::string& path) {
    const auto file = disk().Open(path, false);
    if (!file) return file.error().message;
    std::string content(1000, '\0');
    const auto size = (*file)->ReadAt(0, content);
    if (!size) return size.error().message;
    content.resize(*size);
    return content;
  }

  std::unique_ptr<Harness> harness_ = GetParam().make();
};

TEST_P(DiskTest, WritesAnywhereAndReadsBack) {
  auto file = disk().Create("a");
  ASSERT_TRUE(file);
  EXPECT_TRUE((*file)->WriteAt(0, "hello world"));
  EXPECT_TRUE((*file)->WriteAt(6, "W"));
  EXPECT_TRUE((*file)->WriteAt(13, "!"));
  (*file)->StartWriteback(0, 14);
  EXPECT_TRUE((*file)->SyncData());
  EXPECT_EQ((*file)->Size(), 14U);
  EXPECT_EQ(Read("a"), std::string("hello World\0\0!", 14));
  EXPECT_TRUE((*file)->Truncate(5));
  EXPECT_EQ(Read("a"), "hello");
  char out[3];
  EXPECT_EQ((*file)->ReadAt(3, out), 2U);
  EXPECT_EQ((*file)->ReadAt(5, out), 0U);
}

TEST_P(DiskTest, CreatesOnlyWhatIsNotThere) {
  Write("a", "1");
  const auto again = disk().Create("a");
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().code, ErrorCode::kIo);
  EXPECT_EQ(Read("a"), "1");
}

TEST_P(DiskTest, OpensOnlyWhatIsThere) {
  const auto missing = disk().Open("a", true);
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().code, ErrorCode::kBlobUnknown);
  Write("a", "1");
  const auto file = disk().Open("a", true);
  ASSERT_TRUE(file);
  EXPECT_TRUE((*file)->WriteAt(1, "2"));
  EXPECT_EQ(Read("a"), "12");
}

TEST_P(DiskTest, RenamesAcrossFoldersAndReplaces) {
  ASSERT_TRUE(disk().MakeFolder("f"));
  ASSERT_TRUE(disk().MakeFolder("f"));  // again is a success
  Write("a", "new");
  Write("f/b", "old");
  EXPECT_TRUE(disk().Rename("a", "f/b"));
  EXPECT_EQ(Read("f/b"), "new");
  EXPECT_FALSE(disk().Open("a", false));
  EXPECT_TRUE(disk().SyncFolder("f"));
  EXPECT_TRUE(disk().SyncFolder(""));
  EXPECT_FALSE(disk().Rename("a", "f/c"));
  EXPECT_FALSE(disk().Rename("f/b", "g/b"));
}

TEST_P(DiskTest, RemovesAlsoWhatIsNotThere) {
  Write("a", "1");
  const auto open = disk().Open("a", false);
  EXPECT_TRUE(disk().Remove("a"));
  EXPECT_TRUE(disk().Remove("a"));
  EXPECT_FALSE(disk().Open("a", false));
  char out[1];
  EXPECT_EQ((*open)->ReadAt(0, out), 1U);  // who has it open reads on
}

TEST_P(DiskTest, ListsInByteOrder) {
  Write("b", "");
  Write("B", "");
  ASSERT_TRUE(disk().MakeFolder("a"));
  EXPECT_EQ(disk().List(""), (std::vector<std::string>{"B", "a", "b"}));
  EXPECT_EQ(disk().List("a"), std::vector<std::string>());
  EXPECT_EQ(disk().List("nowhere"), std::vector<std::string>());
}

TEST_P(DiskTest, Adopts) {
  const std::string outside = harness_->Outside("content");
  EXPECT_TRUE(disk().Adopt(outside, "a"));
  EXPECT_EQ(Read("a"), "content");
  const Status exists = disk().Adopt(outside, "a");
  ASSERT_FALSE(exists);
  EXPECT_EQ(exists.error().code, ErrorCode::kIo);
  const Status missing = disk().Adopt("/nonexistent/file", "b");
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().code, ErrorCode::kBlobUnknown);
  EXPECT_FALSE(disk().Open("b", false));
}

TEST_P(DiskTest, KnowsFreeSpace) { EXPECT_GT(disk().FreeBytes().value_or(0), 0U); }

TEST_P(DiskTest, SyncOfMissingFolderFails) { EXPECT_FALSE(disk().SyncFolder("nowhere")); }

INSTANTIATE_TEST_SUITE_P(
    All, DiskTest,
    testing::Values(Maker{"System", [] { return std::make_unique<SystemHarness>(); }},
                    Maker{"Memory", [] { return std::make_unique<MemoryHarness>(); }}),
    [](const auto& parameter) { return parameter.param.name; });

TEST(SystemDisk, FilesArePrivateAndNamedInErrors) {
  const TemporaryFolder folder;
  const auto disk = *NewSystemDisk(folder.path());
  ASSERT_TRUE(disk->MakeFolder("f"));
  ASSERT_TRUE(disk->Create("f/a"));
  struct stat info{};
  ASSERT_EQ(::stat(folder.Under("f/a").c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777U, 0600U);
  ASSERT_EQ(::stat(folder.Under("f").c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777U, 0700U);
  const auto again = disk->Create("f/a");
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().message, "cannot create " + folder.Under("f/a") + ": File exists");
}

TEST(SystemDisk, FollowsNoLinks) {
  const TemporaryFolder folder;
  folder.Write("outside", "secret");
  folder.Write("root/x", "");
  ASSERT_EQ(::symlink(folder.Under("outside").c_str(), folder.Under("root/link").c_str()), 0);
  const auto disk = *NewSystemDisk(folder.Under("root"));
  EXPECT_FALSE(disk->Open("link", false));
}

// /dev/full takes no byte: the one way to a full disk that every machine has.
TEST(SystemDisk, FullDiskIsInsufficientStorage) {
  const auto disk = *NewSystemDisk("/dev");
  const auto full = disk->Open("full", true);
  ASSERT_TRUE(full) << full.error().message;
  const Status written = (*full)->WriteAt(0, "x");
  ASSERT_FALSE(written);
  EXPECT_EQ(written.error().code, ErrorCode::kInsufficientStorage);
}

TEST(SystemDisk, RootMustExist) {
  const auto disk = NewSystemDisk("/nonexistent/root");
  ASSERT_FALSE(disk);
  EXPECT_EQ(disk.error().code, ErrorCode::kIo);
}

}  // namespace
}  // namespace portolan::store
