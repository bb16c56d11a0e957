#include "portolan/http/server.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <atomic>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "portolan/async/event.h"
#include "portolan/http/testing/certificate.h"
#include "portolan/http/testing/fake_service.h"
#include "portolan/http/testing/live_server.h"
#include "portolan/http/testing/raw_client.h"

namespace portolan::http {
namespace {

constexpr std::string_view kGet = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";

// Gives pieces without saying how many; a piece of "!" is a failure.
class PiecesBody final : public BodyReader {
 public:
  explicit PiecesBody(std::deque<std::string> pieces) : pieces_(std::move(pieces)) {}
  async::Task<Result<std::string_view>> Next() override {
    if (pieces_.empty()) co_return std::string_view();
    current_ = std::move(pieces_.front());
    pieces_.pop_front();
    if (current_ == "!") co_return Fail(ErrorCode::kIo, "the disk is gone");
    co_return std::string_view(current_);
  }

 private:
  std::deque<std::string> pieces_;
  std::string current_;
};

Response Pieces(std::deque<std::string> pieces, Headers headers = {}) {
  Response response = TextResponse(200, "", std::move(headers));
  response.body = std::make_unique<PiecesBody>(std::move(pieces));
  return response;
}

// A server whose service makes an answer of a request without waiting.
LiveServer::Handler Plain(std::function<Response(const Request&)> function) {
  return [function = std::move(function)](Request request) -> async::Task<Response> {
    co_return function(request);
  };
}

TEST(Server, GivesTheRequestToTheService) {
  Guarded<std::optional<Request>> seen;
  LiveServer live(Plain([&](const Request& request) {
    *seen.Lock() = request;
    return TextResponse(201, "made", {{"Location", "/v2/x"}});
  }));
  RawClient client(live.port());
  const auto answer = client.Ask(
      "POST /v2/a/blobs/uploads/?x=%2F HTTP/1.1\r\nHost: Reg.example\r\nX-One: 1\r\nx-one: "
      "2\r\n\r\n");
  ASSERT_TRUE(answer.has_value());
  EXPECT_EQ(answer->status, 201);
  EXPECT_EQ(answer->body, "made");
  EXPECT_EQ(answer->Field("Location"), "/v2/x");
  EXPECT_EQ(answer->Field("Content-Length"), "4");
  EXPECT_TRUE(answer->Field("Date").has_value());
  EXPECT_FALSE(answer->Field("Connection").has_value());
  const std::optional<Request> request = *seen.Lock();
  ASSERT_TRUE(request.has_value());
  EXPECT_EQ(request->method, "POST");
  EXPECT_EQ(request->url.ToString(), "http://reg.example/v2/a/blobs/uploads/?x=%2F");
  EXPECT_EQ(request->headers, (Headers{{"Host", "Reg.example"}, {"X-One", "1"}, {"x-one", "2"}}));
  EXPECT_EQ(request->peer_address, "127.0.0.1");
  EXPECT_EQ(request->content_length, 0U);
  EXPECT_FALSE(static_cast<bool>(request->body));
}

TEST(Server, HttpOneDotZeroWithoutHostNamesTheAddress) {
  LiveServer live(Plain(
      [](const Request& request) { return TextResponse(200, request.url.origin.ToString()); }));
  RawClient client(live.port());
  EXPECT_EQ(client.Ask("GET / HTTP/1.0\r\n\r\n")->body, "http://" + live.address());
  EXPECT_TRUE(client.AwaitEnd());
}

TEST(Server, KeepsTheConnectionAndClosesItWhereAsked) {
  LiveServer live(Plain([](const Request& request) {
    Response response = TextResponse(200, request.url.target);
    if (request.url.target == "/close") response.headers.Add("Connection", "close");
    return response;
  }));
  RawClient client(live.port());
  for (int i = 0; i < 5; ++i) EXPECT_EQ(client.Ask(kGet)->body, "/");
  EXPECT_EQ(live.server().connections(), 1);
  EXPECT_EQ(client.Ask("GET /close HTTP/1.1\r\nHost: a\r\n\r\n")->Field("Connection"), "close");
  EXPECT_TRUE(client.AwaitEnd());
  RawClient old(live.port());
  const auto kept = old.Ask("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
  EXPECT_EQ(kept->Field("Connection"), "keep-alive");
  EXPECT_EQ(old.Ask("GET / HTTP/1.0\r\n\r\n")->Field("Connection"), "close");
  EXPECT_TRUE(old.AwaitEnd());
}

TEST(Server, HeadAndAnswersWithoutABody) {
  LiveServer live(Plain([](const Request& request) {
    if (request.url.target == "/claimed") return TextResponse(200, "", {{"Content-Length", "99"}});
    if (request.url.target == "/unknown") return Pieces({"a", "b"});
    if (request.url.target == "/204") return TextResponse(204, "dropped");
    if (request.url.target == "/304") return TextResponse(304, "dropped", {{"ETag", "\"x\""}});
    return TextResponse(200, "hello");
  }));
  RawClient client(live.port());
  EXPECT_EQ(client.Ask("HEAD / HTTP/1.1\r\nHost: a\r\n\r\n")->Field("Content-Length"), "5");
  EXPECT_EQ(client.Ask("HEAD /claimed HTTP/1.1\r\nHost: a\r\n\r\n")->Field("Content-Length"), "99");
  const auto unknown = client.Ask("HEAD /unknown HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_FALSE(unknown->Field("Content-Length").has_value());
  EXPECT_FALSE(unknown->Field("Transfer-Encoding").has_value());
  for (const std::string_view path : {"/204", "/304"}) {
    const auto answer = client.Ask(fmt::format("GET {} HTTP/1.1\r\nHost: a\r\n\r\n", path));
    EXPECT_EQ(std::to_string(answer->status), path.substr(1));
    EXPECT_FALSE(answer->Field("Content-Length").has_value());
  }
  EXPECT_EQ(client.Ask(kGet)->body, "hello") << "nothing was sent between";
}

TEST(Server, BodiesOfUnknownSize) {
  LiveServer live(Plain([](const Request& request) {
    if (request.url.target == "/empty") return Pieces({});
    if (request.url.target == "/claimed") return Pieces({"a", "bc"}, {{"Content-Length", "3"}});
    return Pieces({"one", "two", std::string(300000, 'x')});
  }));
  RawClient client(live.port());
  const auto chunked = client.Ask(kGet);
  EXPECT_EQ(chunked->Field("Transfer-Encoding"), "chunked");
  EXPECT_TRUE(chunked->body == "onetwo" + std::string(300000, 'x'));
  EXPECT_TRUE(chunked->complete);
  const auto empty = client.Ask("GET /empty HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_EQ(empty->Field("Content-Length"), "0");
  const auto claimed = client.Ask("GET /claimed HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_EQ(claimed->Field("Content-Length"), "3");
  EXPECT_EQ(claimed->body, "abc");
  const auto old = client.Ask("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
  EXPECT_FALSE(old->Field("Transfer-Encoding").has_value());
  EXPECT_EQ(old->Field("Connection"), "close");
  EXPECT_EQ(old->body.size(), 300006U);
}

TEST(Server, ABodyThatFailsNeverLooksWhole) {
  Guarded<std::vector<std::string>> failures;
  ServerOptions options;
  options.on_exchange = [&](const Exchange& exchange) {
    failures.Lock()->push_back(fmt::format("{} {} {} {}", exchange.target, exchange.status,
                                           exchange.complete, exchange.failure));
  };
  LiveServer live(Plain([](const Request& request) {
                    const std::string& target = request.url.target;
                    if (target == "/first") return Pieces({"!"});
                    if (target == "/short") return Pieces({"a"}, {{"Content-Length", "3"}});
                    if (target == "/long") return Pieces({"a", "bcd"}, {{"Content-Length", "3"}});
                    return Pieces({"some", "!"});
                  }),
                  options);
  {
    RawClient first(live.port());
    EXPECT_EQ(first.Ask("GET /first HTTP/1.1\r\nHost: a\r\n\r\n")->status, 500);
    EXPECT_TRUE(first.AwaitEnd());
  }
  for (const std::string_view target : {"/", "/short", "/long"}) {
    RawClient client(live.port());
    const auto answer = client.Ask(fmt::format("GET {} HTTP/1.1\r\nHost: a\r\n\r\n", target));
    EXPECT_TRUE(!answer || !answer->complete) << target;
    EXPECT_TRUE(client.AwaitEnd()) << target;
  }
  EXPECT_TRUE(live.AwaitNoConnection());
  const std::vector<std::string> expected = {
      "/first 500 true the disk is gone",
      "/ 200 false the disk is gone",
      "/short 200 false the body is shorter than its Content-Length",
      "/long 200 false the body is longer than its Content-Length",
  };
  EXPECT_EQ(*failures.Lock(), expected);
}

TEST(Server, SendsRangesOfFiles) {
  const TemporaryFolder folder;
  std::string content;
  for (int i = 0; content.size() < (3U << 20U); ++i) content += fmt::format("{} ", i);
  const std::string path = folder.Write("blob", content);
  const auto fd =
      std::shared_ptr<int>(new int(open(path.c_str(), O_RDONLY | O_CLOEXEC)), [](int* open_fd) {
        close(*open_fd);
        delete open_fd;
      });
  LiveServer live(Plain([&](const Request& request) {
    std::size_t offset = 0;
    std::size_t size = 0;
    EXPECT_EQ(sscanf(request.url.target.c_str(), "/%zu-%zu", &offset, &size), 2);
    Response response = TextResponse(206, "");
    response.body = NewFileBody({.fd = *fd, .offset = offset, .size = size, .owner = fd});
    return response;
  }));
  RawClient client(live.port());
  const std::vector<std::pair<std::size_t, std::size_t>> ranges = {
      {0, content.size()}, {1, 0}, {7, 11}, {100, 20000}, {4097, 2U << 20U}};
  for (const auto& [offset, size] : ranges) {
    const auto answer =
        client.Ask(fmt::format("GET /{}-{} HTTP/1.1\r\nHost: a\r\n\r\n", offset, size));
    ASSERT_TRUE(answer.has_value());
    EXPECT_TRUE(answer->body == content.substr(offset, size));
  }
  // A file that is shorter than it was cannot be finished.
  const auto cut =
      client.Ask(fmt::format("GET /0-{} HTTP/1.1\r\nHost: a\r\n\r\n", content.size() + 10));
  EXPECT_TRUE(!cut || !cut->complete);
}

TEST(Server, ReadsBodiesBothWays) {
  // Each piece goes back as it comes.
  LiveServer live([](Request request) -> async::Task<Response> {
    Response response = TextResponse(200, "");
    response.body = request.body();
    EXPECT_LE(response.body->size().value_or(0), 1'000'000U);
    co_return response;
  });
  std::string body;
  while (body.size() < 1'000'000) body += fmt::format("{} ", body.size());
  body.resize(1'000'000);
  RawClient small(live.port());
  EXPECT_EQ(small.Ask("PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello")->body,
            "hello");

  std::thread sender;
  RawClient length(live.port());
  sender = std::thread([&] {
    EXPECT_TRUE(length.Send("PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\n" + body));
  });
  EXPECT_TRUE(length.Read()->body == body);
  sender.join();

  RawClient chunked(live.port());
  sender = std::thread([&] {
    EXPECT_TRUE(chunked.Send("PUT / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"));
    for (std::size_t at = 0, size = 1; at < body.size(); at += size, size = size * 3 + 1) {
      const std::string piece = body.substr(at, size);
      EXPECT_TRUE(chunked.Send(fmt::format("{:x}\r\n{}\r\n", piece.size(), piece)));
    }
    EXPECT_TRUE(chunked.Send("0\r\n\r\n"));
  });
  EXPECT_TRUE(chunked.Read()->body == body);
  sender.join();
}

TEST(Server, SaysContinueOnceTheBodyIsRead) {
  LiveServer live([](Request request) -> async::Task<Response> {
    if (request.url.target == "/refuse") co_return TextResponse(401, "no");
    const std::unique_ptr<BodyReader> body = request.body();
    Result<std::string> text = co_await ReadAll(*body, 1000);
    co_return TextResponse(200, text ? *text : text.error().message);
  });
  RawClient client(live.port());
  const std::string head = "PUT / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\n";
  EXPECT_EQ(client.Ask(head + "Content-Length: 5\r\n\r\n")->status, 100);
  EXPECT_EQ(client.Ask("hello")->body, "hello");
  EXPECT_EQ(client.Ask(head + "Transfer-Encoding: chunked\r\n\r\n")->status, 100);
  EXPECT_EQ(client.Ask("5\r\nhello\r\n0\r\n\r\n")->body, "hello");
  // One that does not wait is not told.
  EXPECT_EQ(client.Ask(head + "Content-Length: 5\r\n\r\nhello")->body, "hello");
  // Refused before it was told to send: nobody knows whether the body comes.
  const auto refused = client.Ask(
      "PUT /refuse HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n");
  EXPECT_EQ(refused->status, 401);
  EXPECT_EQ(refused->Field("Connection"), "close");
}

TEST(Server, BodiesThatNobodyReads) {
  ServerOptions options;
  options.limits.discarded_body = 1000;
  LiveServer live(Plain([](const Request&) { return TextResponse(401, "no"); }), options);
  RawClient client(live.port());
  const std::string small(1000, 'x');
  const auto length =
      client.Ask("PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\n" + small);
  EXPECT_EQ(length->status, 401);
  EXPECT_FALSE(length->Field("Connection").has_value());
  const auto chunked = client.Ask(
      "PUT / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n");
  EXPECT_EQ(chunked->status, 401);
  EXPECT_FALSE(chunked->Field("Connection").has_value()) << "all of it had come";
  EXPECT_EQ(client.Ask(kGet)->status, 401) << "the next request is where it should be";

  // A large one is not waited for, and still its sender can read the answer.
  std::thread sender([&] {
    (void)client.Send("PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 50000000\r\n\r\n");
    const std::string piece(1U << 20U, 'x');
    for (int i = 0; i < 40 && client.Send(piece); ++i) {
    }
    client.EndSending();
  });
  sender.join();
  const auto large = client.Read();
  ASSERT_TRUE(large.has_value());
  EXPECT_EQ(large->status, 401);
  EXPECT_EQ(large->body, "no");
  EXPECT_EQ(large->Field("Connection"), "close");
  EXPECT_TRUE(client.AwaitEnd());
}

TEST(Server, ABodyThatEndsEarlyIsAnError) {
  Guarded<std::string> failure;
  LiveServer live([&](Request request) -> async::Task<Response> {
    const std::unique_ptr<BodyReader> body = request.body();
    const Result<std::string> text = co_await ReadAll(*body, 1000);
    if (!text) *failure.Lock() = std::string(InfoOf(text.error().code).wire);
    co_return TextResponse(200, "");
  });
  {
    RawClient client(live.port());
    (void)client.Send("PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhel");
  }
  for (int i = 0; i < 200 && failure.Lock()->empty(); ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
  EXPECT_EQ(*failure.Lock(), "CONNECT_FAILED");
}

TEST(Server, ReportsExchanges) {
  Guarded<std::vector<std::string>> lines;
  ServerOptions options;
  options.on_exchange = [&](const Exchange& e) {
    lines.Lock()->push_back(fmt::format("{} {} {} {} HTTP/{} {} in {} out {} {} {} {}",
                                        e.peer_address, e.principal, e.method, e.target, e.version,
                                        e.status, e.received, e.sent, e.user_agent, e.complete,
                                        e.request_headers->Get("X-A")));
  };
  LiveServer live(
      [](Request request) -> async::Task<Response> {
        if (request.body) {
          const std::unique_ptr<BodyReader> body = request.body();
          (void)co_await ReadAll(*body, 100);
        }
        Response response = TextResponse(200, "four");
        response.principal = "ann";
        co_return response;
      },
      options);
  RawClient client(live.port());
  (void)client.Ask(
      "PUT /x HTTP/1.1\r\nHost: a\r\nUser-Agent: t\r\nX-A: b\r\nContent-Length: 3\r\n\r\nabc");
  (void)client.Ask("HEAD /y HTTP/1.1\r\nHost: a\r\n\r\n");
  (void)client.Ask("GET /z HTTP/1.1\r\n\r\n");
  EXPECT_TRUE(client.AwaitEnd());
  client.EndSending();
  EXPECT_TRUE(live.AwaitNoConnection());
  const std::vector<std::string> expected = {
      "127.0.0.1 ann PUT /x HTTP/1.1 200 in 3 out 4 t true b",
      "127.0.0.1 ann HEAD /y HTTP/1.1 200 in 0 out 0  true ",
      "127.0.0.1    HTTP/1.1 400 in 0 out 70  true ",
  };
  EXPECT_EQ(*lines.Lock(), expected);
}

TEST(Server, DefectsOfAServiceAreAnswers) {
  LiveServer live([](Request request) -> async::Task<Response> {
    if (request.url.target == "/throw") throw std::runtime_error("a defect");
    co_return Response{};
  });
  RawClient client(live.port());
  EXPECT_EQ(client.Ask("GET /throw HTTP/1.1\r\nHost: a\r\n\r\n")->status, 500);
  EXPECT_EQ(client.Ask(kGet)->status, 500);
  EXPECT_EQ(live.log().warnings().size(), 2U);
}

TEST(Server, AClientThatGoesAwayCancelsItsRequest) {
  std::atomic<bool> begun = false;
  std::atomic<bool> cancelled = false;
  LiveServer live([&](Request) -> async::Task<Response> {
    begun = true;
    const Status slept = co_await async::Sleep(std::chrono::seconds(60));
    cancelled = !slept && slept.error().code == ErrorCode::kCancelled;
    co_return TextResponse(200, "");
  });
  {
    RawClient client(live.port());
    EXPECT_TRUE(client.Send(kGet));
    while (!begun) std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  EXPECT_TRUE(live.AwaitNoConnection());
  EXPECT_TRUE(cancelled);
}

// While the body rests nothing is written that would tell of it.
TEST(Server, AClientThatGoesAwayCancelsItsAnswer) {
  class Resting final : public BodyReader {
   public:
    explicit Resting(std::atomic<bool>& cancelled) : cancelled_(cancelled) {}
    async::Task<Result<std::string_view>> Next() override {
      if (!std::exchange(begun_, true)) co_return "a piece";
      const Status slept = co_await async::Sleep(std::chrono::seconds(60));
      cancelled_ = !slept && slept.error().code == ErrorCode::kCancelled;
      co_return Fail(ErrorCode::kCancelled, "nobody waits");
    }

   private:
    std::atomic<bool>& cancelled_;
    bool begun_ = false;
  };
  std::atomic<bool> cancelled = false;
  LiveServer live(Plain([&](const Request&) {
    Response response = TextResponse(200, "");
    response.body = std::make_unique<Resting>(cancelled);
    return response;
  }));
  {
    RawClient client(live.port());
    EXPECT_TRUE(client.Send(kGet));
    pollfd readable{.fd = client.fd(), .events = POLLIN, .revents = 0};
    EXPECT_EQ(poll(&readable, 1, 10'000), 1);
  }
  EXPECT_TRUE(live.AwaitNoConnection());
  EXPECT_TRUE(cancelled);
}

TEST(Server, ListensOnUnixSockets) {
  const TemporaryFolder folder;
  const std::string path = folder.path() + "/registry.sock";
  ServerOptions options;
  options.listen = {"unix:" + path};
  options.loops = 2;
  {
    LiveServer live(Plain([](const Request& request) {
                      return TextResponse(200, "<" + request.peer_address + ">");
                    }),
                    options);
    EXPECT_EQ(live.server().addresses(), std::vector<std::string>{"unix:" + path});
    for (int i = 0; i < 5; ++i) {
      RawClient client(path);
      EXPECT_EQ(client.Ask(kGet)->body, "<>");
      EXPECT_EQ(client.Ask("GET / HTTP/1.0\r\n\r\n")->body, "<>");
    }
    const auto second = StartServer(options, live, SystemClock(), live.log());
    ASSERT_FALSE(second.has_value());
    EXPECT_EQ(second.error().code, ErrorCode::kIo);
  }
  EXPECT_NE(access(path.c_str(), F_OK), 0) << "the socket file is removed";
  // What a crash left behind is taken over.
  const int stale = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  path.copy(address.sun_path, sizeof(address.sun_path) - 1);
  EXPECT_EQ(bind(stale, reinterpret_cast<sockaddr*>(&address), sizeof(address)), 0);
  close(stale);
  LiveServer live(Plain([](const Request&) { return TextResponse(200, "again"); }), options);
  RawClient client(path);
  EXPECT_EQ(client.Ask(kGet)->body, "again");
}

TEST(Server, TakesSocketsThatWereHandedOver) {
  const int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  ASSERT_EQ(bind(listener, reinterpret_cast<sockaddr*>(&address), sizeof(address)), 0);
  ASSERT_EQ(listen(listener, 16), 0);
  ServerOptions options;
  options.listen = {"ignored"};
  options.sockets = {listener};
  options.loops = 2;
  LiveServer live(Plain([](const Request&) { return TextResponse(200, "yes"); }), options);
  for (int i = 0; i < 5; ++i) {
    RawClient client(live.port());
    EXPECT_EQ(client.Ask(kGet)->body, "yes");
  }
  options.sockets = {open("/dev/null", O_RDONLY | O_CLOEXEC)};
  const auto wrong = StartServer(options, live, SystemClock(), live.log());
  ASSERT_FALSE(wrong.has_value());
  EXPECT_EQ(wrong.error().code, ErrorCode::kUsage);
}

TEST(Server, Addresses) {
  LiveServer live(Plain([](const Request&) { return TextResponse(200, "yes"); }),
                  {.listen = {"127.0.0.1:0", "localhost:0", "[::1]:0", ":0"}});
  const std::vector<std::string> addresses = live.server().addresses();
  ASSERT_EQ(addresses.size(), 4U);
  EXPECT_TRUE(addresses[0].starts_with("127.0.0.1:"));
  EXPECT_TRUE(addresses[1].starts_with("127.0.0.1:"));
  EXPECT_TRUE(addresses[2].starts_with("[::1]:"));
  for (const std::string& address : addresses) {
    if (address.starts_with("[::1]")) continue;
    const auto port = static_cast<std::uint16_t>(std::stoi(address.substr(address.rfind(':') + 1)));
    RawClient client(port);
    EXPECT_EQ(client.Ask(kGet)->body, "yes") << address;
  }
  for (const std::string& bad : {"", "5000", "127.0.0.1", "127.0.0.1:", "127.0.0.1:x",
                                 "127.0.0.1:70000", "example.com:80", "[::1:80", "unix:"}) {
    const auto server = StartServer({.listen = {bad}}, live, SystemClock(), live.log());
    ASSERT_FALSE(server.has_value()) << bad;
    EXPECT_EQ(server.error().code, ErrorCode::kUsage) << bad;
  }
  const auto taken = StartServer({.listen = {live.address()}}, live, SystemClock(), live.log());
  ASSERT_FALSE(taken.has_value()) << "a port that another server listens on";
  EXPECT_EQ(taken.error().code, ErrorCode::kIo);
  EXPECT_TRUE(taken.error().message.contains(live.address()));
  const auto unknown = StartServer({.listen = {"127.0.0.1:0"}, .tcp_congestion = "no-such"}, live,
                                   SystemClock(), live.log());
  ASSERT_FALSE(unknown.has_value());
  EXPECT_TRUE(unknown.error().message.contains("no-such"));
}

}  // namespace
}  // namespace portolan::http
