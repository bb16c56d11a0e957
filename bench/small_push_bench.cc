// Small pushes to any registry, by many clients at once:
//   small_push_bench HOST:PORT CLIENTS SECONDS
// Each client repeats, on one kept connection: POST, PATCH and PUT of a blob of 1 KiB, then PUT of
// a manifest that refers to it. Prints pushes a second.
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <charconv>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "portolan/base/text.h"
#include "portolan/base/unique_fd.h"
#include "portolan/oci/hasher.h"

namespace {

using portolan::oci::DigestOf;
using portolan::oci::HashAlgorithm;

[[noreturn]] void Die(std::string_view what) {
  std::fprintf(stderr, "small_push_bench: %.*s\n", static_cast<int>(what.size()), what.data());
  std::exit(1);
}

struct Answer {
  int status = 0;
  std::string location;
};

class Connection {
 public:
  Connection(const std::string& host, const std::string& port) : host_(host + ":" + port) {
    addrinfo hints{};
    hints.ai_socktype = SOCK_STREAM;
    addrinfo* found = nullptr;
    if (getaddrinfo(host.c_str(), port.c_str(), &hints, &found) != 0) Die("cannot resolve " + host);
    fd_.Reset(socket(found->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0));
    if (connect(fd_.get(), found->ai_addr, found->ai_addrlen) != 0) Die("cannot connect");
    freeaddrinfo(found);
    const int on = 1;
    setsockopt(fd_.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
  }

  Answer Send(std::string_view method, std::string_view target, std::string_view type,
              std::string_view body) {
    // Some registries answer with whole URLs.
    if (const std::size_t scheme = target.find("://"); scheme != std::string_view::npos) {
      target.remove_prefix(target.find('/', scheme + 3));
    }
    std::string request;
    request.append(method).append(" ").append(target).append(" HTTP/1.1\r\nHost: ").append(host_);
    request.append("\r\nContent-Type: ").append(type);
    request.append("\r\nContent-Length: ").append(std::to_string(body.size())).append("\r\n\r\n");
    request.append(body);
    for (std::size_t sent = 0; sent < request.size();) {
      const ssize_t count =
          send(fd_.get(), request.data() + sent, request.size() - sent, MSG_NOSIGNAL);
      if (count <= 0) Die("the connection broke");
      sent += static_cast<std::size_t>(count);
    }
    return Receive();
  }

 private:
  Answer Receive() {
    std::string text;
    std::size_t head_end = std::string::npos;
    while (head_end == std::string::npos) {
      Read(text);
      head_end = text.find("\r\n\r\n");
    }
    Answer answer;
    std::from_chars(text.data() + 9, text.data() + 12, answer.status);
    std::size_t length = 0;
    for (std::size_t at = text.find("\r\n") + 2; at < head_end;) {
      const std::size_t end = text.find("\r\n", at);
      const std::string_view line = std::string_view(text).substr(at, end - at);
      const std::size_t colon = line.find(':');
      const std::string_view name = line.substr(0, colon);
      const std::string_view value = portolan::TrimSpace(line.substr(colon + 1));
      if (portolan::EqualsIgnoreCase(name, "Content-Length")) {
        std::from_chars(value.data(), value.data() + value.size(), length);
      } else if (portolan::EqualsIgnoreCase(name, "Location")) {
        answer.location = value;
      }
      at = end + 2;
    }
    while (text.size() < head_end + 4 + length) Read(text);
    return answer;
  }

  void Read(std::string& text) {
    char buffer[8192];
    const ssize_t count = recv(fd_.get(), buffer, sizeof(buffer), 0);
    if (count <= 0) Die("the connection broke");
    text.append(buffer, static_cast<std::size_t>(count));
  }

  std::string host_;
  portolan::UniqueFd fd_;
};

void Expect(const Answer& answer, int status, std::string_view what) {
  if (answer.status == status) return;
  Die(std::string(what) + " was answered with " + std::to_string(answer.status));
}

std::string WithDigest(const std::string& location, const std::string& digest) {
  return location + (location.find('?') == std::string::npos ? "?" : "&") + "digest=" + digest;
}

std::string PushBlob(Connection& connection, const std::string& repository,
                     const std::string& content) {
  const std::string digest = DigestOf(HashAlgorithm::kSha256, content).text();
  constexpr std::string_view kOctets = "application/octet-stream";
  const Answer started =
      connection.Send("POST", "/v2/" + repository + "/blobs/uploads/", kOctets, {});
  Expect(started, 202, "POST");
  const Answer patched = connection.Send("PATCH", started.location, kOctets, content);
  Expect(patched, 202, "PATCH");
  Expect(connection.Send("PUT", WithDigest(patched.location, digest), kOctets, {}), 201, "PUT");
  return R"({"mediaType":"application/vnd.oci.image.layer.v1.tar","digest":")" + digest +
         R"(","size":)" + std::to_string(content.size()) + "}";
}

void Push(const std::string& host, const std::string& port, int client,
          std::chrono::steady_clock::time_point end, std::atomic<int>& pushes) {
  constexpr std::string_view kType = "application/vnd.oci.image.manifest.v1+json";
  Connection connection(host, port);
  const std::string repository = "bench/client" + std::to_string(client);
  const std::string config = PushBlob(connection, repository, "{}");
  // Content that was never pushed before, also by an earlier run.
  const std::string run =
      std::to_string(std::chrono::system_clock::now().time_since_epoch().count());
  for (int i = 0; std::chrono::steady_clock::now() < end; ++i) {
    std::string content = run + " " + std::to_string(client) + " " + std::to_string(i);
    content.resize(1024, 'x');
    const std::string layer = PushBlob(connection, repository, content);
    const std::string manifest = R"({"schemaVersion":2,"mediaType":")" + std::string(kType) +
                                 R"(","config":)" + config + R"(,"layers":[)" + layer + "]}";
    const std::string target = "/v2/" + repository + "/manifests/t" + std::to_string(i % 100);
    Expect(connection.Send("PUT", target, kType, manifest), 201, "PUT of a manifest");
    ++pushes;
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4) Die("usage: small_push_bench HOST:PORT CLIENTS SECONDS");
  const std::string address = argv[1];
  const std::size_t colon = address.rfind(':');
  if (colon == std::string::npos) Die("the address has no port");
  const auto start = std::chrono::steady_clock::now();
  const auto end = start + std::chrono::duration_cast<std::chrono::steady_clock::duration>(
                               std::chrono::duration<double>(std::atof(argv[3])));
  std::atomic<int> pushes = 0;
  std::vector<std::thread> clients;
  for (int client = 0; client < std::atoi(argv[2]); ++client) {
    clients.emplace_back(Push, address.substr(0, colon), address.substr(colon + 1), client, end,
                         std::ref(pushes));
  }
  for (std::thread& client : clients) client.join();
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
  std::printf("%.1f\n", pushes.load() / took.count());
}
