// One client's connection to a server.
#pragma once

#include <string>

#include "portolan/http/server_loop.h"

namespace portolan::http {

/// Takes `fd` over, a connected non-blocking socket that the loop's ConnectionCounter has counted,
/// and serves its requests one after another on `loop`. Returns at once.
void StartConnection(ServerLoop& loop, int fd, std::string peer_address);

}  // namespace portolan::http
