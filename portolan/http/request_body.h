// The body of a request, read from its connection.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

#include "portolan/http/body.h"
#include "portolan/http/channel.h"
#include "portolan/http/chunk_decoder.h"
#include "portolan/http/rate_window.h"
#include "portolan/http/request_head.h"

namespace portolan::http {

/// What is left of a request's body on a connection: read by the service, or discarded. The
/// connection's coroutine and the service take turns with it, on the loop's thread.
class RequestBody {
 public:
  /// `channel` must outlive it or be given up by Detach. `head` is only read now.
  RequestBody(Channel& channel, const RequestHead& head);
  RequestBody(const RequestBody&) = delete;
  RequestBody& operator=(const RequestBody&) = delete;
  ~RequestBody();

  /// The next piece of the body (see BodyReader::Next), at most 256 KiB.
  async::Task<Result<std::string_view>> Next();

  /// Whether the rest is little enough to be discarded before the next request: known to end within
  /// `max_size` bytes, and not held back by a client that waits to be told to send. What has come
  /// of a chunked rest is dropped at once, in the hope of its end, unless somebody still reads.
  bool CanDiscard(std::uint64_t max_size);
  /// Reads and drops the rest; false if the connection cannot be used any more.
  async::Task<bool> Discard();
  /// The exchange is over: readers that are left find the end of it.
  void Detach();

  /// Counts those who may still read it.
  void Join() { ++readers_; }
  void Leave() { --readers_; }

  bool done() const { return done_; }
  /// Why the client's body cannot be read on, where an answer can still say so.
  const std::optional<Refusal>& refusal() const { return refusal_; }
  std::uint64_t received() const { return received_; }
  std::optional<std::uint64_t> size() const { return size_; }

 private:
  Error Failed(ErrorCode code, std::string_view message);
  async::Task<Result<std::string_view>> NextOfLength();
  async::Task<Result<std::string_view>> NextOfChunks();
  // Decodes `count` bytes of the buffer.
  Result<std::string_view> Decode(std::size_t count);
  std::size_t CopyPending();
  void DropArrived(std::uint64_t max_size);
  // More bytes from the connection into the buffer, at most `wanted`; never 0.
  async::Task<Result<std::size_t>> Fill(std::size_t wanted);
  void End();
  std::string_view TakePending(std::uint64_t max_size);

  Channel* channel_;
  std::optional<std::uint64_t> size_;  // absent: chunked
  std::uint64_t left_ = 0;             // of a body with a size
  ChunkDecoder chunks_;
  bool continue_wanted_;
  bool done_ = false;
  int readers_ = 0;
  std::optional<Error> error_;
  std::optional<Refusal> refusal_;
  std::uint64_t received_ = 0;
  BufferPool::Buffer buffer_;
  std::string first_;  // what came with the head
  RateWindow rate_;
};

/// The BodyReader that services see. It keeps the body's remains alive, not the connection.
std::unique_ptr<BodyReader> NewRequestBodyReader(std::shared_ptr<RequestBody> body);

}  // namespace portolan::http
