#include "portolan/store/storage_folder.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <filesystem>
#include <string_view>
#include <system_error>
#include <vector>

#include <fmt/format.h>

#include "portolan/base/files.h"
#include "portolan/base/log.h"

namespace portolan::store {
namespace {

constexpr std::string_view kFormatFile = "format";
constexpr std::string_view kFormatHead = "portolan storage ";
constexpr int kVersion = 1;
constexpr std::size_t kMaxFormatFile = 4096;
// May be in a folder without a `format`: what a disk's own root has, what an earlier start left
// that ended early, and accounts that were added before the first start.
constexpr std::array<std::string_view, 5> kHarmless = {"lock", "lost+found", "accounts.db",
                                                       "accounts.db-wal", "accounts.db-shm"};

Error SystemError(std::string_view action, const std::string& path) {
  return Fail(ErrorCode::kIo, fmt::format("cannot {} {}: {}", action, path, std::strerror(errno)));
}

std::string_view ParentOf(std::string_view path) {
  while (path.size() > 1 && path.ends_with('/')) path.remove_suffix(1);
  const std::size_t slash = path.rfind('/');
  if (slash == std::string_view::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

Status SyncFolder(const std::string& path) {
  const UniqueFd folder(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!folder || ::fsync(folder.get()) != 0) return SystemError("make durable folder", path);
  return {};
}

Status MakeRoot(const std::string& root) {
  if (::mkdir(root.c_str(), 0700) == 0) return SyncFolder(std::string(ParentOf(root)));
  if (errno != EEXIST) return SystemError("create folder", root);
  struct stat info{};
  if (::stat(root.c_str(), &info) != 0) return SystemError("look at", root);
  if (!S_ISDIR(info.st_mode)) return Fail(ErrorCode::kIo, fmt::format("{} is not a folder", root));
  return {};
}

// Whether this is a storage already; kConfigInvalid for anything else that is not empty.
Result<bool> HasFormat(const std::string& root) {
  PORTOLAN_TRY(const std::vector<std::string> names, SystemFiles().List(root));
  if (std::ranges::find(names, kFormatFile) != names.end()) return true;
  for (const std::string& name : names) {
    const bool temporary = name.starts_with("format.");  // Files::Replace's, cut short
    if (!temporary && std::ranges::find(kHarmless, name) == kHarmless.end()) {
      return Fail(
          ErrorCode::kConfigInvalid,
          fmt::format("{} is not a storage of portolan: it holds {}", root, Printable(name)),
          "name a new or empty folder");
    }
  }
  return false;
}

Status CheckFormat(const std::string& root) {
  PORTOLAN_TRY(const std::string text,
               SystemFiles().Read(JoinPath(root, kFormatFile), kMaxFormatFile));
  int version = 0;
  std::string_view rest = text;
  if (rest.starts_with(kFormatHead)) {
    rest.remove_prefix(kFormatHead.size());
    std::from_chars(rest.data(), rest.data() + rest.size(), version);
  }
  if (version < 1) {
    return Fail(
        ErrorCode::kConfigInvalid,
        fmt::format("{}/{} does not say \"{}{}\"", root, kFormatFile, kFormatHead, kVersion),
        "the folder belongs to another program, or is damaged");
  }
  if (version > kVersion) {
    return Fail(ErrorCode::kConfigInvalid,
                fmt::format("{} is of version {}, and this program knows versions up to {}", root,
                            version, kVersion),
                "use the program that has written it, or a newer one");
  }
  return {};
}

// Whether there is a file in the folder, however deep.
Result<bool> HoldsFiles(const std::string& folder) {
  std::error_code failure;
  std::filesystem::recursive_directory_iterator place(folder, failure);
  if (failure == std::errc::no_such_file_or_directory) return false;
  for (; !failure && place != std::filesystem::recursive_directory_iterator();
       place.increment(failure)) {
    if (!place->is_directory(failure)) return true;
  }
  if (!failure) return false;
  return Fail(ErrorCode::kIo, fmt::format("cannot list {}: {}", folder, failure.message()));
}

// A new database beside old blobs would be a registry that has lost everything and says so to every
// client.
Status CheckDatabaseIsThere(const std::string& root) {
  const std::string database = StorageFolder::DatabaseOf(root);
  if (::access(database.c_str(), F_OK) == 0) return {};
  if (errno != ENOENT) return SystemError("look at", database);
  const std::string blobs = JoinPath(root, "blobs");
  PORTOLAN_TRY(const bool holds_files, HoldsFiles(blobs));
  if (!holds_files) return {};
  return Fail(
      ErrorCode::kConfigInvalid, fmt::format("{} is missing, and {} holds blobs", database, blobs),
      fmt::format("restore it from a backup; to begin anew without them, move {} away", blobs));
}

// SQLite would let everybody read it; its other files get this one's mode. Empty, it is a new one.
Status MakeDatabaseFile(const std::string& database) {
  const UniqueFd file(::open(database.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  return file ? Status() : SystemError("create", database);
}

Result<UniqueFd> TakeLock(const std::string& root) {
  const std::string path = JoinPath(root, "lock");
  UniqueFd lock(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!lock) return SystemError("open", path);
  std::array<char, 32> text{};
  if (::flock(lock.get(), LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK) return SystemError("lock", path);
    const ssize_t size = ::pread(lock.get(), text.data(), text.size(), 0);
    const std::string_view pid(text.data(), size > 0 ? static_cast<std::size_t>(size) : 0);
    return Fail(ErrorCode::kIo,
                fmt::format("{} is in use by process {}", root,
                            pid.empty() ? "(unknown)" : Printable(pid.substr(0, pid.find('\n')))),
                "one process serves a storage; stop that one first");
  }
  const std::string pid = fmt::format("{}\n", ::getpid());
  // Written over, then cut: what is cut first needs room again, and the disk may be full.
  if (::pwrite(lock.get(), pid.data(), pid.size(), 0) != static_cast<ssize_t>(pid.size()) ||
      ::ftruncate(lock.get(), static_cast<off_t>(pid.size())) != 0) {
    return SystemError("write", path);
  }
  return lock;
}

}  // namespace

Status StorageFolder::Prepare(const std::string& root) {
  PORTOLAN_CHECK(MakeRoot(root));
  PORTOLAN_CHECK(HasFormat(root));
  return {};
}

Result<StorageFolder> StorageFolder::Open(const std::string& root) {
  // Before a lock is left in a foreign folder, and again under the lock: another process may just
  // have made the storage.
  PORTOLAN_CHECK(Prepare(root));
  PORTOLAN_TRY(UniqueFd lock, TakeLock(root));
  PORTOLAN_TRY(const bool ours, HasFormat(root));
  if (ours) {
    PORTOLAN_CHECK(CheckFormat(root));
    PORTOLAN_CHECK(CheckDatabaseIsThere(root));
  } else {
    PORTOLAN_CHECK(SystemFiles().Replace(JoinPath(root, kFormatFile),
                                         fmt::format("{}{}\n", kFormatHead, kVersion), 0600));
    PORTOLAN_CHECK(SyncFolder(root));
  }
  PORTOLAN_CHECK(MakeDatabaseFile(DatabaseOf(root)));
  return StorageFolder(root, std::move(lock));
}

std::string StorageFolder::DatabaseOf(const std::string& root) {
  return JoinPath(root, "metadata.db");
}

}  // namespace portolan::store
