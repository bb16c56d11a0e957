#include <fcntl.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "portolan/http/answer_sender.h"

namespace portolan::http {
namespace {

constexpr std::uint64_t kWindow = 1U << 20U;       // for one call, for the other connections' sake
constexpr std::uint64_t kProbeStep = 128U << 10U;  // the kernel reads ahead in such steps
constexpr std::uint64_t kReadAhead = 8U << 20U;

// Whether a read at `offset` would wait for the disk. Where the file system cannot say, it is taken
// for warm.
bool IsCold(int fd, std::uint64_t offset) {
  char byte = 0;
  const iovec piece{.iov_base = &byte, .iov_len = 1};
  return preadv2(fd, &piece, 1, static_cast<off_t>(offset), RWF_NOWAIT) < 0 && errno == EAGAIN;
}

bool IsCold(int fd, std::uint64_t offset, std::uint64_t size) {
  for (std::uint64_t at = 0; at < size; at += kProbeStep) {
    if (IsCold(fd, offset + at)) return true;
  }
  return IsCold(fd, offset + size - 1);
}

// On a pool thread: brings the window into the page cache, and what follows it on its way.
bool Warm(const FileRange& file, std::uint64_t offset, std::uint64_t size) {
  const std::uint64_t ahead = std::min(file.offset + file.size - offset, size + kReadAhead);
  (void)posix_fadvise(file.fd, static_cast<off_t>(offset), static_cast<off_t>(ahead),
                      POSIX_FADV_WILLNEED);
  std::array<char, 64U << 10U> buffer;  // NOLINT(cppcoreguidelines-pro-type-member-init)
  for (std::uint64_t at = 0; at < size;) {
    const auto wanted = static_cast<std::size_t>(std::min<std::uint64_t>(buffer.size(), size - at));
    const ssize_t count = pread(file.fd, buffer.data(), wanted, static_cast<off_t>(offset + at));
    if (count <= 0) return false;  // sending will find out why
    at += static_cast<std::uint64_t>(count);
  }
  return true;
}

}  // namespace

async::Task<bool> SendFileRange(Channel& channel, const FileRange& file, std::uint64_t& sent) {
  std::uint64_t offset = file.offset;
  const std::uint64_t end = file.offset + file.size;
  std::uint64_t warm_until = offset;
  while (offset < end) {
    if (offset >= warm_until) {
      const std::uint64_t window = std::min(end - offset, kWindow);
      if (IsCold(file.fd, offset, window)) {
        auto warm = [file, offset, window] { return Warm(file, offset, window); };
        (void)co_await async::OnPool(channel.loop().pool(), std::move(warm));
      }
      warm_until = offset + window;
    }
    const auto wanted = static_cast<std::size_t>(warm_until - offset);
    const Io io = channel.transport().SendFile(file.fd, offset, wanted);
    if (io.kind == Io::Kind::kFailed || (io.done() && io.count == 0)) co_return false;
    offset += io.count;
    sent += io.count;
    channel.Wrote(io.count);
    if (io.done() && io.count == wanted) {
      co_await channel.Share(io.count);
      continue;
    }
    if (!co_await channel.AwaitRoom(Io::Kind::kWantWrite)) co_return false;
  }
  co_return co_await channel.Flush();
}

}  // namespace portolan::http
