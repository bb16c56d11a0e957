// HTTP/2: many streams over one connection.
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "portolan/async/event.h"
#include "portolan/async/gather.h"
#include "portolan/http/testing/http2_server.h"
#include "portolan/http/testing/network.h"

namespace portolan::http {
namespace {

using Answer = Http2Server::Answer;
using Seen = Http2Server::Seen;

constexpr std::size_t kMegabyte = 1U << 20U;

class NetworkClientHttp2 : public testing::Test {
 protected:
  Request RequestTo(const Url& url) {
    Request request;
    request.url = url;
    request.tls = tls_;
    return request;
  }

  const TestAuthority authority_;
  const TestIdentity identity_ = authority_.Issue("localhost");
  const TemporaryFolder folder_;
  const std::shared_ptr<const TlsSettings> tls_ = std::make_shared<const TlsSettings>(
      TlsSettings{.verify = true,
                  .ca_files = {folder_.Write("ca.crt", authority_.certificate())},
                  .client_pair = {}});
  TestNetwork network_;
};

TEST_F(NetworkClientHttp2, GivesStatusHeadersAndBody) {
  Http2Server server(
      [](const Seen&) {
        return Answer{.status = 404, .headers = {{"x-one", "1"}, {"link", "<a>"}}, .body = "hello"};
      },
      identity_);
  Request request = RequestTo(server.AtLocalhost("/v2/?q=%2F"));
  request.headers.Add("X-Mine", "yes");
  const auto got = network_.Fetch(std::move(request));
  ASSERT_TRUE(got.has_value()) << got.error().message;
  EXPECT_EQ(got->response.version, "2");
  EXPECT_EQ(got->response.status, 404);
  EXPECT_EQ(got->response.headers.Get("Link"), "<a>");
  EXPECT_EQ(got->body, "hello");
  ASSERT_EQ(server.seen().size(), 1U);
  EXPECT_EQ(server.seen()[0].method, "GET");
  EXPECT_EQ(server.seen()[0].target, "/v2/?q=%2F");
  EXPECT_EQ(server.seen()[0].headers.Get("x-mine"), "yes");
}

TEST_F(NetworkClientHttp2, SendsABody) {
  Http2Server server(
      [](const Seen& seen) { return Answer{.status = 201, .headers = {}, .body = seen.body}; },
      identity_);
  Request request = RequestTo(server.AtLocalhost("/"));
  request.method = "PUT";
  const std::string body(3 * kMegabyte, 'b');
  request.body = [&body] { return NewTextBody(body); };
  request.content_length = body.size();
  const auto got = network_.Fetch(std::move(request));
  ASSERT_TRUE(got.has_value()) << got.error().message;
  EXPECT_EQ(got->response.status, 201);
  EXPECT_EQ(got->body, body);
}

// The server answers nobody before all have asked: that is only possible side by side.
TEST_F(NetworkClientHttp2, RequestsShareOneConnection) {
  constexpr std::size_t kTogether = 6;
  Http2Server server([](const Seen& seen) { return Answer{.body = seen.target}; }, identity_,
                     kTogether);
  std::vector<std::string> bodies(kTogether);
  auto fetch = [&](std::size_t index) -> async::Task<void> {
    const std::string target = "/" + std::to_string(index);
    Result<Response> response =
        co_await network_.client().Send(RequestTo(server.AtLocalhost(target)));
    if (!response) co_return;
    Result<std::string> body = co_await ReadAll(*response->body, 100);
    if (body) bodies[index] = *std::move(body);
  };
  network_.loop().CancelAfter(std::chrono::seconds(20));
  auto all = [&]() -> async::Task<Status> {
    co_await async::ForEachParallel(kTogether, kTogether, fetch);
    co_return Status();
  };
  ASSERT_TRUE(network_.loop().Run(all()));
  EXPECT_EQ(bodies, (std::vector<std::string>{"/0", "/1", "/2", "/3", "/4", "/5"}));
  EXPECT_EQ(server.connections(), 1);
}

TEST_F(NetworkClientHttp2, HoldsOneStreamBackForASlowReader) {
  Http2Server server([](const Seen&) { return Answer{.body = std::string(64 * kMegabyte, 'x')}; },
                     identity_);
  auto response = network_.loop().Run(network_.client().Send(RequestTo(server.AtLocalhost("/"))));
  ASSERT_TRUE(response.has_value()) << response.error().message;
  ASSERT_TRUE(network_.loop().Run(async::Sleep(std::chrono::milliseconds(100))));
  EXPECT_LT(server.sent(), 48 * kMegabyte);  // the stream's window, and what the kernel keeps
  const auto body = network_.loop().Run(ReadAll(*response->body, 65 * kMegabyte));
  ASSERT_TRUE(body.has_value()) << body.error().message;
  EXPECT_EQ(body->size(), 64 * kMegabyte);
}

TEST_F(NetworkClientHttp2, AStreamThatIsLeftLeavesTheConnectionToOthers) {
  Http2Server server(
      [](const Seen& seen) {
        return Answer{.body = seen.target == "/" ? std::string(64 * kMegabyte, 'x') : "small"};
      },
      identity_);
  {
    auto response = network_.loop().Run(network_.client().Send(RequestTo(server.AtLocalhost("/"))));
    ASSERT_TRUE(response.has_value()) << response.error().message;
    EXPECT_TRUE(network_.loop().Run(response->body->Next()).has_value());
  }
  const auto got = network_.Fetch(RequestTo(server.AtLocalhost("/small")));
  ASSERT_TRUE(got.has_value()) << got.error().message;
  EXPECT_EQ(got->body, "small");
  EXPECT_EQ(server.connections(), 1);
}

TEST_F(NetworkClientHttp2, AStreamThatIsResetIsAnError) {
  Http2Server server([](const Seen&) { return Answer{.body = "hello!", .reset = true}; },
                     identity_);
  const auto got = network_.Fetch(RequestTo(server.AtLocalhost("/")));
  ASSERT_FALSE(got.has_value());
  EXPECT_EQ(got.error().code, ErrorCode::kConnectFailed) << got.error().message;
  EXPECT_TRUE(got.error().message.contains("localhost")) << got.error().message;
}

TEST_F(NetworkClientHttp2, AConnectionThatSaysGoodbyeIsReplaced) {
  Http2Server server([](const Seen&) { return Answer{.body = "x", .go_away = true}; }, identity_);
  for (int i = 0; i < 3; ++i) {
    const auto got = network_.Fetch(RequestTo(server.AtLocalhost("/")));
    ASSERT_TRUE(got.has_value()) << got.error().message;
    EXPECT_EQ(got->body, "x");
  }
  EXPECT_EQ(server.connections(), 3);
}

}  // namespace
}  // namespace portolan::http
