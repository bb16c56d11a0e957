#include "portolan/http/listener.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cstring>
#include <optional>
#include <system_error>
#include <utility>

#include <fmt/format.h>

#include "portolan/base/ip_address.h"
#include "portolan/http/socket_address.h"

namespace portolan::http {
namespace {

constexpr int kBacklog = 4096;
constexpr std::string_view kUnixPrefix = "unix:";

// Owns a descriptor until it is released.
class Socket {
 public:
  explicit Socket(int fd) : fd_(fd) {}
  Socket(Socket&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Socket& operator=(Socket&&) = delete;
  ~Socket() {
    if (fd_ >= 0) close(fd_);
  }
  int get() const { return fd_; }
  int Release() { return std::exchange(fd_, -1); }

 private:
  int fd_;
};

Error CannotListen(const std::string& address, std::string_view what, int error) {
  std::string hint;
  if (error == EADDRINUSE) hint = "another program listens there; stop it or choose another port";
  if (error == EACCES) hint = "ports below 1024 need CAP_NET_BIND_SERVICE";
  return Fail(ErrorCode::kIo,
              fmt::format("cannot listen on {}: {}: {}", address, what,
                          std::generic_category().message(error)),
              std::move(hint));
}

Error BadAddress(const std::string& address) {
  return Fail(ErrorCode::kUsage,
              fmt::format("cannot listen on \"{}\": expected ADDRESS:PORT, [IPV6]:PORT, :PORT or "
                          "unix:/PATH",
                          address));
}

std::optional<SocketAddress> ParseAddress(std::string_view text) {
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) return std::nullopt;
  const std::string_view digits = text.substr(colon + 1);
  std::uint16_t port = 0;
  const char* const end = digits.data() + digits.size();
  const auto [stop, error] = std::from_chars(digits.data(), end, port);
  if (digits.empty() || error != std::errc() || stop != end) return std::nullopt;

