// The two sides of an HTTP exchange as two small interfaces of one shape.
#pragma once

#include <memory>

#include "portolan/async/loop.h"
#include "portolan/async/task.h"
#include "portolan/base/environment.h"
#include "portolan/base/limits.h"
#include "portolan/base/result.h"
#include "portolan/http/message.h"

namespace portolan::http {

/// Sends requests. Redirects are answers like any other; nothing is sent twice. Many requests may
/// be under way at once on one client; they share its connections. For one loop.
class Client {
 public:
  virtual ~Client() = default;

  /// Sends the request and gives the answer as soon as its head is here; the body follows as it is
  /// read. Errors, each naming the host: kHostUnknown, kConnectFailed, kTlsFailed, kTimeout,
  /// kCancelled, kUnsafeTarget, kTooLarge (head), kProtocol. The answer must be destroyed before
  /// the client.
  virtual async::Task<Result<Response>> Send(Request request) = 0;
};

/// Answers requests: a server, or a part of one, or a test's stand-in for a registry.
class Service {
 public:
  virtual ~Service() = default;

  /// Every outcome is an answer, a failure a 5xx. `request.url.origin` is what the client
  /// addressed. Cancelling the task means that the client has gone.
  virtual async::Task<Response> Handle(Request request) = 0;
};

/// A client whose every request, to whatever host, goes straight to `service`, without sockets.
/// `service` must outlive it.
std::unique_ptr<Client> NewClient(Service& service);

/// A client for the network: HTTP/1.1 and, after TLS, HTTP/2; proxies from HTTPS_PROXY, HTTP_PROXY,
/// ALL_PROXY and NO_PROXY (either case; never for localhost and loopback addresses); authorities
/// from SSL_CERT_FILE and SSL_CERT_DIR, or the system's. libcurl is initialised at the first
/// request. `loop` must outlive it.
std::unique_ptr<Client> NewNetworkClient(async::Loop& loop, const Environment& environment,
                                         const Limits& limits);

}  // namespace portolan::http
