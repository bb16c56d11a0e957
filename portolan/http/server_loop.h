// One event loop of a server, and what its connections share.
#pragma once

#include <cstddef>
#include <list>
#include <memory>
#include <string>
#include <vector>

#include "portolan/async/descriptor.h"
#include "portolan/async/pool.h"
#include "portolan/async/task.h"
#include "portolan/base/clock.h"
#include "portolan/base/log.h"
#include "portolan/http/answer_head.h"
#include "portolan/http/connection_counter.h"
#include "portolan/http/request_head.h"
#include "portolan/http/server.h"
#include "portolan/http/transport.h"

namespace portolan::http {

class TlsContext;

/// What all loops of a server share. Outlives them.
struct ServerShared {
  ServerOptions options;
  Service& service;
  const Clock& clock;
  Log& log;
  TlsContext* tls = nullptr;  ///< null: plain HTTP
  ConnectionCounter counter;

  /// Counts a connection from this address, or returns false where a cap forbids it. The clients
  /// of a trusted proxy are many.
  bool Count(const std::string& address) {
    return counter.Add(options.trusted_proxies.Trusts(address) ? std::string() : address);
  }
  void Uncount(const std::string& address) {
    counter.Remove(options.trusted_proxies.Trusts(address) ? std::string() : address);
  }
};

/// What a loop looks at now and then: a connection. It is in its loop's list from its construction
/// to its destruction.
class Swept {
 public:
  virtual ~Swept() = default;
  /// Ends what waits for too long.
  virtual void Sweep(Clock::Instant now) = 0;
  /// The server stops: ends it if no request is under way.
  virtual void Stop() = 0;
  /// Ends it whatever it does.
  virtual void Abort() = 0;

 private:
  friend class ServerLoop;
  Swept* previous_ = nullptr;
  Swept* next_ = nullptr;
};

/// Large pieces of memory that bodies use in turn. For one thread.
class BufferPool {
 public:
  static constexpr std::size_t kSize = 256U << 10U;
  using Buffer = std::unique_ptr<char[]>;

  Buffer Take();
  void Give(Buffer buffer);
  /// Frees what nobody uses.
  void Trim() { free_.clear(); }

 private:
  static constexpr std::size_t kKept = 4;
  std::vector<Buffer> free_;
};

/// A thread's io_context with its connections. There is no timer per connection: every quarter of a
/// second all are asked whether their deadline has passed.
class ServerLoop {
 public:
  explicit ServerLoop(ServerShared& shared);
  ServerLoop(const ServerLoop&) = delete;
  ServerLoop& operator=(const ServerLoop&) = delete;
  ~ServerLoop();

  /// Takes over a non-blocking listening socket. Before Run.
  void AddListener(int fd);
  /// Serves until Stop has been called and the last connection has ended.
  void Run();
  /// No new connections, idle ones are closed, those that have not ended at `deadline` are aborted.
  /// From any thread, any number of times; the earliest deadline holds.
  void Stop(Clock::Instant deadline);

  // All that follows is for the loop's own thread.

  async::Executor executor();
  ServerShared& shared() { return shared_; }
  /// The time of the last sweep: exact enough for deadlines, and free.
  Clock::Instant now() const { return now_; }
  bool stopping() const { return stopping_; }
  void Join(Swept& swept);
  void Leave(Swept& swept);
  /// For file reads that would block.
  async::Pool& pool() { return pool_; }

  /// Memory for the length of one synchronous step: nothing in it lives over a co_await.
  struct Scratch {
    static constexpr std::size_t kInputSize = 8U << 10U;
    std::unique_ptr<char[]> input = std::make_unique<char[]>(kInputSize);
    RequestHead head;
    std::string output;
    TransportScratch transport;
  };
  Scratch& scratch() { return scratch_; }
  BufferPool& buffers() { return buffers_; }
  std::string_view date() { return date_.At(shared_.clock.WallNow()); }

 private:
  struct State;
  async::Task<void> KeepSweeping();
  void SweepAll();
  void BeginStop(Clock::Instant deadline);

  ServerShared& shared_;
  async::Pool pool_;
  Scratch scratch_;
  BufferPool buffers_;
  HttpDate date_;
  Clock::Instant now_;
  Swept* first_ = nullptr;
  bool stopping_ = false;
  Clock::Instant drain_deadline_ = Clock::Instant::max();
  std::unique_ptr<State> state_;  // last: its end destroys the coroutines, which use all above
};

}  // namespace portolan::http
