#include <dirent.h>
#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <utility>

#include <fmt/format.h>
#include <linux/fs.h>

#include "portolan/base/files.h"
#include "portolan/base/unique_fd.h"
#include "portolan/store/disk.h"

namespace portolan::store {
namespace {

// The one place where a failed system call becomes an Error.
Error DiskError(std::string_view action, const std::string& path, int error) {
  const bool full = error == ENOSPC || error == EDQUOT;
  return Fail(full ? ErrorCode::kInsufficientStorage : ErrorCode::kIo,
              fmt::format("cannot {} {}: {}", action, path, std::strerror(error)),
              full ? "free some space; nothing that was acknowledged is lost" : "");
}

template <typename Call>
auto Restarted(Call call) {
  auto result = call();
  while (result < 0 && errno == EINTR) result = call();
  return result;
}

// What the kernel wants of offset, address and size of a write past its cache.
constexpr std::size_t kBlock = 4096;
// Below this the way through the cache is as quick, and keeps what is read next.
constexpr std::size_t kDirectMin = 512U << 10U;

class SystemFile final : public DiskFile {
 public:
  SystemFile(UniqueFd fd, std::string path) : fd_(std::move(fd)), path_(std::move(path)) {}

  // Large aligned pieces go to the medium without passing through the page cache, which halves the
  // processor time of a push (docs/performance.md); the kernel keeps both ways coherent. The rest
  // of a piece, and everything where the file system cannot do it, goes the ordinary way.
  Status WriteAt(std::uint64_t offset, std::string_view bytes) override {
    const std::size_t direct = WriteDirect(offset, bytes);
    bytes.remove_prefix(direct);
    offset += direct;
    while (!bytes.empty()) {
      const ssize_t size = Restarted([&] {
        return ::pwrite(fd_.get(), bytes.data(), bytes.size(), static_cast<off_t>(offset));
      });
      if (size < 0) return DiskError("write", path_, errno);
      bytes.remove_prefix(static_cast<std::size_t>(size));
      offset += static_cast<std::uint64_t>(size);
    }
    return {};
  }

  Result<std::size_t> ReadAt(std::uint64_t offset, std::span<char> out) override {
    std::size_t done = 0;
    while (done < out.size()) {
      const ssize_t size = Restarted([&] {
        return ::pread(fd_.get(), out.data() + done, out.size() - done,
                       static_cast<off_t>(offset + done));
      });
      if (size < 0) return DiskError("read", path_, errno);
      if (size == 0) break;
      done += static_cast<std::size_t>(size);
    }
    return done;
  }

  Result<std::uint64_t> Size() override {
    struct stat info{};
    if (::fstat(fd_.get(), &info) != 0) return DiskError("look at", path_, errno);
    return static_cast<std::uint64_t>(info.st_size);
  }

  Status Truncate(std::uint64_t size) override {
    if (Restarted([&] { return ::ftruncate(fd_.get(), static_cast<off_t>(size)); }) != 0) {
      return DiskError("cut off", path_, errno);
    }
    return {};
  }

  // Only begins to write: with a flag that waits it would also take the report of a failed write
  // away from SyncData.
  void StartWriteback(std::uint64_t offset, std::uint64_t size) override {
    ::sync_file_range(fd_.get(), static_cast<off_t>(offset), static_cast<off_t>(size),
                      SYNC_FILE_RANGE_WRITE);
  }

  Status SyncData() override {
    if (Restarted([&] { return ::fdatasync(fd_.get()); }) != 0) {
      return DiskError("make durable", path_, errno);
    }
    return {};
  }

  int fd() const override { return fd_.get(); }

 private:
  // Bytes written past the page cache: 0 where that cannot be, fewer than there are where it
  // stopped being possible. What is wrong with the disk the ordinary way then says.
  std::size_t WriteDirect(std::uint64_t offset, std::string_view bytes) {
    const bool aligned = offset % kBlock == 0 &&
                         reinterpret_cast<std::uintptr_t>(bytes.data()) % kBlock == 0 &&
                         bytes.size() >= kDirectMin;
    if (!aligned || !OpenDirect()) return 0;
    const std::size_t all = bytes.size() / kBlock * kBlock;
    std::size_t done = 0;
    while (done < all) {
      const ssize_t size = Restarted([&] {
        return ::pwrite(direct_.get(), bytes.data() + done, all - done,
                        static_cast<off_t>(offset + done));
      });
      if (size <= 0 || static_cast<std::size_t>(size) % kBlock != 0) {
        direct_.Reset();
        return done;
      }
      done += static_cast<std::size_t>(size);
    }
    return done;
  }

  bool OpenDirect() {
    if (!tried_direct_) {
      tried_direct_ = true;
      // The same file, whatever its name is by now.
      const std::string self = fmt::format("/proc/self/fd/{}", fd_.get());
      direct_.Reset(::open(self.c_str(), O_WRONLY | O_DIRECT | O_CLOEXEC));
    }
    return static_cast<bool>(direct_);
  }

  UniqueFd fd_;
  UniqueFd direct_;  // the same file past the page cache, once a large piece was written
  bool tried_direct_ = false;
  std::string path_;
};

class SystemDisk final : public Disk {
 public:
  SystemDisk(UniqueFd root, std::string name) : root_(std::move(root)), name_(std::move(name)) {}

  Result<std::unique_ptr<DiskFile>> Create(const std::string& path) override {
    return OpenFile(path, O_RDWR | O_CREAT | O_EXCL, "create");
  }

