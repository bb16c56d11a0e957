#include "portolan/http/socket_address.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/un.h>

#include <array>
#include <cstddef>
#include <string_view>

#include <fmt/format.h>

namespace portolan::http {
namespace {

std::string Text(int family, const void* bytes) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  return inet_ntop(family, bytes, text.data(), text.size()) == nullptr ? "" : text.data();
}

const in6_addr& SixOf(const sockaddr_storage& storage) {
  return reinterpret_cast<const sockaddr_in6&>(storage).sin6_addr;
}

}  // namespace

std::string SocketAddress::Host() const {
  if (family() == AF_INET) {
    return Text(AF_INET, &reinterpret_cast<const sockaddr_in&>(storage).sin_addr);
  }
  if (family() != AF_INET6) return {};
  const in6_addr& six = SixOf(storage);
  if (IN6_IS_ADDR_V4MAPPED(&six)) return Text(AF_INET, six.s6_addr + 12);
  return Text(AF_INET6, &six);
}

int SocketAddress::Port() const {
  if (family() == AF_INET) return ntohs(reinterpret_cast<const sockaddr_in&>(storage).sin_port);
  if (family() == AF_INET6) return ntohs(reinterpret_cast<const sockaddr_in6&>(storage).sin6_port);
  return 0;
}

std::string SocketAddress::ToString() const {
  if (family() == AF_UNIX) {
    const auto& local = reinterpret_cast<const sockaddr_un&>(storage);
    const std::size_t length = size - offsetof(sockaddr_un, sun_path);
    return fmt::format("unix:{}",
                       std::string_view(local.sun_path, strnlen(local.sun_path, length)));
  }
  const std::string host = Host();
  return host.contains(':') ? fmt::format("[{}]:{}", host, Port())
                            : fmt::format("{}:{}", host, Port());
}

SocketAddress LocalAddressOf(int socket) {
  SocketAddress address;
  if (getsockname(socket, address.raw(), &address.size) != 0) return {};
  return address;
}

}  // namespace portolan::http