  std::string host(text.substr(0, colon));
  if (host == "localhost") host = "127.0.0.1";
  const bool everywhere = host.empty();
  const bool bracketed = host.size() > 2 && host.front() == '[' && host.back() == ']';
  SocketAddress address;
  if (everywhere || bracketed) {
    auto& six = reinterpret_cast<sockaddr_in6&>(address.storage);
    six.sin6_family = AF_INET6;
    six.sin6_port = htons(port);
    address.size = sizeof(six);
    if (everywhere) return address;
    host = host.substr(1, host.size() - 2);
    if (inet_pton(AF_INET6, host.c_str(), &six.sin6_addr) != 1) return std::nullopt;
    return address;
  }
  auto& four = reinterpret_cast<sockaddr_in&>(address.storage);
  four.sin_family = AF_INET;
  four.sin_port = htons(port);
  address.size = sizeof(four);
  if (inet_pton(AF_INET, host.c_str(), &four.sin_addr) != 1) return std::nullopt;
  return address;
}

// Accepted sockets inherit both.
Status SetTcpOptions(int socket, const std::string& address, const std::string& congestion) {
  const int on = 1;
  (void)setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
  if (congestion.empty()) {
    // Within a machine (behind a proxy, say) there is no path to be measured: BBR's pacing, where
    // it is the system's, halves the rate for nothing. Every kernel has reno; if not, so be it.
    constexpr std::string_view kReno = "reno";
    const auto local = IpAddress::Parse(LocalAddressOf(socket).Host());
    if (local && local->IsLoopback()) {
      (void)setsockopt(socket, IPPROTO_TCP, TCP_CONGESTION, kReno.data(), kReno.size());
    }
    return {};
  }
  if (setsockopt(socket, IPPROTO_TCP, TCP_CONGESTION, congestion.data(),
                 static_cast<socklen_t>(congestion.size())) == 0) {
    return {};
  }
  return CannotListen(address, fmt::format("congestion control \"{}\"", congestion), errno);
}

Result<Socket> OpenTcp(const std::string& text, const SocketAddress& address, bool shared_port) {
  const int family = address.family();
  Socket socket(::socket(family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (socket.get() < 0) return CannotListen(text, "socket", errno);
  const int on = 1;
  const int off = 0;
  (void)setsockopt(socket.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
  if (shared_port) (void)setsockopt(socket.get(), SOL_SOCKET, SO_REUSEPORT, &on, sizeof(on));
  if (family == AF_INET6) {
    const bool everywhere =
        IN6_IS_ADDR_UNSPECIFIED(&reinterpret_cast<const sockaddr_in6&>(address.storage).sin6_addr);
    (void)setsockopt(socket.get(), IPPROTO_IPV6, IPV6_V6ONLY, everywhere ? &off : &on, sizeof(on));
  }
  if (bind(socket.get(), address.raw(), address.size) != 0) {
    return CannotListen(text, "bind", errno);
  }
  return socket;
}

Result<Listening> ListenTcp(const std::string& text, SocketAddress address, int loops,
                            const std::string& congestion) {
  // With SO_REUSEPORT a second server of the same user would silently take half of the connections
  // of the first: whether the port is free is asked without it.
  if (address.Port() != 0) {
    const Result<Socket> probe = OpenTcp(text, address, false);
    if (!probe) return probe.error();
  }
  std::vector<Socket> sockets;
  for (int i = 0; i < loops; ++i) {
    PORTOLAN_TRY(Socket socket, OpenTcp(text, address, true));
    if (i == 0) address = LocalAddressOf(socket.get());
    PORTOLAN_CHECK(SetTcpOptions(socket.get(), text, congestion));
    sockets.push_back(std::move(socket));
  }
  Listening listening{.address = address.ToString(), .sockets = {}, .unlink_path = {}};
  for (Socket& socket : sockets) {
    if (listen(socket.get(), kBacklog) != 0) return CannotListen(text, "listen", errno);
  }
  for (Socket& socket : sockets) listening.sockets.push_back(socket.Release());
  return listening;
}

// One socket for all loops.
Result<std::vector<int>> Duplicate(Socket socket, const std::string& address, int loops) {
  std::vector<Socket> all;
  for (int i = 1; i < loops; ++i) {
    all.emplace_back(fcntl(socket.get(), F_DUPFD_CLOEXEC, 0));
    if (all.back().get() < 0) return CannotListen(address, "dup", errno);
  }
  all.push_back(std::move(socket));
  std::vector<int> sockets;
  for (Socket& one : all) sockets.push_back(one.Release());
  return sockets;
}

// A socket file outlives its server. If nobody answers there it is in the way.
void RemoveStale(const std::string& path, const SocketAddress& address) {
  struct stat info{};
  if (lstat(path.c_str(), &info) != 0 || !S_ISSOCK(info.st_mode)) return;
  const Socket probe(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (connect(probe.get(), address.raw(), address.size) != 0 && errno == ECONNREFUSED) {
    unlink(path.c_str());
  }
}

Result<Listening> ListenUnix(const std::string& text, int loops) {
  const std::string path = text.substr(kUnixPrefix.size());
  SocketAddress address;
  auto& local = reinterpret_cast<sockaddr_un&>(address.storage);
  if (path.empty() || path.size() >= sizeof(local.sun_path)) return BadAddress(text);
  local.sun_family = AF_UNIX;
  path.copy(local.sun_path, path.size());
  address.size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + path.size() + 1);
  RemoveStale(path, address);
  Socket socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (socket.get() < 0) return CannotListen(text, "socket", errno);
  if (bind(socket.get(), address.raw(), address.size) != 0) {
    return CannotListen(text, "bind", errno);
  }
  if (listen(socket.get(), kBacklog) != 0) return CannotListen(text, "listen", errno);
  PORTOLAN_TRY(std::vector<int> sockets, Duplicate(std::move(socket), text, loops));
  return Listening{.address = text, .sockets = std::move(sockets), .unlink_path = path};
}

}  // namespace

Result<Listening> Listen(const std::string& address, int loops, const std::string& congestion) {
  if (address.starts_with(kUnixPrefix)) return ListenUnix(address, loops);
  std::optional<SocketAddress> parsed = ParseAddress(address);
  if (!parsed) return BadAddress(address);
  // "Every address" of a machine without IPv6 is every one of IPv4.
  if (address.starts_with(':') && Socket(socket(AF_INET6, SOCK_STREAM, 0)).get() < 0) {
    parsed = ParseAddress("0.0.0.0" + address);
  }
  return ListenTcp(address, *parsed, loops, congestion);
}

Result<Listening> AdoptListener(int fd, int loops, const std::string& congestion) {
  Socket socket(fd);
  const std::string name = fmt::format("the socket {} that was handed over", fd);
  int listens = 0;
  socklen_t size = sizeof(listens);
  if (getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listens, &size) != 0 || listens == 0) {
    return Fail(ErrorCode::kUsage, fmt::format("cannot listen on {}: it does not listen", name));
  }
  const int flags = fcntl(fd, F_GETFL);
  if (flags < 0 || fcntl(fd, F_SETFL, flags | O_NONBLOCK) != 0 ||
      fcntl(fd, F_SETFD, FD_CLOEXEC) != 0) {
    return CannotListen(name, "fcntl", errno);
  }
  const SocketAddress address = LocalAddressOf(fd);
  if (address.family() != AF_UNIX) {
    PORTOLAN_CHECK(SetTcpOptions(fd, name, congestion));
  }
  PORTOLAN_TRY(std::vector<int> sockets, Duplicate(std::move(socket), name, loops));
  return Listening{.address = address.ToString(), .sockets = std::move(sockets), .unlink_path = {}};
}

}  // namespace portolan::http
