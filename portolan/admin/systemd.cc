#include "portolan/admin/systemd.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <charconv>
#include <cstddef>
#include <cstring>
#include <optional>
#include <string>
#include <system_error>

#include "portolan/base/unique_fd.h"

namespace portolan::admin {
namespace {

constexpr int kFirstSocket = 3;
constexpr int kMaxSockets = 64;

std::optional<int> NumberOf(const std::optional<std::string>& text) {
  if (!text) return std::nullopt;
  int number = 0;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), number);
  if (error != std::errc() || end != text->data() + text->size()) return std::nullopt;
  return number;
}

}  // namespace

std::vector<int> HandedSockets(const Environment& environment) {
  std::vector<int> sockets;
  const std::optional<int> count = NumberOf(environment.Get("LISTEN_FDS"));
  if (!count || *count <= 0 || *count > kMaxSockets) return sockets;
  // Meant for the process that systemd started, not for one that inherited the variables.
  if (NumberOf(environment.Get("LISTEN_PID")) != getpid()) return sockets;
  for (int fd = kFirstSocket; fd < kFirstSocket + *count; ++fd) {
    fcntl(fd, F_SETFD, FD_CLOEXEC);
    sockets.push_back(fd);
  }
  return sockets;
}

bool IsOpenToOthers(int socket) {
  sockaddr_storage storage{};
  socklen_t size = sizeof(storage);
  if (getsockname(socket, reinterpret_cast<sockaddr*>(&storage), &size) != 0) return true;
  if (storage.ss_family == AF_UNIX) return false;
  if (storage.ss_family == AF_INET) {
    const auto& four = reinterpret_cast<const sockaddr_in&>(storage);
    return (ntohl(four.sin_addr.s_addr) >> 24U) != IN_LOOPBACKNET;
  }
  if (storage.ss_family != AF_INET6) return true;
  return !IN6_IS_ADDR_LOOPBACK(&reinterpret_cast<const sockaddr_in6&>(storage).sin6_addr);
}

void Notify(const Environment& environment, std::string_view state) {
  const std::optional<std::string> path = environment.Get("NOTIFY_SOCKET");
  sockaddr_un address{};
  if (!path || path->size() >= sizeof(address.sun_path)) return;
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, path->data(), path->size());
  if (address.sun_path[0] == '@') address.sun_path[0] = '\0';  // an abstract name
  const UniqueFd fd(socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  if (fd.get() < 0) return;
  const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + path->size());
  sendto(fd.get(), state.data(), state.size(), MSG_NOSIGNAL,
         reinterpret_cast<const sockaddr*>(&address), size);
}

}  // namespace portolan::admin
