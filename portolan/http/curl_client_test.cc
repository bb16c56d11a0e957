// Answers as servers send them.
#include <functional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "portolan/async/gather.h"
#include "portolan/http/testing/network.h"
#include "portolan/http/testing/scripted_server.h"

namespace portolan::http {
namespace {

using Answer = ScriptedServer::Answer;

struct Row {
  const char* name;
  Answer answer;
  int status;
  const char* version;
  const char* body;
};

TEST(NetworkClient, ReadsEveryFormOfBody) {
  const Row rows[] = {
      {"content length",
       {.pieces = {"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"}},
       200,
       "1.1",
       "hello"},
      {"fragments",
       {.pieces = {"HT", "TP/1.1 200 OK\r\nContent-", "Length: 5\r\n", "\r", "\nhe", "llo"},
        .delay = std::chrono::milliseconds(1)},
       200,
       "1.1",
       "hello"},
      {"chunked",
       {.pieces = {"HTTP/1.1 201 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhe\r\n",
                   "3;x=y\r\nllo\r\n0\r\nTrailer: t\r\n\r\n"}},
       201,
       "1.1",
       "hello"},
      {"until close",
       {.pieces = {"HTTP/1.1 200 OK\r\n\r\nhello"}, .close = true},
       200,
       "1.1",
       "hello"},
      {"1.0", {.pieces = {"HTTP/1.0 404 No\r\n\r\nhello"}, .close = true}, 404, "1.0", "hello"},
      {"empty", {.pieces = {"HTTP/1.1 202 OK\r\nContent-Length: 0\r\n\r\n"}}, 202, "1.1", ""},
      {"no content", {.pieces = {"HTTP/1.1 204 OK\r\n\r\n"}}, 204, "1.1", ""},
      {"interim heads",
       {.pieces = {"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Hints\r\nA: b\r\n\r\n"
                   "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"}},
       200,
       "1.1",
       "hello"},
      {"not followed",
       {.pieces = {"HTTP/1.1 307 To\r\nLocation: /x\r\nContent-Length: 5\r\n\r\nhello"}},
       307,
       "1.1",
       "hello"},
      {"not decoded",
       {.pieces = {"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 5\r\n\r\nhello"}},
       200,
       "1.1",
       "hello"},
      {"no authentication of curl's",
       {.pieces = {"HTTP/1.1 401 No\r\nWWW-Authenticate: Negotiate, NTLM, Basic\r\n"
                   "Content-Length: 5\r\n\r\nhello"}},
       401,
       "1.1",
       "hello"},
  };
  TestNetwork network;
  for (const Row& row : rows) {
    SCOPED_TRACE(row.name);
    ScriptedServer server(std::vector{row.answer});
    const auto got = network.Get(server.At("/"));
    ASSERT_TRUE(got.has_value()) << got.error().message;
    EXPECT_EQ(got->response.status, row.status);
    EXPECT_EQ(got->response.version, row.version);
    EXPECT_EQ(got->response.peer_address, "127.0.0.1");
    EXPECT_EQ(got->body, row.body);
    EXPECT_FALSE(got->response.headers.Has("A"));
    EXPECT_FALSE(got->response.headers.Has("Trailer"));
  }
}

TEST(NetworkClient, ShowsHeadersAsReceived) {
  ScriptedServer server(
      std::vector{PlainAnswer(200, "", "lInk: </a>;  rel=next  \r\nLink: </b>\r\nX:\r\n")});
  TestNetwork network;
  const auto got = network.Get(server.At("/"));
  ASSERT_TRUE(got.has_value()) << got.error().message;
  EXPECT_EQ(
      got->response.headers,
      (Headers{{"Content-Length", "0"}, {"lInk", "</a>;  rel=next"}, {"Link", "</b>"}, {"X", ""}}));
}

TEST(NetworkClient, ReadsNoBodyAfterHead) {
  ScriptedServer server(
      std::vector{Answer{.pieces = {"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n"}}});
  TestNetwork network;
  for (int i = 0; i < 2; ++i) {
    Request request;
    request.method = "HEAD";
    request.url = server.At("/v2/a/manifests/b");
    const auto got = network.Fetch(std::move(request));
    ASSERT_TRUE(got.has_value()) << got.error().message;
    EXPECT_EQ(got->response.headers.Get("Content-Length"), "500");
    EXPECT_EQ(got->body, "");
  }
  EXPECT_EQ(server.seen()[0].request_line(), "HEAD /v2/a/manifests/b HTTP/1.1");
  EXPECT_EQ(server.connections(), 1);
}

TEST(NetworkClient, UsesAConnectionAgain) {
  ScriptedServer server(std::vector{PlainAnswer(200, "body")});
  TestNetwork network;
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(network.Get(server.At("/")).has_value());
  EXPECT_EQ(server.seen().size(), 3U);
  EXPECT_EQ(server.connections(), 1);
}

TEST(NetworkClient, OpensANewConnectionWhenTheOldOneIsGone) {
  Answer last = PlainAnswer(200, "body");
  last.close = true;
  ScriptedServer server(std::vector{last, PlainAnswer(200, "again")});
  TestNetwork network;
  ASSERT_TRUE(network.Get(server.At("/")).has_value());
  const auto got = network.Get(server.At("/"));
  ASSERT_TRUE(got.has_value()) << got.error().message;
  EXPECT_EQ(got->body, "again");
  EXPECT_EQ(server.connections(), 2);
}

async::Task<void> FetchInto(Client& client, Url url, std::string& body) {
  Request request;
  request.url = std::move(url);
  request.tls = std::make_shared<const TlsSettings>(
      TlsSettings{.verify = false, .ca_files = {}, .client_pair = {}});
  auto response = co_await client.Send(std::move(request));
  if (!response) co_return;
  auto text = co_await ReadAll(*response->body, 1U << 20U);
  if (text) body = *std::move(text);
}

async::Task<bool> FetchAll(Client& client, const ScriptedServer& server,
                           std::vector<std::string>& bodies) {
  const std::function<async::Task<void>(std::size_t)> job = [&](std::size_t i) {
    return FetchInto(client, server.At("/" + std::to_string(i)), bodies[i]);
  };
  co_await async::ForEachParallel(bodies.size(), bodies.size(), job);
  co_return true;
}

TEST(NetworkClient, SendsInParallel) {
  // The first request is answered last, and the others meanwhile, on connections of their own.
  const ScriptedServer::Script script = [](const ScriptedServer::Seen& seen) {
    const std::string line = seen.request_line();
    const std::string target = line.substr(4, line.find(' ', 4) - 4);
    Answer answer = PlainAnswer(200, target);
    if (target == "/0") {
      answer.pieces.insert(answer.pieces.begin(), "");
      answer.delay = std::chrono::milliseconds(50);
    }
    return answer;
  };
  const TestIdentity identity = TestAuthority::SelfSigned("localhost");
  for (const bool tls : {false, true}) {
    SCOPED_TRACE(tls);
    ScriptedServer::Options options;
    if (tls) options.tls = identity;
    ScriptedServer server(script, options);
    TestNetwork network;
    std::vector<std::string> bodies(8);
    network.loop().Run(FetchAll(network.client(), server, bodies));
    for (std::size_t i = 0; i < bodies.size(); ++i) EXPECT_EQ(bodies[i], "/" + std::to_string(i));
    EXPECT_GT(server.connections(), 1);
  }
}

TEST(NetworkClient, SendsTheTargetUntouched) {
  ScriptedServer server(std::vector{PlainAnswer(200, "")});
  TestNetwork network;
  const char* target = "/v2/../a//b/./%7e?n=%2F&last=x+y&&z={}|\\";
  ASSERT_TRUE(network.Get(server.AtLocalhost(target)).has_value());
  EXPECT_EQ(server.seen()[0].request_line(), std::string("GET ") + target + " HTTP/1.1");
  EXPECT_EQ(server.seen()[0].Field("Host"), "localhost:" + std::to_string(server.port()));
}

}  // namespace
}  // namespace portolan::http
