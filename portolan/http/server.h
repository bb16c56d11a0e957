// Answering requests on the network.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "portolan/base/clock.h"
#include "portolan/base/log.h"
#include "portolan/base/result.h"
#include "portolan/http/client.h"
#include "portolan/http/trusted_proxies.h"

namespace portolan::http {

/// Caps on what clients can make a server do.
struct ServerLimits {
  std::size_t head_size = 32U << 10U;     ///< bytes of a request line and its fields: 431 beyond
  std::size_t target_size = 8U << 10U;    ///< bytes of a request target: 414 beyond
  int fields = 100;                       ///< header fields: 431 beyond
  std::chrono::seconds head_timeout{15};  ///< from the first byte of a head to its end
  std::chrono::seconds idle_timeout{75};  ///< between requests, and for a client that does not read
  /// Bytes a second of a request's body, averaged over `rate_window`, and of an answer, averaged
  /// over `idle_timeout`; only time in which the client is waited for counts.
  std::uint64_t min_body_rate = 4096;
  std::chrono::seconds rate_window{20};  ///< how long a request's body may be slower than that
  int connections_per_address = 1024;    ///< more are closed at once with a 503; of a trusted proxy
                                         ///< any number
  int connections = 16384;               ///< of the whole server
  std::uint64_t discarded_body = 256U << 10U;  ///< of a body that nobody read, before the
                                               ///< connection is closed instead of reused
  std::chrono::seconds drain_timeout{30};      ///< for requests under way when the server stops
};

/// Certificate chain and key of a server, PEM files. Read again when they change.
struct ServerTls {
  std::string certificate;
  std::string key;
};

/// One line of an access log, given when the answer has been sent or has failed. Of a request that
/// could not be understood, method and target are empty.
struct Exchange {
  std::string_view method;
  std::string_view target;
  std::string_view peer_address;
  std::string_view user_agent;
  std::string_view principal;  ///< Response::principal
  std::string_view version;    ///< "1.0", "1.1"
  int status = 0;              ///< of the answer's head
  std::uint64_t received = 0;  ///< bytes of the request's body
  std::uint64_t sent = 0;      ///< bytes of the answer's body
  Clock::Duration duration{};  ///< from the head's end to the last byte
  bool complete = true;        ///< false: the connection broke before the answer's end
  std::string_view failure;    ///< why the service's body failed, if it did
  const Headers* request_headers = nullptr;
  const Headers* response_headers = nullptr;
};

struct ServerOptions {
  /// Where to listen: `127.0.0.1:5000`, `[::1]:5000`, `localhost:5000` (its IPv4 address), `:5000`
  /// (every address), `0.0.0.0:0` (any free port), `unix:/path` (clients have no address there).
  std::vector<std::string> listen;
  /// Listening sockets that were handed over (systemd); used instead of `listen` where not empty.
  /// The server closes them.
  std::vector<int> sockets;
  std::optional<ServerTls> tls;  ///< absent: plain HTTP
  /// Whose word on a client's address is taken, in Request::peer_address and
  /// Exchange::peer_address.
  TrustedProxies trusted_proxies;
  ServerLimits limits;
  int loops = 0;  ///< event loops, a thread each; 0: one a core
  /// TCP_CONGESTION of accepted sockets; empty: the system's, and reno on loopback addresses.
  std::string tcp_congestion;
  /// Called on a loop's thread after each exchange; must be quick and thread-safe. May be empty.
  std::function<void(const Exchange&)> on_exchange;
};

/// A server: HTTP/1.1 with keep-alive over plain TCP or TLS.
class Server {
 public:
  virtual ~Server() = default;  ///< stops at once

  /// The addresses that are listened on, ports filled in: `127.0.0.1:38211`.
  virtual std::vector<std::string> addresses() const = 0;
  /// Stops listening, lets requests under way end within `drain_timeout`, closes everything, and
  /// returns when all loops have ended. Services that run then are cancelled, and waited for. Safe
  /// to call from any thread but the loops', more than once.
  virtual void Stop() = 0;
  /// The same without patience: requests under way are cancelled. What the service has handed to
  /// threads of others may still speak to the server's loops then: wait for it before the server
  /// goes.
  virtual void StopNow() = 0;
  /// Connections open now.
  virtual int connections() const = 0;
};

/// Starts to listen; when this returns, connections are taken. `service.Handle` is called on
/// several threads at once, each call on the loop of its connection.
///
/// The request: `url.target` is as received, undecoded; it begins with a slash, or is `*` of
/// OPTIONS. `url.origin` is what Host (or an absolute target) names, with the scheme of the
/// connection. Without a body, `body` is empty and `content_length` 0. The `body` factory gives the
/// body once, and reading from it sends `100 Continue` where the client waits for it; Next also
/// gives kProtocol for chunks that cannot be understood. After a failure of the client's body the
/// server answers in the service's place (400, 408). A body that is not read to its end is
/// discarded, or the connection closed. A client that goes away cancels Handle.
///
/// The answer: its body is sent as a file where it is one; without a known size it is sent chunked.
/// Content-Length of the service counts where the body does not know its size. HEAD gets the head
/// of what the service gives, with its Content-Length, and 204 and 304 no body. A body that fails
/// before its first piece is answered with a 500; an error after that closes the connection without
/// the end mark, so that a client never takes a part for the whole. `Date` is added where the
/// service gives none.
///
/// Errors: kUsage for an address that cannot be understood, kIo (cannot listen), kTlsFailed
/// (certificate or key cannot be used), each naming the thing. `service`, `clock` and `log` must
/// outlive the server, and be safe to use from several threads.
Result<std::unique_ptr<Server>> StartServer(ServerOptions options, Service& service,
                                            const Clock& clock, Log& log);

}  // namespace portolan::http
