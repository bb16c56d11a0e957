// Bodies as streams: whoever reads sets the pace.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "portolan/async/task.h"
#include "portolan/base/result.h"

namespace portolan::http {

/// A part of an open file that a server may send without reading it (sendfile).
struct FileRange {
  int fd = -1;  ///< open for reading while `owner` lives
  std::uint64_t offset = 0;
  std::uint64_t size = 0;  ///< bytes; the file has them all
  std::shared_ptr<const void> owner;
};

/// A body that is pulled piece by piece. Until a piece is asked for, the sender is held back.
/// Destroying a reader before its end drops the rest, and the connection with it where there is
/// one. For one coroutine at a time.
class BodyReader {
 public:
  virtual ~BodyReader() = default;

  /// The next piece, valid until the next call; empty at the end, and at every call after that.
  /// Errors: kConnectFailed if the peer closed too early, kTimeout, kCancelled, kTooLarge.
  virtual async::Task<Result<std::string_view>> Next() = 0;

  /// Bytes of the whole body, where that is known before it is read.
  virtual std::optional<std::uint64_t> size() const { return std::nullopt; }
  /// The file that holds the whole body, where one does: a server sends it without Next. Asked
  /// before the first Next only.
  virtual std::optional<FileRange> file() const { return std::nullopt; }
};

/// A body in memory, given in one piece.
std::unique_ptr<BodyReader> NewTextBody(std::string text);

/// A body that others share (a cached manifest), given in one piece. Never null.
std::unique_ptr<BodyReader> NewSharedBody(std::shared_ptr<const std::string> text);

/// A part of a file, read in pieces of 64 KiB on the calling thread where it cannot be sent as a
/// file. kIo if the file is shorter than the range says.
std::unique_ptr<BodyReader> NewFileBody(FileRange range);

/// Makes the body of a request each time that it is sent, so that it can be sent again after a 401
/// or a failure.
using BodyFactory = std::function<std::unique_ptr<BodyReader>()>;

/// Reads to the end. kTooLarge, with the rest dropped, if there are more than `max_size` bytes.
async::Task<Result<std::string>> ReadAll(BodyReader& body, std::size_t max_size);

/// Reads at most `max_size` bytes and leaves the rest: for error bodies, of which the start is
/// enough. A failure on the way gives what came before it.
async::Task<std::string> ReadStart(BodyReader& body, std::size_t max_size);

}  // namespace portolan::http
