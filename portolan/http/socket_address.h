// Socket addresses as text.
#pragma once

#include <sys/socket.h>

#include <string>

namespace portolan::http {

/// An address with the length that the kernel gave it.
struct SocketAddress {
  sockaddr_storage storage{};
  socklen_t size = sizeof(sockaddr_storage);

  sockaddr* raw() { return reinterpret_cast<sockaddr*>(&storage); }
  const sockaddr* raw() const { return reinterpret_cast<const sockaddr*>(&storage); }
  int family() const { return storage.ss_family; }

  /// Without port and brackets, a mapped IPv4 address as IPv4; empty for a unix socket.
  std::string Host() const;
  /// 0 for a unix socket.
  int Port() const;
  /// `127.0.0.1:5000`, `[::1]:5000`, `unix:/path`.
  std::string ToString() const;
};

/// Where a socket is bound; a family of AF_UNSPEC if that cannot be found out.
SocketAddress LocalAddressOf(int socket);

}  // namespace portolan::http
