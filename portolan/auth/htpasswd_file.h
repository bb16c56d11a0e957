// An htpasswd file that is read again when it changes.
#pragma once

#include <chrono>
#include <memory>
#include <mutex>
#include <string>

#include "portolan/auth/htpasswd.h"
#include "portolan/base/clock.h"
#include "portolan/base/files.h"
#include "portolan/base/log.h"
#include "portolan/base/result.h"
#include "portolan/oci/hash.h"

namespace portolan::auth {

/// The users of a file as they are now, or were until a second ago. A file that has become
/// unreadable or wrong keeps the users of before, with a warning. Thread-safe. The constructor's
/// references must outlive it.
class HtpasswdFile {
 public:
  static constexpr Clock::Duration kLookInterval = std::chrono::seconds(1);

  HtpasswdFile(std::string path, Files& files, const Clock& clock, Log& log)
      : path_(std::move(path)), files_(files), clock_(clock), log_(log) {}

  /// Reads the file for the first time. kConfigInvalid where it does not exist or is wrong.
  Status Start();
  /// Sees whether the file has changed, unless that was done within the last second. May block.
  void Look();
  /// Whether the last look is no older than a second. Never blocks.
  bool fresh();
  /// Another object after each change.
  std::shared_ptr<const Htpasswd> users();

 private:
  struct Users {
    std::shared_ptr<const Htpasswd> parsed;
    oci::Sha256Bytes content{};  // of what text
  };

  Result<Users> Load();
  void Take(Users users);

  const std::string path_;
  Files& files_;
  const Clock& clock_;
  Log& log_;
  std::mutex reading_;  // held while the file is read; before mutex_
  std::mutex mutex_;    // of all below; held for moments only
  Users users_;
  Clock::Instant looked_at_{};
};

}  // namespace portolan::auth
