#include "portolan/store/storage_folder.h"

#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <optional>
#include <string>

#include <gtest/gtest.h>

#include "portolan/store/testing/temporary_folder.h"

namespace portolan::store {
namespace {

TEST(StorageFolder, MakesAPrivateFolder) {
  const TemporaryFolder parent;
  const std::string root = parent.Under("registry");
  const auto folder = StorageFolder::Open(root);
  ASSERT_TRUE(folder) << folder.error().message;
  EXPECT_EQ(folder->root(), root);
  EXPECT_EQ(folder->database(), root + "/metadata.db");
  struct stat info{};
  ASSERT_EQ(::stat(root.c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777U, 0700U);
  ASSERT_EQ(::stat(folder->database().c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777U, 0600U);
  EXPECT_EQ(parent.Read("registry/format"), "portolan storage 1\n");
  EXPECT_EQ(parent.Read("registry/lock"), std::to_string(::getpid()) + "\n");
}

TEST(StorageFolder, TakesAnEmptyFolderAndItsOwn) {
  const TemporaryFolder folder;
  std::filesystem::create_directory(folder.Under("lost+found"));
  EXPECT_TRUE(StorageFolder::Open(folder.path()));
  folder.Write("anything", "that came later");
  EXPECT_TRUE(StorageFolder::Open(folder.path()));
}

TEST(StorageFolder, GoesOnWithAStartThatEndedEarly) {
  const TemporaryFolder folder;
  folder.Write("lock", "99999999999999\n");
  folder.Write("format.a1b2c3", "portolan st");
  EXPECT_TRUE(StorageFolder::Open(folder.path()));
  EXPECT_EQ(folder.Read("lock"), std::to_string(::getpid()) + "\n");
}

TEST(StorageFolder, BlobsWithoutTheirDatabase) {
  const TemporaryFolder folder;
  ASSERT_TRUE(StorageFolder::Open(folder.path()));
  std::filesystem::remove(folder.Under("metadata.db"));
  std::filesystem::create_directories(folder.Under("blobs/sha256/4f"));
  ASSERT_TRUE(StorageFolder::Open(folder.path()));  // a start that ended early
  std::filesystem::remove(folder.Under("metadata.db"));
  folder.Write("blobs/sha256/4f/4f53", "content");
  const auto refused = StorageFolder::Open(folder.path());
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kConfigInvalid);
  EXPECT_EQ(refused.error().message, folder.Under("metadata.db") + " is missing, and " +
                                         folder.Under("blobs") + " holds blobs");
  EXPECT_NE(refused.error().hint.find("restore it"), std::string::npos);
  folder.Write("metadata.db", "");
  EXPECT_TRUE(StorageFolder::Open(folder.path()));
}

TEST(StorageFolder, LockNamesTheProcess) {
  const TemporaryFolder folder;
  std::optional first = StorageFolder::Open(folder.path());
  ASSERT_TRUE(*first);
  const auto second = StorageFolder::Open(folder.path());
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, ErrorCode::kIo);
  EXPECT_EQ(second.error().message,
            folder.path() + " is in use by process " + std::to_string(::getpid()));
  first.reset();
  EXPECT_TRUE(StorageFolder::Open(folder.path()));
}

TEST(StorageFolder, RefusesForeignFolders) {
  const TemporaryFolder folder;
  folder.Write("docker/registry/v2/x", "");
  const auto opened = StorageFolder::Open(folder.path());
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, ErrorCode::kConfigInvalid);
  EXPECT_EQ(opened.error().message,
            folder.path() + " is not a storage of portolan: it holds docker");
  EXPECT_FALSE(std::filesystem::exists(folder.Under("lock")));
}

TEST(StorageFolder, RefusesOtherFormats) {
  const struct {
    const char* name;
    const char* format;
    const char* message;
  } rows[] = {
      {"newer", "portolan storage 2\n",
       " is of version 2, and this program knows versions up to 1"},
      {"foreign", "tar\n", "/format does not say \"portolan storage 1\""},
      {"empty", "", "/format does not say \"portolan storage 1\""},
      {"no number", "portolan storage x\n", "/format does not say \"portolan storage 1\""},
      {"negative", "portolan storage -1\n", "/format does not say \"portolan storage 1\""},
  };
  for (const auto& row : rows) {
    const TemporaryFolder folder;
    folder.Write("format", row.format);
    const auto opened = StorageFolder::Open(folder.path());
    ASSERT_FALSE(opened) << row.name;
    EXPECT_EQ(opened.error().code, ErrorCode::kConfigInvalid) << row.name;
    EXPECT_EQ(opened.error().message, folder.path() + row.message) << row.name;
  }
}

TEST(StorageFolder, RefusesWhatIsNoFolder) {
  const TemporaryFolder folder;
  folder.Write("file", "");
  const auto opened = StorageFolder::Open(folder.Under("file"));
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, ErrorCode::kIo);
  const auto orphan = StorageFolder::Open(folder.Under("no/parent"));
  ASSERT_FALSE(orphan);
  EXPECT_EQ(orphan.error().code, ErrorCode::kIo);
}

}  // namespace
}  // namespace portolan::store
