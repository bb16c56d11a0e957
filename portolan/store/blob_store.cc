#include "portolan/store/blob_store.h"

#include <cstddef>
#include <set>
#include <unordered_set>
#include <utility>

#include <fmt/format.h>

#include "portolan/base/guarded.h"
#include "portolan/base/random_text.h"

namespace portolan::store {
namespace {

constexpr std::string_view kBlobs = "blobs";
constexpr std::string_view kUploads = "uploads";
constexpr std::string_view kLostAndFound = "lost+found";
constexpr std::size_t kRandomBytes = 4;  // of a key: eight digits
constexpr std::size_t kSuffix = 1 + 2 * kRandomBytes;

// All paths of the store are made here.
std::string StagingPath(const std::string& id) { return fmt::format("{}/{}", kUploads, id); }
std::string ObjectPath(std::string_view key) { return fmt::format("{}/{}", kBlobs, key); }
std::string FolderOf(const std::string& path) { return path.substr(0, path.rfind('/')); }

bool IsHex(std::string_view text) {
  return text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

class FileBlobStore final : public BlobStore {
 public:
  FileBlobStore(Disk& disk, Random& random) : disk_(disk), random_(random) {}

  Status Prepare() {
    PORTOLAN_CHECK(disk_.MakeFolder(std::string(kBlobs)));
    PORTOLAN_CHECK(disk_.MakeFolder(std::string(kUploads)));
    return disk_.SyncFolder("");
  }

  // A fresh name, or a fresh file under an old one: a file that is cut to nothing and written again
  // would be flushed by ext4 when it is closed.
  Result<std::unique_ptr<DiskFile>> Stage(const std::string& id) override {
    PORTOLAN_CHECK(disk_.Remove(StagingPath(id)));
    return disk_.Create(StagingPath(id));
  }

  Result<std::unique_ptr<DiskFile>> OpenStaged(const std::string& id) override {
    auto file = disk_.Open(StagingPath(id), true);
    if (!file && file.error().code == ErrorCode::kBlobUnknown) {
      return Fail(ErrorCode::kBlobUploadUnknown,
                  fmt::format("the content of upload {} is no longer there", id),
                  "upload it again from the start");
    }
    return file;
  }

  Status RemoveStaged(const std::string& id) override { return disk_.Remove(StagingPath(id)); }

  Status SyncStaged() override { return disk_.SyncFolder(std::string(kUploads)); }

  Result<std::vector<std::string>> ListStaged() override {
    return disk_.List(std::string(kUploads));
  }

  Result<std::string> Publish(const std::string& id, const oci::Digest& digest) override {
    std::string key = NewKey(digest);
    const std::string path = ObjectPath(key);
    PORTOLAN_CHECK(MakeFolders(digest.algorithm(), FolderOf(path)));
    PORTOLAN_CHECK(disk_.Rename(StagingPath(id), path));
    if (Status durable = disk_.SyncFolder(FolderOf(path)); !durable) {
      static_cast<void>(disk_.Rename(path, StagingPath(id)));  // the upload may go on later
      return std::move(durable).error();
    }
    return key;
  }

  Status Unpublish(const std::string& key, const std::string& id) override {
    PORTOLAN_CHECK(disk_.Rename(ObjectPath(key), StagingPath(id)));
    return SyncStaged();
  }

  // By way of a staging file, so that an object has all of its content from its first moment.
  Result<std::string> Adopt(const std::string& outside, const oci::Digest& digest) override {
    const std::string id = "adopted-" + RandomHex(random_, kRandomBytes);
    PORTOLAN_CHECK(disk_.Adopt(outside, StagingPath(id)));
    Result<std::string> key = PublishAdopted(id, digest);
    if (!key) static_cast<void>(RemoveStaged(id));  // the first failure is the one to be told
    return key;
  }

  Result<std::unique_ptr<DiskFile>> Open(const std::string& key) override {
    return disk_.Open(ObjectPath(key), false);
  }

  Status Remove(const std::vector<std::string>& keys) override {
    std::set<std::string> folders;
    for (const std::string& key : keys) {
      PORTOLAN_CHECK(disk_.Remove(ObjectPath(key)));
      folders.insert(FolderOf(ObjectPath(key)));
    }
    // After all of them: the first sync writes the file system's journal, and the others find
    // little left to do.
    for (const std::string& folder : folders) PORTOLAN_CHECK(disk_.SyncFolder(folder));
    return {};
  }

  Status Rename(const std::string& from, const std::string& to) override {
    PORTOLAN_CHECK(disk_.Rename(ObjectPath(from), ObjectPath(to)));
    return disk_.SyncFolder(FolderOf(ObjectPath(to)));
  }

  Result<std::string> SetAside(const std::string& key) override {
    PORTOLAN_CHECK(disk_.MakeFolder(std::string(kLostAndFound)));
    PORTOLAN_CHECK(disk_.SyncFolder(""));
    std::string path = fmt::format("{}/{}", kLostAndFound, key.substr(key.rfind('/') + 1));
    PORTOLAN_CHECK(disk_.Rename(ObjectPath(key), path));
    PORTOLAN_CHECK(disk_.SyncFolder(std::string(kLostAndFound)));
    return path;
  }

  Status ForEach(const std::function<Status(const std::string& key)>& visit) override {
    PORTOLAN_TRY(const auto algorithms, disk_.List(std::string(kBlobs)));
    for (const std::string& algorithm : algorithms) {
      PORTOLAN_TRY(const auto prefixes, disk_.List(ObjectPath(algorithm)));
      for (const std::string& prefix : prefixes) {
        const std::string folder = fmt::format("{}/{}", algorithm, prefix);
        PORTOLAN_TRY(const auto names, disk_.List(ObjectPath(folder)));
        for (const std::string& name : names) {
          PORTOLAN_CHECK(visit(fmt::format("{}/{}", folder, name)));
        }
      }
    }
    return {};
  }

 private:
  std::string NewKey(const oci::Digest& digest) {
    return fmt::format("{}/{}/{}-{}", digest.algorithm(), digest.encoded().substr(0, 2),
                       digest.encoded(), RandomHex(random_, kRandomBytes));
  }

  Result<std::string> PublishAdopted(const std::string& id, const oci::Digest& digest) {
    PORTOLAN_TRY(const auto file, disk_.Open(StagingPath(id), false));
    PORTOLAN_CHECK(file->SyncData());  // a hard link may be to a file that was never made durable
    return Publish(id, digest);
  }

  // Also a folder that exists may have been made by a process that ended before its name was
  // durable: the first time, the parents are made durable in any case.
  Status MakeFolders(std::string_view algorithm, const std::string& folder) {
    if (durable_folders_.Lock()->contains(folder)) return {};
    const std::string parent = ObjectPath(algorithm);
    PORTOLAN_CHECK(disk_.MakeFolder(parent));
    PORTOLAN_CHECK(disk_.SyncFolder(std::string(kBlobs)));
    PORTOLAN_CHECK(disk_.MakeFolder(folder));
    PORTOLAN_CHECK(disk_.SyncFolder(parent));
    durable_folders_.Lock()->insert(folder);
    return {};
  }

  Disk& disk_;
  Random& random_;
  Guarded<std::unordered_set<std::string>> durable_folders_;
};

}  // namespace

Result<oci::Digest> BlobStore::DigestOfKey(std::string_view key) {
  const std::size_t first = key.find('/');
  const std::size_t last = key.rfind('/');
  if (first != std::string_view::npos && last != first && key.size() > last + 1 + kSuffix) {
    const std::string_view algorithm = key.substr(0, first);
    const std::string_view prefix = key.substr(first + 1, last - first - 1);
    const std::string_view encoded = key.substr(last + 1, key.size() - last - 1 - kSuffix);
    const std::string_view suffix = key.substr(key.size() - kSuffix);
    if (suffix.front() == '-' && IsHex(suffix.substr(1)) && encoded.substr(0, 2) == prefix) {
      auto digest = oci::Digest::Parse(fmt::format("{}:{}", algorithm, encoded));
      if (digest) return *std::move(digest);
    }
  }
  return Fail(ErrorCode::kInternal, fmt::format("\"{}\" is not the key of an object", key));
}

Result<std::unique_ptr<BlobStore>> NewFileBlobStore(Disk& disk, Random& random) {
  auto store = std::make_unique<FileBlobStore>(disk, random);
  PORTOLAN_CHECK(store->Prepare());
  return store;
}

}  // namespace portolan::store
