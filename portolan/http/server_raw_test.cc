// Bytes in, answers out, over a real connection and in several fragmentations.
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "portolan/http/testing/live_server.h"
#include "portolan/http/testing/raw_client.h"

namespace portolan::http {
namespace {

using std::string_view_literals::operator""sv;

// Answers with what it was asked: `METHOD origin target|length|body`.
async::Task<Response> Describe(Request request) {
  std::string body = "-";
  if (request.body) {
    const std::unique_ptr<BodyReader> reader = request.body();
    Result<std::string> text = co_await ReadAll(*reader, 1U << 20U);
    body = text ? *std::move(text) : text.error().message;
  }
  Response response;
  response.status = 200;
  response.body = NewTextBody(fmt::format(
      "{} {} {}|{}|{}", request.method, request.url.origin.ToString(), request.url.target,
      request.content_length ? std::to_string(*request.content_length) : "chunked", body));
  co_return response;
}

struct Row {
  std::string_view name;
  std::string_view bytes;
  std::vector<std::string> answers;  // the body of a 200, or a status
  bool open = false;                 // afterwards
};

const std::vector<Row> kRows = {
    {"get", "GET /v2/ HTTP/1.1\r\nHost: a\r\n\r\n", {"GET http://a /v2/|0|-"}, true},
    {"host with port",
     "GET /%2e?a=b&c HTTP/1.1\r\nHost: Example.com:5000\r\n\r\n",
     {"GET http://example.com:5000 /%2e?a=b&c|0|-"},
     true},
    {"IPv6 host",
     "GET / HTTP/1.1\r\nHost: [::1]:5000\r\n\r\n",
     {"GET http://[::1]:5000 /|0|-"},
     true},
    {"absolute target",
     "GET http://a/x HTTP/1.1\r\nHost: a\r\n\r\n",
     {"GET http://a /x|0|-"},
     true},
    {"body",
     "PUT /x HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello",
     {"PUT http://a /x|5|hello"},
     true},
    {"empty body",
     "PUT /x HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n",
     {"PUT http://a /x|0|-"},
     true},
    {"chunked",
     "PATCH /x HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
     "5;ext=1\r\nhello\r\n6\r\n world\r\n0\r\nX-Trailer: y\r\n\r\n",
     {"PATCH http://a /x|chunked|hello world"},
     true},
    {"pipelined",
     "GET /1 HTTP/1.1\r\nHost: a\r\n\r\n"
     "PUT /2 HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc"
     "PUT /3 HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nde\r\n0\r\n\r\n"
     "\r\nGET /4 HTTP/1.1\r\nHost: b\r\nConnection: close\r\n\r\n",
     {"GET http://a /1|0|-", "PUT http://a /2|3|abc", "PUT http://a /3|chunked|de",
      "GET http://b /4|0|-"}},
    {"HTTP/1.0", "GET / HTTP/1.0\r\nHost: a\r\n\r\n", {"GET http://a /|0|-"}},
    {"HTTP/1.0 keep-alive",
     "GET /1 HTTP/1.0\r\nHost: a\r\nConnection: keep-alive\r\n\r\nGET /2 HTTP/1.0\r\nHost: "
     "a\r\n\r\n",
     {"GET http://a /1|0|-", "GET http://a /2|0|-"}},
    // A body that hides a second request is a body, and what follows a refusal is not looked at.
    {"request in a body",
     "PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 29\r\n\r\nGET /evil HTTP/1.1\r\nHost: a\r\n"
     "GET /next HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
     {"PUT http://a /|29|GET /evil HTTP/1.1\r\nHost: a\r\n", "GET http://a /next|0|-"}},
    {"length and chunked",
     "PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
     "GET /evil HTTP/1.1\r\nHost: a\r\n\r\n",
     {"400"}},
    {"gzip",
     "PUT / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip\r\n\r\nGET /evil HTTP/1.1\r\n",
     {"400"}},
    {"chunked in HTTP/1.0",
     "PUT / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
     {"400"}},
    {"folded", "GET / HTTP/1.1\r\nHost: a\r\nX: y\r\n z\r\n\r\n", {"400"}},
    {"no host", "GET / HTTP/1.1\r\n\r\n", {"400"}},
    {"two hosts", "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", {"400"}},
    {"host with a user", "GET / HTTP/1.1\r\nHost: u@a\r\n\r\n", {"400"}},
    {"host with a path", "GET / HTTP/1.1\r\nHost: a/b\r\n\r\n", {"400"}},
    {"host with a bad port", "GET / HTTP/1.1\r\nHost: a:70000\r\n\r\n", {"400"}},
    {"host with a space", "GET / HTTP/1.1\r\nHost: a b\r\n\r\n", {"400"}},
    {"bare LF", "GET / HTTP/1.1\nHost: a\n\n", {"400"}},
    {"NUL", "GET / HTTP/1.1\r\nHost: a\r\nX: \0\r\n\r\n"sv, {"400"}},
    {"space before the colon", "GET / HTTP/1.1\r\nHost : a\r\n\r\n", {"400"}},
    {"connect", "CONNECT a:443 HTTP/1.1\r\nHost: a:443\r\n\r\n", {"400"}},
    {"http/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", {"505"}},
    {"TLS to a plain port", "\x16\x03\x01\x02\x00\x01"sv, {"400"}},
    {"expectation",
     "PUT / HTTP/1.1\r\nHost: a\r\nExpect: magic\r\nContent-Length: 5\r\n\r\nhello",
     {"417"}},
    {"good, then bad",
     "GET /1 HTTP/1.1\r\nHost: a\r\n\r\nGET /2 HTTP/1.1\r\n\r\n",
     {"GET http://a /1|0|-", "400"}},
    {"chunk size with a plus",
     "PUT / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n+5\r\nhello\r\n0\r\n\r\n",
     {"400"}},
    {"chunk without its end",
     "PUT / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhelloX0\r\n\r\n",
     {"400"}},
    {"chunk with bare LF",
     "PUT / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\nhello\n0\n\n",
     {"400"}},
};

void Play(const Row& row, std::uint16_t port, std::size_t piece) {
  RawClient client(port);
  (void)client.SendInPieces(row.bytes, piece);  // a refusal may come before the last piece
  for (const std::string& expected : row.answers) {
    const auto answer = client.Read();
    ASSERT_TRUE(answer.has_value());
    EXPECT_TRUE(answer->complete);
    const std::string got = answer->status == 200 ? answer->body : std::to_string(answer->status);
    EXPECT_EQ(got, expected) << answer->body;
    if (answer->status == 200) continue;
    EXPECT_EQ(answer->Field("Connection"), "close");
    EXPECT_EQ(answer->Field("Content-Type"), "application/json");
    EXPECT_TRUE(answer->body.starts_with(R"({"errors":[{"code":"UNSUPPORTED","message":")"));
  }
  if (!row.open) {
    client.EndSending();
    EXPECT_TRUE(client.AwaitEnd());
    return;
  }
  const auto next = client.Ask("GET /next HTTP/1.1\r\nHost: a\r\n\r\n");
  ASSERT_TRUE(next.has_value());
  EXPECT_EQ(next->body, "GET http://a /next|0|-");
}

TEST(ServerRaw, EveryRowInEveryFragmentation) {
  LiveServer live(Describe);
  for (const Row& row : kRows) {
    const std::size_t size = row.bytes.size();
    for (const std::size_t piece : {size, std::size_t{1}, size / 2 + 1, size - 1}) {
      SCOPED_TRACE(fmt::format("{}, pieces of {}", row.name, piece));
      Play(row, live.port(), piece);
    }
  }
}

}  // namespace
}  // namespace portolan::http
