// Every way in which a server or the network can fail.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "portolan/async/event.h"
#include "portolan/http/testing/network.h"
#include "portolan/http/testing/scripted_server.h"

namespace portolan::http {
namespace {

using Answer = ScriptedServer::Answer;

struct Row {
  const char* name;
  Answer answer;
  ErrorCode code;
  const char* text;
};

TEST(NetworkClientFailure, IsNamed) {
  const std::string many_fields = [] {
    std::string lines;
    for (int i = 0; i < 5000; ++i) lines += "A: b\r\n";
    return lines;
  }();
  const Row rows[] = {
      {"no answer", {.pieces = {}, .close = true}, ErrorCode::kConnectFailed, "without an answer"},
      {"half a head",
       {.pieces = {"HTTP/1.1 200 OK\r\nA"}, .close = true},
       ErrorCode::kConnectFailed,
       "closed"},
      {"short body",
       {.pieces = {"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello"}, .close = true},
       ErrorCode::kConnectFailed,
       "before the end"},
      {"short chunk",
       {.pieces = {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhe"}, .close = true},
       ErrorCode::kConnectFailed,
       "before the end"},
      {"bad chunk",
       {.pieces = {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nhe"}},
       ErrorCode::kProtocol,
       "chunked"},
      {"not HTTP",
       {.pieces = {"SSH-2.0-OpenSSH\r\n"}, .close = true},
       ErrorCode::kProtocol,
       "HTTP"},
      {"bad status",
       {.pieces = {"HTTP/1.1 abc OK\r\n\r\n"}, .close = true},
       ErrorCode::kProtocol,
       ""},
      {"status too high",
       {.pieces = {"HTTP/1.1 700 OK\r\nContent-Length: 0\r\n\r\n"}},
       ErrorCode::kProtocol,
       "status"},
      {"head too large",
       {.pieces = {"HTTP/1.1 200 OK\r\nA: " + std::string(90'000, 'x') + "\r\nB: " +
                   std::string(90'000, 'x') + "\r\nC: " + std::string(90'000, 'x') + "\r\n\r\n"}},
       ErrorCode::kTooLarge,
       "head"},
      {"field too large",
       {.pieces = {"HTTP/1.1 200 OK\r\nA: " + std::string(200'000, 'x') + "\r\n\r\n"}},
       ErrorCode::kProtocol,
       "100 KiB"},
      {"too many fields",
       {.pieces = {"HTTP/1.1 200 OK\r\n" + many_fields + "\r\n"}},
       ErrorCode::kTooLarge,
       "lines"},
      {"brotli, which is not linked in",
       {.pieces = {"HTTP/1.1 200 OK\r\nTransfer-Encoding: br\r\n\r\nhello"}, .close = true},
       ErrorCode::kProtocol,
       ""},
      {"zstd, which is not linked in",
       {.pieces = {"HTTP/1.1 200 OK\r\nTransfer-Encoding: zstd\r\n\r\nhello"}, .close = true},
       ErrorCode::kProtocol,
       ""},
      {"broken gzip",
       {.pieces = {"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\nhello"}, .close = true},
       ErrorCode::kProtocol,
       ""},
  };
  TestNetwork network;
  for (const Row& row : rows) {
    SCOPED_TRACE(row.name);
    ScriptedServer server(std::vector{row.answer});
    const auto got = network.Get(server.At("/"));
    ASSERT_FALSE(got.has_value()) << got->body;
    EXPECT_EQ(got.error().code, row.code) << got.error().message;
    EXPECT_TRUE(got.error().message.contains(row.text)) << got.error().message;
    EXPECT_TRUE(got.error().message.contains("127.0.0.1:" + std::to_string(server.port())))
        << got.error().message;
  }
}

TEST(NetworkClientFailure, HeadsAreCappedByTheLimit) {
  ScriptedServer server(std::vector{PlainAnswer(200, "", "A: " + std::string(2000, 'x') + "\r\n")});
  Limits limits;
  limits.response_head = 1000;
  TestNetwork network({}, limits);
  const auto got = network.Get(server.At("/"));
  ASSERT_FALSE(got.has_value());
  EXPECT_EQ(got.error().code, ErrorCode::kTooLarge);
}

TEST(NetworkClientFailure, WhatCameBeforeAFailureIsGivenFirst) {
  ScriptedServer server(std::vector{
      Answer{.pieces = {"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello"}, .close = true}});
  TestNetwork network;
  Request request;
  request.url = server.At("/");
  auto response = network.loop().Run(network.client().Send(std::move(request)));
  ASSERT_TRUE(response.has_value()) << response.error().message;
  EXPECT_EQ(network.loop().Run(response->body->Next()).value(), "hello");
  EXPECT_FALSE(network.loop().Run(response->body->Next()).has_value());
  EXPECT_FALSE(network.loop().Run(response->body->Next()).has_value());
}

// A port on which nobody listens, kept so while it lives.
class ClosedPort {
 public:
  ClosedPort() : fd_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof(address);
    auto* raw = reinterpret_cast<sockaddr*>(&address);
    EXPECT_EQ(bind(fd_, raw, size), 0);
    EXPECT_EQ(getsockname(fd_, raw, &size), 0);
    port_ = ntohs(address.sin_port);
  }
  ClosedPort(const ClosedPort&) = delete;
  ClosedPort& operator=(const ClosedPort&) = delete;
  ~ClosedPort() { close(fd_); }
  std::uint16_t port() const { return port_; }

 private:
  int fd_;
  std::uint16_t port_ = 0;
};

TEST(NetworkClientFailure, RefusedConnection) {
  const ClosedPort closed;
  TestNetwork network;
  const auto got = network.Get(Url{Origin{"http", "localhost", closed.port()}, "/"});
  ASSERT_FALSE(got.has_value());
  EXPECT_EQ(got.error().code, ErrorCode::kConnectFailed);
  EXPECT_EQ(got.error().message, "cannot connect to localhost:" + std::to_string(closed.port()) +
                                     ": connection refused");
}

TEST(NetworkClientFailure, UnknownHost) {
  TestNetwork network;
  const auto got = network.Get(Url{Origin{"http", "no-such-host.invalid", 80}, "/"});
  ASSERT_FALSE(got.has_value());
  EXPECT_EQ(got.error().code, ErrorCode::kHostUnknown);
  EXPECT_EQ(got.error().message, "the name no-such-host.invalid does not resolve");
}

TEST(NetworkClientFailure, SilenceEndsATransfer) {
  Limits limits;
  limits.idle_timeout = std::chrono::seconds(0);  // a single quiet tick is too many
  TestNetwork network({}, limits);
  for (const char* start : {"", "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello"}) {
    SCOPED_TRACE(start);
    ScriptedServer server(std::vector{Answer{.pieces = {start}, .hang = true}});
    const auto got = network.Get(server.At("/"));
    ASSERT_FALSE(got.has_value());
    EXPECT_EQ(got.error().code, ErrorCode::kTimeout) << got.error().message;
    EXPECT_EQ(got.error().message,
              "127.0.0.1:" + std::to_string(server.port()) + " sent nothing for 0 s");
    EXPECT_TRUE(server.AwaitNoConnection());
  }
}

TEST(NetworkClientFailure, OwnSlownessIsNotSilence) {
  const std::string body(4U << 20U, 'x');
  ScriptedServer server(std::vector{PlainAnswer(200, body)});
  Limits limits;
  limits.idle_timeout = std::chrono::seconds(0);
  TestNetwork network({}, limits);
  Request request;
  request.url = server.At("/");
  auto response = network.loop().Run(network.client().Send(std::move(request)));
  ASSERT_TRUE(response.has_value()) << response.error().message;
  ASSERT_TRUE(network.loop().Run(async::Sleep(std::chrono::milliseconds(300))).has_value());
  const auto text = network.loop().Run(ReadAll(*response->body, 8U << 20U));
  ASSERT_TRUE(text.has_value()) << text.error().message;
  EXPECT_EQ(text->size(), body.size());
}

TEST(NetworkClientFailure, ConnectTimeout) {
  // A listener whose queue is full does not answer.
  const int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof(address);
  auto* raw = reinterpret_cast<sockaddr*>(&address);
  ASSERT_EQ(bind(listener, raw, size), 0);
  ASSERT_EQ(listen(listener, 0), 0);
  ASSERT_EQ(getsockname(listener, raw, &size), 0);
  std::vector<int> fillers;
  for (int i = 0; i < 4; ++i) {
    fillers.push_back(socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    (void)connect(fillers.back(), raw, size);
  }
  Limits limits;
  limits.connect_timeout = std::chrono::seconds(1);
  TestNetwork network({}, limits);
  const auto got = network.Get(Url{Origin{"http", "127.0.0.1", ntohs(address.sin_port)}, "/"});
  ASSERT_FALSE(got.has_value());
  EXPECT_EQ(got.error().code, ErrorCode::kTimeout) << got.error().message;
  EXPECT_TRUE(got.error().message.ends_with("within 1 s")) << got.error().message;
  for (const int fd : fillers) close(fd);
  close(listener);
}

TEST(NetworkClientFailure, PrivateAddressesAreRefusedForTargetsThatAPeerNamed) {
  ScriptedServer server(std::vector{PlainAnswer(200, "secret")});
  TestNetwork network;
  ASSERT_TRUE(
      network.Get(server.At("/")).has_value());  // leaves a connection that must not be used
  for (const Url& url :
       {server.At("/"), server.AtLocalhost("/"), Url{Origin{"http", "169.254.169.254", 80}, "/"}}) {
    SCOPED_TRACE(url.ToString());
    Request request;
    request.url = url;
    request.address_policy = AddressPolicy::kPublicOnly;
    const auto got = network.Fetch(std::move(request));
    ASSERT_FALSE(got.has_value());
    EXPECT_EQ(got.error().code, ErrorCode::kUnsafeTarget) << got.error().message;
    EXPECT_TRUE(got.error().message.starts_with(url.origin.HostPort())) << got.error().message;
  }
  EXPECT_EQ(server.connections(), 1);
}

}  // namespace
}  // namespace portolan::http
