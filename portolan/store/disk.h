// The file system as the store needs it, behind an interface: the machine's in the program, one
// that fails or loses power in tests.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "portolan/base/result.h"

namespace portolan::store {

/// One open file. For one thread at a time, but for `fd`, which may be read from anywhere with
/// pread and sendfile.
class DiskFile {
 public:
  virtual ~DiskFile() = default;  ///< closes; says nothing of durability

  /// All of `bytes` at `offset`. kIo; kInsufficientStorage where the disk or a quota is full.
  virtual Status WriteAt(std::uint64_t offset, std::string_view bytes) = 0;
  /// Up to `out.size()` bytes; fewer only at the end of the file.
  virtual Result<std::size_t> ReadAt(std::uint64_t offset, std::span<char> out) = 0;
  virtual Result<std::uint64_t> Size() = 0;
  virtual Status Truncate(std::uint64_t size) = 0;
  /// Starts to write these bytes to the medium without waiting, so that SyncData has little left to
  /// do.
  virtual void StartWriteback(std::uint64_t offset, std::uint64_t size) = 0;
  /// Returns when content and size survive a power failure (fdatasync).
  virtual Status SyncData() = 0;
  /// Of the system; -1 in memory.
  virtual int fd() const = 0;
};

/// Folders and files below one root. Paths are relative to it, with `/`, built by blob_store.cc
/// alone. Thread-safe. Every failure is kIo naming the path and the system's reason
/// (kInsufficientStorage: the disk is full), except where said otherwise. What is created, renamed
/// or removed survives a power failure only after SyncFolder of the folder that holds its name.
class Disk {
 public:
  virtual ~Disk() = default;

  /// kIo if it exists.
  virtual Result<std::unique_ptr<DiskFile>> Create(const std::string& path) = 0;
  /// kBlobUnknown if it does not exist. Read-only unless `writable`.
  virtual Result<std::unique_ptr<DiskFile>> Open(const std::string& path, bool writable) = 0;
  /// Replaces `to` if it exists.
  virtual Status Rename(const std::string& from, const std::string& to) = 0;
  /// Removing what is not there is a success.
  virtual Status Remove(const std::string& path) = 0;
  /// One level; success if it exists.
  virtual Status MakeFolder(const std::string& path) = 0;
  /// Returns when the names in the folder (empty: the root) survive a power failure.
  virtual Status SyncFolder(const std::string& path) = 0;
  /// Names in byte order; empty where there is no such folder.
  virtual Result<std::vector<std::string>> List(const std::string& folder) = 0;
  /// Makes `path` hold the content of a file outside the root without copying where the file system
  /// can: a reflink, else a hard link, else a copy. kBlobUnknown if there is no such file; kIo if
  /// `path` exists.
  virtual Status Adopt(const std::string& outside, const std::string& path) = 0;
  virtual Result<std::uint64_t> FreeBytes() = 0;
};

/// The machine's, below `root`, which must exist.
Result<std::unique_ptr<Disk>> NewSystemDisk(const std::string& root);

}  // namespace portolan::store
