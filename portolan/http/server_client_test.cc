// Our client and our server, face to face.
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "portolan/http/testing/fake_service.h"
#include "portolan/http/testing/live_server.h"
#include "portolan/http/testing/network.h"

namespace portolan::http {
namespace {

async::Task<Response> Echo(Request request) {
  Response response = TextResponse(200, request.method + " " + request.url.target);
  response.headers.Add("X-Method", request.method);
  for (const Headers::Field& field : request.headers.fields()) {
    if (field.name.starts_with("X-")) response.headers.Add(field.name, field.value);
  }
  if (request.body) response.body = request.body();
  co_return response;
}

TEST(ServerAndClient, RoundTrips) {
  LiveServer live(Echo);
  TestNetwork network;
  for (const std::string_view method : {"GET", "DELETE", "POST", "OPTIONS"}) {
    Request request;
    request.method = method;
    request.url = live.At("/v2/x?y=%20");
    request.headers.Add("X-Test", "a b");
    const auto got = network.Fetch(std::move(request));
    ASSERT_TRUE(got.has_value()) << got.error().message;
    EXPECT_EQ(got->response.status, 200);
    EXPECT_EQ(got->body, std::string(method) + " /v2/x?y=%20");
    EXPECT_EQ(got->response.headers.Get("X-Test"), "a b");
  }
  Request head;
  head.method = "HEAD";
  head.url = live.At("/");
  const auto got = network.Fetch(std::move(head));
  ASSERT_TRUE(got.has_value()) << got.error().message;
  EXPECT_EQ(got->response.headers.Get("Content-Length"), "6");
  EXPECT_EQ(got->body, "");
  EXPECT_EQ(live.server().connections(), 1) << "one connection for all";
}

TEST(ServerAndClient, BodiesOfAllSizes) {
  LiveServer live(Echo);
  TestNetwork network;
  for (const std::size_t size : {1, 5000, 70'000, 1'000'000, 5'000'000}) {
    std::string body;
    while (body.size() < size) body += std::to_string(body.size());
    body.resize(size);
    for (const bool known : {true, false}) {
      Request request;
      request.method = "PUT";
      request.url = live.At("/");
      request.body = [&] { return NewTextBody(body); };
      if (known) request.content_length = size;
      const auto got = network.Fetch(std::move(request));
      ASSERT_TRUE(got.has_value()) << got.error().message;
      EXPECT_TRUE(got->body == body) << size << (known ? " with" : " without") << " a length";
    }
  }
}

TEST(ServerAndClient, ABrokenAnswerIsAnError) {
  class Broken final : public BodyReader {
   public:
    async::Task<Result<std::string_view>> Next() override {
      if (given_++ > 2) co_return Fail(ErrorCode::kIo, "gone");
      co_return std::string_view("some text");
    }

   private:
    int given_ = 0;
  };
  LiveServer live([](Request) -> async::Task<Response> {
    Response response = TextResponse(200, "");
    response.body = std::make_unique<Broken>();
    co_return response;
  });
  TestNetwork network;
  EXPECT_FALSE(network.Get(live.At("/")).has_value());
}

TEST(ServerAndClient, ARefusedUploadCanReadWhy) {
  LiveServer live([](Request) -> async::Task<Response> { co_return TextResponse(401, "no"); });
  TestNetwork network;
  for (const bool known : {true, false}) {
    Request request;
    request.method = "PUT";
    request.url = live.At("/");
    request.body = [] { return NewTextBody(std::string(8U << 20U, 'x')); };
    if (known) request.content_length = 8U << 20U;
    const auto got = network.Fetch(std::move(request));
    ASSERT_TRUE(got.has_value()) << got.error().message;
    EXPECT_EQ(got->response.status, 401);
    EXPECT_EQ(got->body, "no");
  }
}

}  // namespace
}  // namespace portolan::http
