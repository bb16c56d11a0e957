// What systemd agrees on with a service: sockets handed over, and notes of how it fares
// (sd_listen_fds(3), sd_notify(3)).
#pragma once

#include <string_view>
#include <vector>

#include "portolan/base/environment.h"

namespace portolan::admin {

/// Descriptors of listening sockets that were handed to this process (LISTEN_FDS, LISTEN_PID);
/// empty if there are none. They are made close-on-exec.
std::vector<int> HandedSockets(const Environment& environment);

/// Whether a listening socket can be reached from other machines: neither a loopback address nor a
/// Unix socket. True where that cannot be found out.
bool IsOpenToOthers(int socket);

/// Tells the service manager, if there is one (NOTIFY_SOCKET): "READY=1", "STOPPING=1", "STATUS=…".
/// Nothing is said of failures: whoever started us decides what that means.
void Notify(const Environment& environment, std::string_view state);

}  // namespace portolan::admin
