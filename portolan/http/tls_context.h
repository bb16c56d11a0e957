// A server's certificate, kept up to date.
#pragma once

#include <memory>

#include "portolan/base/clock.h"
#include "portolan/base/log.h"
#include "portolan/base/result.h"
#include "portolan/http/server.h"
#include "portolan/http/transport.h"

namespace portolan::http {

/// Certificate, key and settings of TLS (1.2 and later, ALPN http/1.1). Safe to use from several
/// threads.
class TlsContext {
 public:
  virtual ~TlsContext() = default;

  /// A transport for one accepted connection. `scratch` must outlive it.
  virtual std::unique_ptr<Transport> NewTransport(int socket, TransportScratch& scratch) = 0;

  /// Reads certificate and key again if a file has changed since the last look; looks at most once
  /// a second. A pair that cannot be used is told to `log`, and the old one stays.
  virtual void ReloadIfChanged(Clock::Instant now, Log& log) = 0;
};

/// kTlsFailed if the pair cannot be used, naming the file.
Result<std::unique_ptr<TlsContext>> NewTlsContext(const ServerTls& files);

}  // namespace portolan::http
