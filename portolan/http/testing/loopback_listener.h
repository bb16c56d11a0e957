// A listening socket on the loopback, with a thread for each connection.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

struct ssl_ctx_st;

namespace portolan::http {

struct TestIdentity;

/// Listens on 127.0.0.1. The destructor shuts all connections down and waits for their threads.
class LoopbackListener {
 public:
  /// Speaks to one connection until it has ended, on a thread of its own where SIGPIPE is blocked.
  /// It may shut the socket down, but not close it. `connection` counts from 0.
  using Serve = std::function<void(int fd, int connection)>;

  explicit LoopbackListener(Serve serve);
  LoopbackListener(const LoopbackListener&) = delete;
  LoopbackListener& operator=(const LoopbackListener&) = delete;
  ~LoopbackListener();

  std::uint16_t port() const;
  /// How many there have been.
  int connections() const;
  /// Waits until the client has closed all connections; false after 5 s.
  bool AwaitNoConnection() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// A server's side of TLS with this certificate. If `client_authority` (PEM) is not empty, clients
/// must show a certificate of it.
std::shared_ptr<ssl_ctx_st> NewServerContext(const TestIdentity& identity,
                                             const std::string& client_authority = {});

}  // namespace portolan::http
