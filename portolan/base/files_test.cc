#include "portolan/base/files.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace portolan {
namespace {

class TemporaryFolder {
 public:
  TemporaryFolder() {
    std::string name = testing::TempDir() + "portolan-files-XXXXXX";
    path_ = mkdtemp(name.data()) == nullptr ? std::string() : name;
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  ~TemporaryFolder() {
    std::error_code ignored;
    if (!path_.empty()) std::filesystem::remove_all(path_, ignored);
  }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

// One suite over both implementations: what holds for the machine's files must hold for the fake.
class FilesTest : public testing::TestWithParam<const char*> {
 protected:
  void SetUp() override { ASSERT_FALSE(folder_.path().empty()); }

  Files& files() { return GetParam() == std::string_view("memory") ? memory_ : SystemFiles(); }
  std::string In(std::string_view name) { return JoinPath(folder_.path(), name); }
  void Write(std::string_view name, std::string_view content, std::uint32_t mode = 0600) {
    const Status status = files().Replace(In(name), content, mode);
    ASSERT_TRUE(status) << status.error().message;
  }

 private:
  TemporaryFolder folder_;
  MemoryFiles memory_;
};

TEST_P(FilesTest, ReadsWhatWasWritten) {
  const std::string content("a\0\xff\n", 4);
  Write("f", content);
  EXPECT_EQ(*files().Read(In("f"), 4), content);
  Write("f", "");
  EXPECT_EQ(*files().Read(In("f"), 0), "");
  Write("big", std::string(100'000, 'x'));
  EXPECT_EQ(files().Read(In("big"), 100'000)->size(), 100'000U);
}

TEST_P(FilesTest, ReadErrors) {
  Write("folder/file", "12345");
  struct Row {
    const char* name;
    const char* path;
    ErrorCode code;
  };
  const Row rows[] = {
      {"missing", "no", ErrorCode::kNameUnknown},
      {"missing folder", "no/no", ErrorCode::kNameUnknown},
      {"below a file", "folder/file/x", ErrorCode::kNameUnknown},
      {"a folder", "folder", ErrorCode::kIo},
      {"one byte too many", "folder/file", ErrorCode::kTooLarge},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.name);
    const Result<std::string> content = files().Read(In(row.path), 4);
    ASSERT_FALSE(content);
    EXPECT_EQ(content.error().code, row.code);
    EXPECT_NE(content.error().message.find(In(row.path)), std::string::npos)
        << content.error().message;
  }
}

TEST_P(FilesTest, ReplaceMakesParentFolders) {
  Write("a/b/c/f", "x");
  EXPECT_TRUE(files().IsFolder(In("a")));
  EXPECT_TRUE(files().IsFolder(In("a/b/c")));
  EXPECT_EQ(*files().List(In("a/b/c")), std::vector<std::string>{"f"})
      << "nothing temporary is left";
}

TEST_P(FilesTest, ReplaceErrors) {
  Write("folder/file", "x");
  for (const char* path : {"folder", "folder/file/x"}) {
    SCOPED_TRACE(path);
    const Status status = files().Replace(In(path), "y", 0600);
    ASSERT_FALSE(status);
    EXPECT_EQ(status.error().code, ErrorCode::kIo);
  }
  EXPECT_EQ(*files().Read(In("folder/file"), 10), "x");
  EXPECT_EQ(*files().List(In("folder")), std::vector<std::string>{"file"});
}

TEST_P(FilesTest, RemoveIsRepeatable) {
  Write("d/f", "x");
  Write("d/g", "x");
  EXPECT_TRUE(files().Remove(In("d/f")));
  EXPECT_EQ(files().Read(In("d/f"), 10).error().code, ErrorCode::kNameUnknown);
  EXPECT_TRUE(files().Remove(In("d/f")));
  EXPECT_TRUE(files().Remove(In("no/no")));
  EXPECT_TRUE(files().Remove(In("d/g/below")));
  const Status folder = files().Remove(In("d"));
  ASSERT_FALSE(folder);
  EXPECT_EQ(folder.error().code, ErrorCode::kIo);
}

TEST_P(FilesTest, ListIsSortedAndNotDeep) {
  for (const char* name : {"d/b", "d/a/1", "d/a/2", "d/a-b", "d/.hidden", "d/Z"}) Write(name, "x");
  const std::vector<std::string> expected = {".hidden", "Z", "a", "a-b", "b"};
  EXPECT_EQ(*files().List(In("d")), expected);
  EXPECT_EQ(*files().List(In("d/")), expected);
  EXPECT_EQ(files().List(In("no")).error().code, ErrorCode::kNameUnknown);
  EXPECT_EQ(files().List(In("d/b")).error().code, ErrorCode::kNameUnknown);
}

TEST_P(FilesTest, IsFolder) {
  Write("d/f", "x");
  EXPECT_TRUE(files().IsFolder(In("d")));
  EXPECT_FALSE(files().IsFolder(In("d/f")));
  EXPECT_FALSE(files().IsFolder(In("no")));
}

TEST_P(FilesTest, CanCreateIn) {
  Write("d/f", "x");
  EXPECT_TRUE(files().CanCreateIn(In("d")));
  EXPECT_TRUE(files().CanCreateIn(In("d/not/yet")));
  EXPECT_FALSE(files().CanCreateIn(In("d/f")));
  EXPECT_FALSE(files().CanCreateIn(In("d/f/x")));
}

TEST_P(FilesTest, IsPrivateFollowsTheMode) {
  struct Row {
    const char* name;
    std::uint32_t mode;
    bool expected;
  };
  for (const Row& row : {Row{"0600", 0600, true}, Row{"0400", 0400, true}, Row{"0640", 0640, false},
                         Row{"0604", 0604, false}, Row{"0620", 0620, false}}) {
    SCOPED_TRACE(row.name);
    Write("f", "x", row.mode);
    EXPECT_EQ(files().IsPrivate(In("f")), row.expected);
  }
  EXPECT_FALSE(files().IsPrivate(In("no")));
}

INSTANTIATE_TEST_SUITE_P(Both, FilesTest, testing::Values("system", "memory"),
                         [](const auto& test) { return std::string(test.param); });

TEST(SystemFilesTest, ReplaceFollowsLinks) {
  const TemporaryFolder folder;
  const std::string target = JoinPath(folder.path(), "target");
  const std::string link = JoinPath(folder.path(), "link");
  // First a link whose target is missing, then one whose target is there.
  ASSERT_EQ(symlink("target", link.c_str()), 0);
  for (const char* content : {"first", "second"}) {
    SCOPED_TRACE(content);
    ASSERT_TRUE(SystemFiles().Replace(link, content, 0600));
    EXPECT_TRUE(std::filesystem::is_symlink(link));
    EXPECT_EQ(*SystemFiles().Read(target, 10), content);
  }
}

TEST(SystemFilesTest, LinksInACircleEnd) {
  const TemporaryFolder folder;
  const std::string link = JoinPath(folder.path(), "link");
  ASSERT_EQ(symlink("link", link.c_str()), 0);
  EXPECT_EQ(SystemFiles().Read(link, 10).error().code, ErrorCode::kIo);
}

TEST(SystemFilesTest, ModesAreExact) {
  const TemporaryFolder folder;
  const std::string path = JoinPath(folder.path(), "a/f");
  const mode_t old_mask = umask(0);
  const Status status = SystemFiles().Replace(path, "x", 0640);
  umask(old_mask);
  ASSERT_TRUE(status) << status.error().message;
  struct stat info{};
  ASSERT_EQ(stat(path.c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 07777U, 0640U);
  ASSERT_EQ(stat(JoinPath(folder.path(), "a").c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 07777U, 0700U);
}

TEST(SystemFilesTest, APipeIsNotReadAndDoesNotHang) {
  const TemporaryFolder folder;
  const std::string path = JoinPath(folder.path(), "pipe");
  ASSERT_EQ(mkfifo(path.c_str(), 0600), 0);
  EXPECT_EQ(SystemFiles().Read(path, 10).error().code, ErrorCode::kIo);
}

TEST(SystemFilesTest, AnEmptyFolderIsAFolder) {
  const TemporaryFolder folder;
  EXPECT_TRUE(SystemFiles().IsFolder(folder.path()));
  EXPECT_TRUE(SystemFiles().List(folder.path())->empty());
}

TEST(MemoryFilesTest, PretendsPermissions) {
  MemoryFiles files;
  files.files["/etc/x"] = {.content = "secret", .mode = 0644};
  files.unreadable = {"/etc/x"};
  files.read_only = {"/etc"};
  EXPECT_EQ(files.Read("/etc/x", 10).error().code, ErrorCode::kIo);
  EXPECT_EQ(files.Replace("/etc/y", "x", 0600).error().code, ErrorCode::kIo);
  EXPECT_FALSE(files.CanCreateIn("/etc/sub"));
  EXPECT_TRUE(files.CanCreateIn("/etcetera"));
  EXPECT_TRUE(files.Replace("/etcetera", "x", 0600));
}

TEST(MemoryFilesTest, CountsReads) {
  MemoryFiles files;
  EXPECT_FALSE(files.Read("/a", 1));
  EXPECT_FALSE(files.Read("/a", 1));
  EXPECT_EQ(files.reads["/a"], 2);
}

TEST(JoinPathTest, OneSlashBetween) {
  EXPECT_EQ(JoinPath("/a", "b"), "/a/b");
  EXPECT_EQ(JoinPath("/a/", "/b"), "/a/b");
  EXPECT_EQ(JoinPath("/", "b"), "/b");
  EXPECT_EQ(JoinPath("a", "b/c"), "a/b/c");
}

}  // namespace
}  // namespace portolan
