// The file system behind an interface: the machine's in the program, memory in tests.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "portolan/base/result.h"

namespace portolan {

/// Small configuration files: read whole, replaced whole. Paths are absolute, or relative to the
/// working directory. Every failure is kIo naming the path and the system's reason, except where
/// said otherwise.
class Files {
 public:
  virtual ~Files() = default;

  /// The whole file. kNameUnknown if it does not exist, kTooLarge if it has more than `max_size`
  /// bytes, kIo if it is anything but a regular file or cannot be read.
  virtual Result<std::string> Read(const std::string& path, std::size_t max_size) = 0;

  /// Replaces the file in one step: a reader sees the old content or the new, also after a crash.
  /// Missing parent folders are made with mode 0700. `mode` is the file's (for example 0600). A
  /// symbolic link is followed, and its target replaced.
  virtual Status Replace(const std::string& path, std::string_view content, std::uint32_t mode) = 0;

  /// Removes the file. Removing what is not there is a success.
  virtual Status Remove(const std::string& path) = 0;

  /// Names of the entries (without `.` and `..`) in byte order. kNameUnknown if there is no such
  /// folder.
  virtual Result<std::vector<std::string>> List(const std::string& folder) = 0;

  virtual bool IsFolder(const std::string& path) = 0;
  /// Whether this process may make files in `path`, or in the nearest existing parent of it.
  virtual bool CanCreateIn(const std::string& path) = 0;
  /// Whether the file belongs to this user and nobody else may read or write it. What holds secrets
  /// must be so.
  virtual bool IsPrivate(const std::string& path) = 0;
};

/// The machine's. Lives as long as the program; safe to use from several threads.
Files& SystemFiles();

/// Files in a map; folders exist while something is in them. Not for use from several threads.
class MemoryFiles final : public Files {
 public:
  struct File {
    std::string content;
    std::uint32_t mode = 0644;
  };
  std::map<std::string, File> files;
  /// Paths that cannot be opened, as if permissions forbade it.
  std::vector<std::string> unreadable;
  /// How often each path was read.
  std::map<std::string, int> reads;
  /// Folders in which nothing can be made.
  std::vector<std::string> read_only;

  Result<std::string> Read(const std::string& path, std::size_t max_size) override;
  Status Replace(const std::string& path, std::string_view content, std::uint32_t mode) override;
  Status Remove(const std::string& path) override;
  Result<std::vector<std::string>> List(const std::string& folder) override;
  bool IsFolder(const std::string& path) override;
  bool CanCreateIn(const std::string& path) override;
  bool IsPrivate(const std::string& path) override;
};

/// `folder` + "/" + `name`, with one slash between them.
std::string JoinPath(std::string_view folder, std::string_view name);

}  // namespace portolan