  Result<std::unique_ptr<DiskFile>> Open(const std::string& path, bool writable) override {
    return OpenFile(path, writable ? O_RDWR : O_RDONLY, "open");
  }

  Status Rename(const std::string& from, const std::string& to) override {
    if (::renameat(root_.get(), from.c_str(), root_.get(), to.c_str()) != 0) {
      return DiskError("rename", fmt::format("{} to {}", Full(from), to), errno);
    }
    return {};
  }

  Status Remove(const std::string& path) override {
    if (::unlinkat(root_.get(), path.c_str(), 0) != 0 && errno != ENOENT) {
      return DiskError("remove", Full(path), errno);
    }
    return {};
  }

  Status MakeFolder(const std::string& path) override {
    if (::mkdirat(root_.get(), path.c_str(), 0700) != 0 && errno != EEXIST) {
      return DiskError("create folder", Full(path), errno);
    }
    return {};
  }

  Status SyncFolder(const std::string& path) override {
    const UniqueFd folder = OpenFolder(path);
    if (!folder || Restarted([&] { return ::fsync(folder.get()); }) != 0) {
      return DiskError("make durable folder", Full(path), errno);
    }
    return {};
  }

  Result<std::vector<std::string>> List(const std::string& path) override {
    UniqueFd folder = OpenFolder(path);
    if (!folder && (errno == ENOENT || errno == ENOTDIR)) return std::vector<std::string>();
    if (!folder) return DiskError("list", Full(path), errno);
    const std::unique_ptr<DIR, int (*)(DIR*)> dir(::fdopendir(folder.get()), ::closedir);
    if (dir == nullptr) return DiskError("list", Full(path), errno);
    static_cast<void>(folder.Release());  // closedir closes it
    std::vector<std::string> names;
    for (;;) {
      errno = 0;
      const dirent* entry = ::readdir(dir.get());
      if (entry == nullptr && errno != 0) return DiskError("list", Full(path), errno);
      if (entry == nullptr) break;
      const std::string_view name = entry->d_name;
      if (name != "." && name != "..") names.emplace_back(name);
    }
    std::ranges::sort(names);
    return names;
  }

  Status Adopt(const std::string& outside, const std::string& path) override {
    const UniqueFd source(::open(outside.c_str(), O_RDONLY | O_CLOEXEC));
    if (!source) {
      const int error = errno;
      Error failure = DiskError("read", outside, error);
      if (error == ENOENT || error == ENOTDIR) failure.code = ErrorCode::kBlobUnknown;
      return failure;
    }
    {
      const UniqueFd target(
          ::openat(root_.get(), path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, kFileMode));
      if (!target) return DiskError("create", Full(path), errno);
      if (::ioctl(target.get(), FICLONE, source.get()) == 0) return {};
    }
    if (::unlinkat(root_.get(), path.c_str(), 0) != 0) {
      return DiskError("remove", Full(path), errno);
    }
    if (::linkat(AT_FDCWD, outside.c_str(), root_.get(), path.c_str(), AT_SYMLINK_FOLLOW) == 0) {
      return {};
    }
    Status copied = Copy(source.get(), outside, path);
    if (!copied) ::unlinkat(root_.get(), path.c_str(), 0);
    return copied;
  }

  Result<std::uint64_t> FreeBytes() override {
    struct statvfs info{};
    if (::fstatvfs(root_.get(), &info) != 0) return DiskError("look at", name_, errno);
    return static_cast<std::uint64_t>(info.f_bavail) * info.f_frsize;
  }

 private:
  static constexpr mode_t kFileMode = 0600;

  std::string Full(const std::string& path) const { return JoinPath(name_, path); }

  UniqueFd OpenFolder(const std::string& path) const {
    return UniqueFd(::openat(root_.get(), path.empty() ? "." : path.c_str(),
                             O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  }

  Result<std::unique_ptr<DiskFile>> OpenFile(const std::string& path, int flags,
                                             std::string_view action) {
    UniqueFd fd(Restarted([&] {
      return ::openat(root_.get(), path.c_str(), flags | O_CLOEXEC | O_NOFOLLOW, kFileMode);
    }));
    if (!fd) {
      const int error = errno;
      Error failure = DiskError(action, Full(path), error);
      if (error == ENOENT && (flags & O_CREAT) == 0) failure.code = ErrorCode::kBlobUnknown;
      return failure;
    }
    return std::make_unique<SystemFile>(std::move(fd), Full(path));
  }

  Status Copy(int source, const std::string& outside, const std::string& path) {
    PORTOLAN_TRY(const auto target, Create(path));
    std::string buffer(1U << 20U, '\0');
    std::uint64_t offset = 0;
    for (;;) {
      const ssize_t size = Restarted([&] {
        return ::pread(source, buffer.data(), buffer.size(), static_cast<off_t>(offset));
      });
      if (size < 0) return DiskError("read", outside, errno);
      if (size == 0) return {};
      const std::string_view piece(buffer.data(), static_cast<std::size_t>(size));
      PORTOLAN_CHECK(target->WriteAt(offset, piece));
      target->StartWriteback(offset, piece.size());
      offset += piece.size();
    }
  }

  UniqueFd root_;
  std::string name_;
};

}  // namespace

Result<std::unique_ptr<Disk>> NewSystemDisk(const std::string& root) {
  UniqueFd fd(::open(root.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!fd) return DiskError("open folder", root, errno);
  return std::make_unique<SystemDisk>(std::move(fd), root);
}

}  // namespace portolan::store
