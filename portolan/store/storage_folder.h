// The folder that holds a storage: whose it is, and of which version.
#pragma once

#include <string>
#include <utility>

#include "portolan/base/result.h"
#include "portolan/base/unique_fd.h"

namespace portolan::store {

/// A storage folder that this process has locked. The lock ends with it.
class StorageFolder {
 public:
  /// Opens the folder, or makes it (mode 0700; its parent must exist). kIo where another process
  /// has it: the message names the process; kConfigInvalid for a folder of a newer version, with
  /// foreign files in it, or with blobs and without their database, in which nothing is changed.
  static Result<StorageFolder> Open(const std::string& root);

  /// Makes the folder where there is none, for what may lie in it before a storage does. The errors
  /// of Open for a folder that belongs to others; locks nothing.
  static Status Prepare(const std::string& root);

  const std::string& root() const { return root_; }
  std::string database() const { return DatabaseOf(root_); }
  /// The database's file in a storage folder.
  static std::string DatabaseOf(const std::string& root);

 private:
  StorageFolder(std::string root, UniqueFd lock) : root_(std::move(root)), lock_(std::move(lock)) {}

  std::string root_;
  UniqueFd lock_;
};

}  // namespace portolan::store
