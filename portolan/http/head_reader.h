// Receiving the head of the next request.
#pragma once

#include <expected>
#include <optional>
#include <string_view>

#include "portolan/http/channel.h"
#include "portolan/http/request_head.h"

namespace portolan::http {

/// Waits for a request on a connection that has none.
class HeadReader {
 public:
  /// A head's bytes and what came behind it; both valid until the coroutine's next wait.
  struct Bytes {
    std::string_view head;
    std::string_view rest;
  };
  /// Why there is none; without a refusal there is nobody to tell.
  struct Nothing {
    std::optional<Refusal> refusal;
  };

  explicit HeadReader(Channel& channel) : channel_(channel) {}

  async::Task<std::expected<Bytes, Nothing>> Read();
  /// Takes the head out of what the channel holds; `bytes` is what Read gave.
  void Consume(const Bytes& bytes);
  /// Whether Read waits for a head's first byte.
  bool idle() const { return idle_; }

 private:
  // More bytes of a head: at least one, in the loop's scratch; or why there are none.
  async::Task<std::expected<std::string_view, Nothing>> Receive(Clock::Instant end);

  Channel& channel_;
  HeadScanner scanner_;
  bool idle_ = false;
};

}  // namespace portolan::http
