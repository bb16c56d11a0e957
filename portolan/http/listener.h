// Listening sockets, and taking connections from them.
#pragma once

#include <string>
#include <vector>

#include "portolan/async/descriptor.h"
#include "portolan/base/result.h"
#include "portolan/http/server_loop.h"

namespace portolan::http {

/// The sockets of one address, to be given to loops: one for each where the kernel spreads
/// connections (SO_REUSEPORT), else one that all use through duplicates.
struct Listening {
  std::string address;  ///< as Server::addresses shows it
  std::vector<int> sockets;
  std::string unlink_path;  ///< of a unix socket: to be removed in the end
};

/// Listens on `address` (see ServerOptions) with a socket for each of `loops` loops. A unix
/// socket's path that nobody listens on any more is taken over. Errors: kUsage, kIo, naming the
/// address.
Result<Listening> Listen(const std::string& address, int loops, const std::string& congestion);

/// Makes a socket that was handed over fit for `loops` loops. kUsage if it does not listen.
Result<Listening> AdoptListener(int socket, int loops, const std::string& congestion);

/// Takes connections from `listener` until it is closed or the loop stops. For want of descriptors
/// or memory it pauses. Never throws.
async::Task<void> AcceptConnections(ServerLoop& loop, async::Descriptor& listener);

}  // namespace portolan::http
