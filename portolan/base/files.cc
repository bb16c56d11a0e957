#include "portolan/base/files.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <cstdlib>
#include <cstring>
#include <memory>

#include <fmt/format.h>

#include "portolan/base/unique_fd.h"

namespace portolan {
namespace {

Error PosixError(ErrorCode code, std::string_view action, const std::string& path, int error) {
  return Fail(code, fmt::format("cannot {} {}: {}", action, path, std::strerror(error)));
}

std::string ParentOf(const std::string& path) {
  const std::size_t slash = path.find_last_of('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

Status MakeFolders(const std::string& folder) {
  if (mkdir(folder.c_str(), 0700) == 0 || errno == EEXIST) return {};
  if (errno != ENOENT) return PosixError(ErrorCode::kIo, "create folder", folder, errno);
  PORTOLAN_CHECK(MakeFolders(ParentOf(folder)));
  if (mkdir(folder.c_str(), 0700) == 0 || errno == EEXIST) return {};
  return PosixError(ErrorCode::kIo, "create folder", folder, errno);
}

Status WriteAll(int fd, std::string_view content, const std::string& path) {
  while (!content.empty()) {
    const ssize_t written = write(fd, content.data(), content.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return PosixError(ErrorCode::kIo, "write", path, errno);
    content.remove_prefix(static_cast<std::size_t>(written));
  }
  return {};
}

class MachineFiles final : public Files {
 public:
  Result<std::string> Read(const std::string& path, std::size_t max_size) override {
    const UniqueFd fd(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
    if (!fd) {
      const bool missing = errno == ENOENT || errno == ENOTDIR;
      return PosixError(missing ? ErrorCode::kNameUnknown : ErrorCode::kIo, "read", path, errno);
    }
    struct stat info{};
    if (fstat(fd.get(), &info) != 0) return PosixError(ErrorCode::kIo, "read", path, errno);
    if (!S_ISREG(info.st_mode)) {
      return Fail(ErrorCode::kIo, fmt::format("cannot read {}: not a regular file", path));
    }
    std::string content;
    char piece[16384];
    for (;;) {
      const ssize_t size = read(fd.get(), piece, sizeof piece);
      if (size < 0 && errno == EINTR) continue;
      if (size < 0) return PosixError(ErrorCode::kIo, "read", path, errno);
      if (size == 0) return content;
      content.append(piece, static_cast<std::size_t>(size));
      if (content.size() > max_size) {
        return Fail(
            ErrorCode::kTooLarge,
            fmt::format("{} is larger than the {} bytes that are read of it", path, max_size));
      }
    }
  }

  Status Replace(const std::string& path, std::string_view content, std::uint32_t mode) override {
    const std::string target = Resolve(path);
    PORTOLAN_CHECK(MakeFolders(ParentOf(target)));
    std::string temporary = target + ".XXXXXX";
    const UniqueFd fd(mkostemp(temporary.data(), O_CLOEXEC));
    if (!fd) return PosixError(ErrorCode::kIo, "create", temporary, errno);
    Status status = WriteAll(fd.get(), content, temporary);
    if (status && (fchmod(fd.get(), mode) != 0 || fdatasync(fd.get()) != 0 ||
                   rename(temporary.c_str(), target.c_str()) != 0)) {
      status = PosixError(ErrorCode::kIo, "replace", target, errno);
    }
    if (!status) unlink(temporary.c_str());
    return status;
  }

  Status Remove(const std::string& path) override {
    if (unlink(path.c_str()) == 0 || errno == ENOENT || errno == ENOTDIR) return {};
    return PosixError(ErrorCode::kIo, "remove", path, errno);
  }

  Result<std::vector<std::string>> List(const std::string& folder) override {
    const std::unique_ptr<DIR, int (*)(DIR*)> dir(opendir(folder.c_str()), closedir);
    if (dir == nullptr) {
      const bool missing = errno == ENOENT || errno == ENOTDIR;
      return PosixError(missing ? ErrorCode::kNameUnknown : ErrorCode::kIo, "list", folder, errno);
    }
    std::vector<std::string> names;
    for (;;) {
      errno = 0;
      const dirent* entry = readdir(dir.get());
      if (entry == nullptr && errno != 0) return PosixError(ErrorCode::kIo, "list", folder, errno);
      if (entry == nullptr) break;
      const std::string_view name = entry->d_name;
      if (name != "." && name != "..") names.emplace_back(name);
    }
    std::ranges::sort(names);
    return names;
  }

  bool IsFolder(const std::string& path) override {
    struct stat info{};
    return stat(path.c_str(), &info) == 0 && S_ISDIR(info.st_mode);
  }

  bool CanCreateIn(const std::string& path) override {
    std::string folder = path;
    while (access(folder.c_str(), F_OK) != 0) {
      if (folder == "/" || folder == ".") return false;
      folder = ParentOf(folder);
    }
    return IsFolder(folder) && access(folder.c_str(), W_OK | X_OK) == 0;
  }

  bool IsPrivate(const std::string& path) override {
    struct stat info{};
    return stat(path.c_str(), &info) == 0 && info.st_uid == geteuid() && (info.st_mode & 077U) == 0;
  }

 private:
  // Where a symbolic link leads, so that replacing ~/.docker/config.json keeps somebody's link to
  // their dotfiles. A link whose target does not exist yet is followed too.
  static std::string Resolve(std::string path) {
    constexpr int kMaxLinks = 40;  // as the kernel has it
    for (int links = 0; links < kMaxLinks; ++links) {
      const std::unique_ptr<char, void (*)(void*)> real(realpath(path.c_str(), nullptr), std::free);
      if (real != nullptr) return real.get();
      char target[PATH_MAX];
      const ssize_t size = readlink(path.c_str(), target, sizeof target);
      if (size <= 0) break;
      const std::string_view link(target, static_cast<std::size_t>(size));
      path = link.starts_with('/') ? std::string(link) : JoinPath(ParentOf(path), link);
    }
    return path;
  }
};

}  // namespace

Files& SystemFiles() {
  static MachineFiles files;
  return files;
}

std::string JoinPath(std::string_view folder, std::string_view name) {
  while (folder.ends_with('/')) folder.remove_suffix(1);
  while (name.starts_with('/')) name.remove_prefix(1);
  return fmt::format("{}/{}", folder, name);
}

}  // namespace portolan
