// Slow readers, early ends, and cancellation.
#include <string>
#include <thread>
#include <vector>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <gtest/gtest.h>

#include "portolan/async/event.h"
#include "portolan/http/testing/network.h"
#include "portolan/http/testing/scripted_server.h"

namespace portolan::http {
namespace {

using Answer = ScriptedServer::Answer;

constexpr std::size_t kMegabyte = 1U << 20U;

Answer LargeAnswer(std::size_t size) {
  const std::string length = std::to_string(size);
  return {.pieces = {"HTTP/1.1 200 OK\r\nContent-Length: " + length + "\r\n\r\n" +
                     std::string(size, 'x')}};
}

Request GetRequest(Url url) {
  Request request;
  request.url = std::move(url);
  return request;
}

async::Task<std::size_t> CountSlowly(BodyReader& body, std::chrono::milliseconds pause,
                                     std::size_t& largest) {
  std::size_t total = 0;
  for (;;) {
    const Result<std::string_view> piece = co_await body.Next();
    if (!piece || piece->empty()) co_return total;
    total += piece->size();
    largest = std::max(largest, piece->size());
    if (pause.count() > 0) (void)co_await async::Sleep(pause);
  }
}

TEST(NetworkClientFlow, HoldsTheServerBackForASlowReader) {
  ScriptedServer server(std::vector{LargeAnswer(64 * kMegabyte)});
  TestNetwork network;
  auto response = network.loop().Run(network.client().Send(GetRequest(server.At("/"))));
  ASSERT_TRUE(response.has_value()) << response.error().message;
  // The loop turns, so that all that may be received is received, but nobody reads.
  const Status slept = network.loop().Run(async::Sleep(std::chrono::milliseconds(100)));
  ASSERT_TRUE(slept.has_value());
  EXPECT_LT(server.sent(),
            24 * kMegabyte);  // what the kernel keeps for both sides, and our half megabyte

  std::size_t largest = 0;
  const std::size_t total =
      network.loop().Run(CountSlowly(*response->body, std::chrono::milliseconds(0), largest));
  EXPECT_EQ(total, 64 * kMegabyte);
  EXPECT_LE(largest, kMegabyte);
}

TEST(NetworkClientFlow, GivesWhatIsThereInOnePiece) {
  ScriptedServer server(std::vector{LargeAnswer(8 * kMegabyte)});
  TestNetwork network;
  auto response = network.loop().Run(network.client().Send(GetRequest(server.At("/"))));
  ASSERT_TRUE(response.has_value()) << response.error().message;
  std::size_t largest = 0;
  const std::size_t total =
      network.loop().Run(CountSlowly(*response->body, std::chrono::milliseconds(2), largest));
  EXPECT_EQ(total, 8 * kMegabyte);
  EXPECT_GE(largest, 256U << 10U);
  EXPECT_LE(largest, kMegabyte);
}

TEST(NetworkClientFlow, StaysAtTheEnd) {
  ScriptedServer server(std::vector{PlainAnswer(200, "x")});
  TestNetwork network;
  auto response = network.loop().Run(network.client().Send(GetRequest(server.At("/"))));
  ASSERT_TRUE(response.has_value()) << response.error().message;
  EXPECT_EQ(network.loop().Run(response->body->Next()).value(), "x");
  EXPECT_EQ(network.loop().Run(response->body->Next()).value(), "");
  EXPECT_EQ(network.loop().Run(response->body->Next()).value(), "");
}

TEST(NetworkClientFlow, ClosesTheConnectionOfABodyThatIsNotReadToItsEnd) {
  ScriptedServer server(std::vector{LargeAnswer(64 * kMegabyte)});
  TestNetwork network;
  {
    auto response = network.loop().Run(network.client().Send(GetRequest(server.At("/"))));
    ASSERT_TRUE(response.has_value()) << response.error().message;
    EXPECT_TRUE(network.loop().Run(response->body->Next()).has_value());
  }
  EXPECT_TRUE(server.AwaitNoConnection());
}

TEST(NetworkClientFlow, CancellationEndsTheWaitForAHead) {
  ScriptedServer server(std::vector{Answer{.pieces = {"HTTP/1.1 200"}, .hang = true}});
  TestNetwork network;
  network.loop().CancelAfter(std::chrono::milliseconds(30));
  const auto response = network.loop().Run(network.client().Send(GetRequest(server.At("/"))));
  ASSERT_FALSE(response.has_value());
  EXPECT_EQ(response.error().code, ErrorCode::kTimeout);
  EXPECT_EQ(response.error(), network.loop().cancelled().value());
  EXPECT_TRUE(server.AwaitNoConnection());
}

TEST(NetworkClientFlow, CancellationEndsTheWaitForABody) {
  ScriptedServer server(std::vector{
      Answer{.pieces = {"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello"}, .hang = true}});
  TestNetwork network;
  auto response = network.loop().Run(network.client().Send(GetRequest(server.At("/"))));
  ASSERT_TRUE(response.has_value()) << response.error().message;
  network.loop().CancelAfter(std::chrono::milliseconds(30));
  const auto text = network.loop().Run(ReadAll(*response->body, 100));
  ASSERT_FALSE(text.has_value());
  EXPECT_EQ(text.error().code, ErrorCode::kTimeout);
  response = Fail(ErrorCode::kInternal, "");
  EXPECT_TRUE(server.AwaitNoConnection());
}

TEST(NetworkClientFlow, ATaskThatIsLeftBehindDoesNoHarm) {
  ScriptedServer server(std::vector{Answer{.pieces = {}, .hang = true}});
  {
    async::Loop loop;
    const auto client = NewNetworkClient(loop, {}, {});
    auto abandoned = [&]() -> async::Task<Status> {
      (void)co_await client->Send(GetRequest(server.At("/")));
      co_return Status();
    };
    boost::asio::co_spawn(loop.executor(), abandoned(), boost::asio::detached);
    EXPECT_TRUE(loop.Run(async::Sleep(std::chrono::milliseconds(20))).has_value());
  }
  EXPECT_EQ(server.connections(), 1);
}

}  // namespace
}  // namespace portolan::http
