// Waiting until the kernel has something for a file descriptor, or takes something.
#pragma once

#include <unistd.h>

#include <boost/asio/posix/basic_stream_descriptor.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/error_code.hpp>

#include "portolan/async/task.h"

namespace portolan::async {

/// A non-blocking file descriptor that a loop watches: reads and writes are the owner's system
/// calls, the waits between them are here. Closed by the destructor. For one coroutine at a time.
class Descriptor {
 public:
  /// Takes `fd` over. If it cannot be watched (a regular file, or the kernel is short of memory) it
  /// is closed at once, and every wait ends with an error.
  Descriptor(const Executor& executor, int fd) : descriptor_(executor) {
    boost::system::error_code error;
    descriptor_.assign(fd, error);
    if (error) ::close(fd);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;

  int fd() { return descriptor_.native_handle(); }

  /// Until there may be something to read, or an error. Returns early if cancelled: see `error`.
  Task<void> WaitRead() { return Wait(boost::asio::posix::descriptor_base::wait_read); }
  /// Until there may be room to write, or an error.
  Task<void> WaitWrite() { return Wait(boost::asio::posix::descriptor_base::wait_write); }
  /// Why the last wait ended before its time; none where it did not.
  const boost::system::error_code& error() const { return error_; }

  /// Ends a wait that is under way.
  void Cancel() {
    boost::system::error_code ignored;
    descriptor_.cancel(ignored);
  }
  /// Ends a wait that is under way, and closes. `fd` is -1 from then on.
  void Close() {
    boost::system::error_code ignored;
    descriptor_.close(ignored);
  }

 private:
  Task<void> Wait(boost::asio::posix::descriptor_base::wait_type what) {
    return descriptor_.async_wait(
        what, boost::asio::redirect_error(boost::asio::use_awaitable_t<Executor>(), error_));
  }

  boost::asio::posix::basic_stream_descriptor<Executor> descriptor_;
  boost::system::error_code error_;
};

}  // namespace portolan::async
