// A connection's transport with the waiting between its calls.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "portolan/async/descriptor.h"
#include "portolan/async/task.h"
#include "portolan/http/rate_window.h"
#include "portolan/http/server_loop.h"
#include "portolan/http/transport.h"

namespace portolan::http {

/// The bytes of one connection for its coroutine: calls of the transport, waits with a deadline
/// that the loop's sweep enforces, and what was received and not yet used. For the loop's thread.
class Channel {
 public:
  enum class Woken : std::uint8_t {
    kReady,
    kTimeout,  ///< the wait's time is over; the connection is as it was
    kAborted,  ///< the connection is to be given up
  };

  /// Takes `fd` over, a connected non-blocking socket.
  Channel(ServerLoop& loop, int fd);
  Channel(const Channel&) = delete;
  Channel& operator=(const Channel&) = delete;

  ServerLoop& loop() { return loop_; }
  Transport& transport() { return *transport_; }
  int fd() { return descriptor_.fd(); }

  /// Waits for what a call of the transport wants, kWantRead or kWantWrite. How it ended is said by
  /// `woken`, to be asked once after each wait.
  async::Task<void> Wait(Io::Kind want, Clock::Duration timeout);
  Woken woken();

  /// Waits until the transport takes more, or can send what it holds. False if the client takes
  /// nothing within the limits' idle timeout, or so little meanwhile that its rate is below the
  /// limits', or if the connection is to be given up.
  async::Task<bool> AwaitRoom(Io::Kind want);
  /// The transport took so many bytes of an answer.
  void Wrote(std::size_t count) { written_.Moved(count); }
  /// Writes everything, waiting by AwaitRoom. False if that failed: the connection is of no more
  /// use.
  async::Task<bool> WriteAll(std::span<iovec> pieces);
  async::Task<bool> WriteAll(std::string_view text);
  /// Until what the transport still holds is sent.
  async::Task<bool> Flush();
  /// Lets the loop's other connections have their turn, once a megabyte was moved without a wait.
  async::Task<void> Share(std::size_t moved);

  /// Whether a wait is under way.
  bool waits() const { return deadline_ != Clock::Instant::max(); }
  /// Ends a wait whose time is over.
  void Sweep(Clock::Instant now);
  /// Ends a wait that is under way as a timeout.
  void EndWait();
  /// Ends this and all later waits; the peer is cut off.
  void Abort();
  bool aborted() const { return aborted_; }
  /// From now on closing tells the peer that something broke.
  void ResetOnClose();
  /// Whether the peer has closed its side, as far as the kernel knows. `half`: closing only its
  /// sending side counts.
  bool PeerGone(bool half);

  /// Received, and not yet used.
  std::string pending;

 private:
  static constexpr std::size_t kShare = 1U << 20U;

  ServerLoop& loop_;
  async::Descriptor descriptor_;
  std::unique_ptr<Transport> transport_;
  Clock::Instant deadline_ = Clock::Instant::max();
  std::size_t moved_ = 0;  // since the last wait
  RateWindow written_;
  bool timed_out_ = false;
  bool aborted_ = false;
};

}  // namespace portolan::http
