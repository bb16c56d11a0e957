#include "portolan/base/unique_fd.h"

#include <unistd.h>

#include <cerrno>

namespace portolan {

void UniqueFd::Reset(int fd) {
  const int old = std::exchange(fd_, fd);
  if (old < 0) return;
  const int error = errno;
  close(old);  // Linux has closed it even where this says EINTR
  errno = error;
}

}  // namespace portolan
