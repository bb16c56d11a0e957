#include <filesystem>
#include <string>
#include <string_view>
#include <thread>

#include <gtest/gtest.h>

#include "portolan/http/testing/certificate.h"
#include "portolan/http/testing/fake_service.h"
#include "portolan/http/testing/live_server.h"
#include "portolan/http/testing/network.h"
#include "portolan/http/testing/raw_client.h"

namespace portolan::http {
namespace {

constexpr std::string_view kGet = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";

async::Task<Response> Echo(Request request) {
  Response response = TextResponse(200, request.url.origin.ToString());
  if (request.body) response.body = request.body();
  co_return response;
}

// Certificate and key in files, and a server that uses them.
struct Secured {
  TestAuthority authority;
  TemporaryFolder folder;
  ServerOptions options;

  Secured() {
    Write(authority.Issue("IP:127.0.0.1"));
    options.tls = {.certificate = folder.path() + "/cert.pem", .key = folder.path() + "/key.pem"};
  }
  void Write(const TestIdentity& identity) const {
    (void)folder.Write("cert.pem", identity.certificate);
    (void)folder.Write("key.pem", identity.key);
  }
};

TEST(ServerTls, ServesOurOwnClient) {
  Secured secured;
  LiveServer live(Echo, secured.options);
  TestNetwork network;
  auto settings = std::make_shared<TlsSettings>();
  settings->ca_files = {secured.folder.Write("ca.pem", secured.authority.certificate())};
  Request request;
  request.url = live.At("/", "https");
  request.tls = settings;
  auto got = network.Fetch(request);
  ASSERT_TRUE(got.has_value()) << got.error().message;
  EXPECT_EQ(got->body, "https://" + live.address());

  std::string body;
  while (body.size() < 3'000'000) body += std::to_string(body.size());
  request.method = "PUT";
  request.body = [&] { return NewTextBody(body); };
  for (const bool known : {true, false}) {
    request.content_length.reset();
    if (known) request.content_length = body.size();
    got = network.Fetch(request);
    ASSERT_TRUE(got.has_value()) << got.error().message;
    EXPECT_TRUE(got->body == body) << known;
  }
}

TEST(ServerTls, RawConnections) {
  Secured secured;
  LiveServer live(Echo, secured.options);
  RawClient client(live.port(), true);
  for (int i = 0; i < 3; ++i) EXPECT_EQ(client.Ask(kGet)->body, "https://a");
  EXPECT_TRUE(client.Send(std::string(kGet) + std::string(kGet)));
  EXPECT_EQ(client.Read()->body, "https://a") << "two requests in one record";
  EXPECT_EQ(client.Read()->body, "https://a");
  EXPECT_TRUE(client.SendInPieces(kGet, 1));
  EXPECT_EQ(client.Read()->body, "https://a");
  EXPECT_EQ(client.Ask("GET / HTTP/1.1\r\n\r\n")->status, 400);
  EXPECT_TRUE(client.AwaitEnd());
}

TEST(ServerTls, PlainHttpIsToldSo) {
  Secured secured;
  LiveServer live(Echo, secured.options);
  RawClient client(live.port());
  const auto answer = client.Ask(kGet);
  ASSERT_TRUE(answer.has_value());
  EXPECT_EQ(answer->status, 400);
  EXPECT_TRUE(answer->complete);
  EXPECT_TRUE(answer->body.contains("HTTPS"));
}

TEST(ServerTls, AHandshakeHasADeadline) {
  Secured secured;
  secured.options.limits.head_timeout = std::chrono::seconds(1);
  LiveServer live(Echo, secured.options);
  RawClient silent(live.port());
  RawClient slow(live.port());
  EXPECT_TRUE(slow.Send("\x16\x03\x01"));
  EXPECT_TRUE(silent.AwaitEnd());
  EXPECT_TRUE(slow.AwaitEnd());
}

TEST(ServerTls, Files) {
  Secured secured;
  for (const std::string_view range : {"GET /", "HEAD /"}) {
    const std::string path = secured.folder.Write("blob", std::string(500'000, 'y'));
    const auto file = std::shared_ptr<FILE>(fopen(path.c_str(), "re"), &fclose);
    LiveServer live(
        [&](Request) -> async::Task<Response> {
          Response response = TextResponse(200, "");
          response.body =
              NewFileBody({.fd = fileno(file.get()), .offset = 1, .size = 400'000, .owner = file});
          co_return response;
        },
        secured.options);
    RawClient client(live.port(), true);
    const auto answer = client.Ask(std::string(range) + " HTTP/1.1\r\nHost: a\r\n\r\n");
    ASSERT_TRUE(answer.has_value());
    EXPECT_EQ(answer->Field("Content-Length"), "400000");
    if (range == "GET /") {
      EXPECT_EQ(answer->body, std::string(400'000, 'y'));
    }
  }
}

TEST(ServerTls, ReadsItsCertificateAgain) {
  Secured secured;
  secured.Write(secured.authority.Issue("first.example"));
  LiveServer live(Echo, secured.options);
  const auto shows = [&](const std::string& name) {
    return RawClient(live.port(), true).certificate_is_for(name);
  };
  EXPECT_TRUE(shows("first.example"));

  // A broken pair changes nothing.
  (void)secured.folder.Write("key.pem", "no key");
  for (int i = 0; i < 200 && live.log().warnings().empty(); ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
  ASSERT_EQ(live.log().warnings().size(), 1U);
  EXPECT_TRUE(live.log().warnings().front().contains("key.pem"));
  EXPECT_TRUE(shows("first.example"));

  secured.Write(secured.authority.Issue("second.example"));
  for (int i = 0; i < 200 && !shows("second.example"); ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
  EXPECT_TRUE(shows("second.example"));
}

TEST(ServerTls, CertificatesThatCannotBeUsed) {
  Secured secured;
  LiveServer live(Echo);
  const auto start = [&] { return StartServer(secured.options, live, SystemClock(), live.log()); };
  secured.options.listen = {"127.0.0.1:0"};
  (void)secured.folder.Write("key.pem", secured.authority.Issue("other").key);
  auto server = start();
  ASSERT_FALSE(server.has_value());
  EXPECT_EQ(server.error().code, ErrorCode::kTlsFailed);
  EXPECT_TRUE(server.error().message.contains("key.pem"));
  std::filesystem::remove(secured.folder.path() + "/cert.pem");
  server = start();
  ASSERT_FALSE(server.has_value());
  EXPECT_TRUE(server.error().message.contains("cert.pem")) << server.error().message;
  EXPECT_TRUE(server.error().message.contains("No such file")) << server.error().message;
}

}  // namespace
}  // namespace portolan::http
