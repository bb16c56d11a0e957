// An owner of a file descriptor.
#pragma once

#include <utility>

namespace portolan {

/// Owns one descriptor, or none (-1), and closes it at its end. errno is left as it was, so that
/// the failure that led there can still be told. For one thread.
class UniqueFd {
 public:
  UniqueFd() = default;
  explicit UniqueFd(int fd) : fd_(fd) {}
  UniqueFd(UniqueFd&& other) noexcept : fd_(other.Release()) {}
  UniqueFd& operator=(UniqueFd&& other) noexcept {
    if (this != &other) Reset(other.Release());
    return *this;
  }
  ~UniqueFd() { Reset(); }

  /// -1 if it owns none.
  int get() const { return fd_; }
  explicit operator bool() const { return fd_ >= 0; }

  /// Gives the descriptor away: the caller closes it.
  [[nodiscard]] int Release() { return std::exchange(fd_, -1); }
  /// Closes what it owns and owns `fd` from now on.
  void Reset(int fd = -1);

 private:
  int fd_ = -1;
};

}  // namespace portolan
