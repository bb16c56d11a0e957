// TLS over a socket.
#pragma once

#include <memory>

#include "portolan/http/transport.h"

// OpenSSL's own name, so that its headers stay in .cc files.
struct ssl_ctx_st;

namespace portolan::http {

/// The server's side of TLS with settings of `context`, which is only read now. `scratch` must
/// outlive it.
std::unique_ptr<Transport> NewTlsTransport(ssl_ctx_st* context, int socket,
                                           TransportScratch& scratch);

}  // namespace portolan::http
