// What clients cannot make a server do, and how it ends.
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <cstdint>
#include <cstdio>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "portolan/async/event.h"
#include "portolan/http/testing/fake_service.h"
#include "portolan/http/testing/live_server.h"
#include "portolan/http/testing/raw_client.h"

namespace portolan::http {
namespace {

constexpr std::string_view kGet = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";

async::Task<Response> ReadAndAnswer(Request request) {
  if (request.body) {
    const std::unique_ptr<BodyReader> body = request.body();
    const Result<std::string> text = co_await ReadAll(*body, 64U << 20U);
    if (!text) co_return TextResponse(500, text.error().message);
  }
  co_return TextResponse(200, "done");
}

ServerOptions With(const ServerLimits& limits) {
  ServerOptions options;
  options.limits = limits;
  return options;
}

TEST(ServerLimits, SlowHeads) {
  LiveServer live(ReadAndAnswer, With({.head_timeout = std::chrono::seconds(1)}));
  RawClient client(live.port());
  EXPECT_EQ(client.Ask(kGet)->status, 200);
  const auto answer = client.Ask("GET / HTTP/1.1\r\nHost:");
  ASSERT_TRUE(answer.has_value());
  EXPECT_EQ(answer->status, 408);
  EXPECT_EQ(answer->Field("Connection"), "close");
  EXPECT_TRUE(client.AwaitEnd());
}

TEST(ServerLimits, IdleConnectionsAreClosedSilently) {
  LiveServer live(ReadAndAnswer, With({.idle_timeout = std::chrono::seconds(1)}));
  RawClient fresh(live.port());
  RawClient used(live.port());
  EXPECT_EQ(used.Ask(kGet)->status, 200);
  EXPECT_TRUE(fresh.AwaitEnd());
  EXPECT_TRUE(used.AwaitEnd());
  EXPECT_TRUE(live.AwaitNoConnection());
}

TEST(ServerLimits, SlowBodies) {
  LiveServer live(ReadAndAnswer,
                  With({.min_body_rate = 1000, .rate_window = std::chrono::seconds(1)}));
  RawClient length(live.port());
  RawClient chunked(live.port());
  EXPECT_TRUE(length.Send("PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 5000\r\n\r\nhe"));
  EXPECT_TRUE(
      chunked.Send("PUT / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhe"));
  for (RawClient* client : {&length, &chunked}) {
    const auto answer = client->Read();
    ASSERT_TRUE(answer.has_value());
    EXPECT_EQ(answer->status, 408);
    EXPECT_EQ(answer->Field("Connection"), "close");
  }
}

TEST(ServerLimits, ASteadyBodyMayTakeItsTime) {
  LiveServer live(ReadAndAnswer,
                  With({.min_body_rate = 10, .rate_window = std::chrono::seconds(1)}));
  RawClient client(live.port());
  EXPECT_TRUE(client.Send("PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 500\r\n\r\n"));
  for (int i = 0; i < 5; ++i) {
    EXPECT_TRUE(client.Send(std::string(100, 'x')));
    std::this_thread::sleep_for(std::chrono::milliseconds(300));
  }
  EXPECT_EQ(client.Read()->status, 200);
}

TEST(ServerLimits, AClientThatDoesNotRead) {
  std::atomic<bool> begun = false;
  std::atomic<bool> complete = true;
  ServerOptions options = With({.idle_timeout = std::chrono::seconds(1)});
  options.on_exchange = [&](const Exchange& exchange) { complete = exchange.complete; };
  LiveServer live(
      [&](Request) -> async::Task<Response> {
        begun = true;
        co_return TextResponse(200, std::string(64U << 20U, 'x'));
      },
      options);
  RawClient client(live.port());
  EXPECT_TRUE(client.Send(kGet));
  while (!begun) std::this_thread::yield();
  EXPECT_TRUE(live.AwaitNoConnection());
  EXPECT_FALSE(complete);
}

constexpr int kMostSteps = 200;

// How long a client that takes 6 MB a second of a long answer is served, with an idle timeout of a
// second: in steps of 10 ms, at most 2 s.
int StepsOfASlowReader(std::uint64_t min_rate, const LiveServer::Handler& handler) {
  LiveServer live(handler,
                  With({.idle_timeout = std::chrono::seconds(1), .min_body_rate = min_rate}));
  RawClient client(live.port());
  EXPECT_TRUE(client.Send(kGet));
  std::string buffer(64U << 10U, '\0');
  int steps = 0;
  while (steps < kMostSteps && recv(client.fd(), buffer.data(), buffer.size(), 0) > 0) {
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
    ++steps;
  }
  return steps;
}

TEST(ServerLimits, AClientThatReadsSlowly) {
  constexpr std::uint64_t kLong = 32U << 20U;
  const LiveServer::Handler text = [](Request) -> async::Task<Response> {
    co_return TextResponse(200, std::string(kLong, 'x'));
  };
  std::FILE* const temporary = std::tmpfile();
  ASSERT_EQ(ftruncate(fileno(temporary), kLong), 0);
  const LiveServer::Handler file = [&](Request) -> async::Task<Response> {
    Response response;
    response.status = 200;
    response.body = NewFileBody({.fd = fileno(temporary), .offset = 0, .size = kLong, .owner = {}});
    co_return response;
  };
  std::vector<std::thread> readers;  // at once, for the sake of whoever waits for the test
  for (const LiveServer::Handler& handler : {text, file}) {
    readers.emplace_back(
        [handler] { EXPECT_EQ(StepsOfASlowReader(64U << 10U, handler), kMostSteps); });
    readers.emplace_back(
        [handler] { EXPECT_LT(StepsOfASlowReader(64U << 20U, handler), kMostSteps); });
  }
  for (std::thread& reader : readers) reader.join();
  (void)std::fclose(temporary);
}

TEST(ServerLimits, LargeHeads) {
  LiveServer live(ReadAndAnswer, With({.head_size = 4000, .target_size = 1000, .fields = 10}));
  const auto status = [&](const std::string& bytes) {
    RawClient client(live.port());
    const auto answer = client.Ask(bytes);
    return answer ? answer->status : 0;
  };
  EXPECT_EQ(status("GET /" + std::string(2000, 'x') + " HTTP/1.1\r\nHost: a\r\n\r\n"), 414);
  EXPECT_EQ(status("GET /" + std::string(1U << 20U, 'x')), 414);
  EXPECT_EQ(status("GET / HTTP/1.1\r\nHost: a\r\nX: " + std::string(1U << 20U, 'x')), 431);
  std::string many = "GET / HTTP/1.1\r\nHost: a\r\n";
  for (int i = 0; i < 20; ++i) many += "X: y\r\n";
  EXPECT_EQ(status(many + "\r\n"), 431);
}

TEST(ServerLimits, Connections) {
  LiveServer live(ReadAndAnswer, With({.connections_per_address = 2, .connections = 10}));
  RawClient one(live.port());
  EXPECT_EQ(one.Ask(kGet)->status, 200);
  {
    RawClient two(live.port());
    EXPECT_EQ(two.Ask(kGet)->status, 200);
    RawClient three(live.port());
    const auto answer = three.Read();
    ASSERT_TRUE(answer.has_value());
    EXPECT_EQ(answer->status, 503);
    EXPECT_EQ(live.server().connections(), 2);
  }
  while (live.server().connections() > 1) std::this_thread::yield();
  RawClient again(live.port());
  EXPECT_EQ(again.Ask(kGet)->status, 200);
}

TEST(ServerLimits, ConnectionsOfAll) {
  LiveServer live(ReadAndAnswer, With({.connections = 1}));
  RawClient one(live.port());
  EXPECT_EQ(one.Ask(kGet)->status, 200);
  RawClient two(live.port());
  EXPECT_EQ(two.Read()->status, 503);
}

TEST(ServerStop, DrainsRequestsUnderWay) {
  std::atomic<bool> begun = false;
  std::atomic<bool> release = false;
  LiveServer live([&](Request) -> async::Task<Response> {
    begun = true;
    while (!release) (void)co_await async::Sleep(std::chrono::milliseconds(10));
    co_return TextResponse(200, "served");
  });
  RawClient idle(live.port());
  RawClient busy(live.port());
  EXPECT_TRUE(busy.Send(kGet));
  while (!begun) std::this_thread::yield();
  std::thread stopper([&] { live.server().Stop(); });
  EXPECT_TRUE(idle.AwaitEnd()) << "closed at once";
  release = true;
  const auto answer = busy.Read();
  ASSERT_TRUE(answer.has_value());
  EXPECT_EQ(answer->body, "served");
  EXPECT_EQ(answer->Field("Connection"), "close");
  EXPECT_TRUE(busy.AwaitEnd());
  busy.EndSending();
  stopper.join();
  EXPECT_EQ(live.server().connections(), 0);
  live.server().Stop();
}

TEST(ServerStop, CutsOffWhatDoesNotEnd) {
  std::atomic<bool> begun = false;
  ServerOptions options = With({.drain_timeout = std::chrono::seconds(1)});
  LiveServer live(
      [&](Request) -> async::Task<Response> {
        begun = true;
        (void)co_await async::Sleep(std::chrono::hours(1));
        co_return TextResponse(200, "late");
      },
      options);
  RawClient client(live.port());
  EXPECT_TRUE(client.Send(kGet));
  while (!begun) std::this_thread::yield();
  live.server().Stop();
  EXPECT_FALSE(client.Read().has_value());
}

TEST(ServerStop, TheDestructorStopsAtOnce) {
  std::atomic<bool> begun = false;
  RawClient* client = nullptr;
  std::unique_ptr<RawClient> kept;
  {
    LiveServer live([&](Request) -> async::Task<Response> {
      begun = true;
      (void)co_await async::Sleep(std::chrono::hours(1));
      co_return TextResponse(200, "late");
    });
    kept = std::make_unique<RawClient>(live.port());
    client = kept.get();
    EXPECT_TRUE(client->Send(kGet));
    while (!begun) std::this_thread::yield();
  }
  EXPECT_FALSE(client->Read().has_value());
}

}  // namespace
}  // namespace portolan::http
