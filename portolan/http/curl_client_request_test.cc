// Requests as servers see them.
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "portolan/async/event.h"
#include "portolan/http/testing/network.h"
#include "portolan/http/testing/scripted_server.h"

namespace portolan::http {
namespace {

using Answer = ScriptedServer::Answer;

Request NewRequest(std::string method, Url url) {
  Request request;
  request.method = std::move(method);
  request.url = std::move(url);
  return request;
}

// Gives `count` pieces of `piece`, with a pause of the loop before each.
class SlowBody final : public BodyReader {
 public:
  SlowBody(std::string piece, int count, std::optional<Error> error = {})
      : piece_(std::move(piece)), left_(count), error_(std::move(error)) {}

  async::Task<Result<std::string_view>> Next() override {
    PORTOLAN_CO_CHECK(co_await async::Sleep(std::chrono::milliseconds(1)));
    if (left_ == 0 && error_) co_return *error_;
    if (left_ == 0) co_return std::string_view();
    --left_;
    co_return std::string_view(piece_);
  }

 private:
  std::string piece_;
  int left_;
  std::optional<Error> error_;
};

TEST(NetworkClientRequest, HasOnlyTheHeadersThatItWasGiven) {
  ScriptedServer server(std::vector{PlainAnswer(200, "")});
  TestNetwork network;
  const std::string host = "127.0.0.1:" + std::to_string(server.port());
  ASSERT_TRUE(network.Fetch(NewRequest("GET", server.At("/a"))).has_value());
  EXPECT_EQ(server.seen()[0].head, "GET /a HTTP/1.1\r\nHost: " + host + "\r\n\r\n");

  Request request = NewRequest("GET", server.At("/b"));
  request.headers = Headers{{"Accept", "x/y"},
                            {"accept", "z"},
                            {"User-Agent", "me"},
                            {"Empty", ""},
                            {"Content-Length", "7"}};
  ASSERT_TRUE(network.Fetch(std::move(request)).has_value());
  EXPECT_EQ(server.seen()[1].head,
            "GET /b HTTP/1.1\r\nHost: " + host +
                "\r\nAccept: x/y\r\naccept: z\r\nUser-Agent: me\r\nEmpty:\r\n\r\n");
}

TEST(NetworkClientRequest, SendsBodiesOfKnownAndUnknownLength) {
  ScriptedServer server(std::vector{PlainAnswer(201, "")});
  TestNetwork network;
  const std::string piece(100'000, 'x');
  std::string whole;
  for (int i = 0; i < 20; ++i) whole += piece;
  for (const char* method : {"PUT", "POST", "PATCH"}) {
    for (const bool known : {true, false}) {
      SCOPED_TRACE(method);
      SCOPED_TRACE(known);
      Request request = NewRequest(method, server.At("/upload"));
      request.headers.Add("Content-Type", "application/octet-stream");
      request.body = [&] { return std::make_unique<SlowBody>(piece, 20); };
      if (known) request.content_length = whole.size();
      const auto got = network.Fetch(std::move(request));
      ASSERT_TRUE(got.has_value()) << got.error().message;
      const ScriptedServer::Seen seen = server.seen().back();
      EXPECT_EQ(seen.request_line(), std::string(method) + " /upload HTTP/1.1");
      EXPECT_EQ(seen.Field("Content-Type"), "application/octet-stream");
      EXPECT_FALSE(seen.Field("Expect").has_value());
      EXPECT_EQ(seen.Field("Content-Length").has_value(), known);
      EXPECT_EQ(seen.Field("Transfer-Encoding").has_value(), !known);
      EXPECT_TRUE(seen.body == whole) << seen.body.size();
    }
  }
  EXPECT_EQ(server.connections(), 1);
}

TEST(NetworkClientRequest, SaysThatThereIsNoBody) {
  ScriptedServer server(std::vector{PlainAnswer(202, "")});
  TestNetwork network;
  struct Row {
    const char* method;
    bool length;
  };
  for (const Row& row :
       {Row{"POST", true}, {"PUT", true}, {"PATCH", true}, {"DELETE", false}, {"GET", false}}) {
    SCOPED_TRACE(row.method);
    ASSERT_TRUE(network.Fetch(NewRequest(row.method, server.At("/"))).has_value());
    EXPECT_EQ(server.seen().back().request_line(), std::string(row.method) + " / HTTP/1.1");
    EXPECT_EQ(server.seen().back().Field("Content-Length").value_or("-"), row.length ? "0" : "-");
    EXPECT_FALSE(server.seen().back().Field("Content-Type").has_value());
  }
}

TEST(NetworkClientRequest, SendsAnEmptyBody) {
  ScriptedServer server(std::vector{PlainAnswer(202, "")});
  TestNetwork network;
  Request request = NewRequest("PUT", server.At("/"));
  request.body = [] { return NewTextBody(""); };
  request.content_length = 0;
  const auto got = network.Fetch(std::move(request));
  ASSERT_TRUE(got.has_value()) << got.error().message;
  EXPECT_EQ(server.seen()[0].Field("Content-Length"), "0");
}

TEST(NetworkClientRequest, IsSentAgainWhenTheServerHadClosedTheConnection) {
  // The first connection is closed only when the second request has reached it.
  ScriptedServer server([](const ScriptedServer::Seen& seen) {
    if (seen.connection == 0 && seen.head.starts_with("PUT"))
      return Answer{.pieces = {}, .close = true};
    return PlainAnswer(201, "");
  });
  TestNetwork network;
  ASSERT_TRUE(network.Fetch(NewRequest("GET", server.At("/"))).has_value());
  Request request = NewRequest("PUT", server.At("/"));
  request.body = [] { return std::make_unique<SlowBody>("piece", 3); };
  request.content_length = 15;
  const auto got = network.Fetch(std::move(request));
  ASSERT_TRUE(got.has_value()) << got.error().message;
  EXPECT_EQ(got->response.status, 201);
  EXPECT_EQ(server.seen().back().body, "piecepiecepiece");
  EXPECT_EQ(server.connections(), 2);
}

TEST(NetworkClientRequest, ShowsAnAnswerThatComesBeforeTheBodyIsRead) {
  ScriptedServer server([](const ScriptedServer::Seen&) {
    Answer answer = PlainAnswer(401, "who are you");
    answer.skip_body = true;
    answer.close = true;
    return answer;
  });
  TestNetwork network;
  Request request = NewRequest("PUT", server.At("/"));
  request.body = [] { return std::make_unique<SlowBody>(std::string(1U << 20U, 'x'), 64); };
  request.content_length = 64U << 20U;
  const auto got = network.Fetch(std::move(request));
  ASSERT_TRUE(got.has_value()) << got.error().message;
  EXPECT_EQ(got->response.status, 401);
  EXPECT_EQ(got->body, "who are you");
}

TEST(NetworkClientRequest, FailsAsItsBodyDoes) {
  ScriptedServer server(std::vector{PlainAnswer(201, "")});
  TestNetwork network;
  const Error broken = Fail(ErrorCode::kIo, "the disk is gone");
  Request request = NewRequest("PUT", server.At("/"));
  request.body = [&] { return std::make_unique<SlowBody>("piece", 2, broken); };
  const auto got = network.Fetch(std::move(request));
  ASSERT_FALSE(got.has_value());
  EXPECT_EQ(got.error(), broken);
  EXPECT_TRUE(server.AwaitNoConnection());
  EXPECT_TRUE(server.seen().empty());
}

TEST(NetworkClientRequest, RefusesBodiesOfAnotherLengthThanAnnounced) {
  ScriptedServer server(std::vector{PlainAnswer(201, "")});
  TestNetwork network;
  for (const std::uint64_t length : {9U, 11U}) {
    SCOPED_TRACE(length);
    Request request = NewRequest("PUT", server.At("/"));
    request.body = [] { return std::make_unique<SlowBody>("01234", 2); };
    request.content_length = length;
    const auto got = network.Fetch(std::move(request));
    ASSERT_FALSE(got.has_value());
    EXPECT_EQ(got.error().code, ErrorCode::kInternal) << got.error().message;
  }
}

TEST(NetworkClientRequest, RefusesWhatWouldBeAnotherRequest) {
  struct Row {
    const char* name;
    std::string method;
    std::string target;
    Headers headers;
  };
  const Row rows[] = {
      {"line break in value", "GET", "/", {{"A", "b\r\nC: d"}}},
      {"bare CR", "GET", "/", {{"A", "b\rc"}}},
      {"bare LF", "GET", "/", {{"A", "b\nc"}}},
      {"NUL", "GET", "/", {{"A", std::string("b\0c", 3)}}},
      {"name with colon", "GET", "/", {{"A:b", "c"}}},
      {"name with line break", "GET", "/", {{"A\r\nb", "c"}}},
      {"no name", "GET", "/", {{"", "c"}}},
      {"method with space", "GET /x", "/", {}},
      {"no method", "", "/", {}},
      {"target with space", "GET", "/ HTTP/1.1\r\nX: y", {}},
      {"target with fragment", "GET", "/a#b", {}},
      {"target without slash", "GET", "@evil.example/", {}},
      {"target not ASCII", "GET", "/\xc3\xb6", {}},
  };
  ScriptedServer server(std::vector{PlainAnswer(200, "")});
  TestNetwork network;
  for (const Row& row : rows) {
    SCOPED_TRACE(row.name);
    Request request = NewRequest(row.method, server.At(row.target));
    request.headers = row.headers;
    const auto got = network.Fetch(std::move(request));
    ASSERT_FALSE(got.has_value());
    EXPECT_EQ(got.error().code, ErrorCode::kProtocol);
    EXPECT_TRUE(got.error().message.contains("127.0.0.1:")) << got.error().message;
  }
  EXPECT_EQ(server.connections(), 0);
}

}  // namespace
}  // namespace portolan::http
