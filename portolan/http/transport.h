// Bytes of one connection, as they are or under TLS.
#pragma once

#include <sys/uio.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>

namespace portolan::http {

/// What a call that does not wait came to.
struct Io {
  enum class Kind : std::uint8_t {
    kDone,       ///< `count` bytes were moved; 0 from Read is the peer's end
    kWantRead,   ///< nothing moved: call again when there is something to read
    kWantWrite,  ///< nothing moved: call again when there is room to write
    kFailed,     ///< the connection is broken
  };
  Kind kind = Kind::kFailed;
  std::size_t count = 0;

  bool done() const { return kind == Kind::kDone; }
  static Io Done(std::size_t count) { return {Kind::kDone, count}; }
};

/// Moves bytes over a non-blocking socket without ever waiting. HTTP does not see below it what
/// protects them. For one thread. The socket must outlive it.
class Transport {
 public:
  virtual ~Transport() = default;

  /// To be repeated until done before anything else.
  virtual Io Handshake() = 0;
  /// At most `size` bytes, more than 0.
  virtual Io Read(char* into, std::size_t size) = 0;
  /// Takes a part of the pieces, in their order, or all of them. `more`: others follow at once, so
  /// that the kernel may wait for them before it sends.
  virtual Io Write(std::span<const iovec> pieces, bool more) = 0;
  /// Takes a part of the file; 0 bytes where the file ends early.
  virtual Io SendFile(int file, std::uint64_t offset, std::size_t size) = 0;
  /// Sends what Write and SendFile took and could not send.
  virtual Io Flush() = 0;
  /// Tells the peer that no more comes.
  virtual void EndWriting() = 0;
  /// Whether Read has something that the socket does not know of any more.
  virtual bool has_buffered() const = 0;
};

/// Memory of one loop that its transports use for the length of one call.
struct TransportScratch {
  static constexpr std::size_t kSize = 80U << 10U;
  std::unique_ptr<char[]> in = std::make_unique<char[]>(kSize);
  std::string out;
};

/// Bytes as they are.
std::unique_ptr<Transport> NewPlainTransport(int socket);

}  // namespace portolan::http
