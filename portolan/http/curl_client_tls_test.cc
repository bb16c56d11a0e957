// TLS and proxies.
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "portolan/http/testing/network.h"
#include "portolan/http/testing/scripted_server.h"

namespace portolan::http {
namespace {

ScriptedServer::Script Hello() {
  return [](const ScriptedServer::Seen&) { return PlainAnswer(200, "hello"); };
}

class NetworkClientTls : public testing::Test {
 protected:
  Result<TestNetwork::Got> Get(const Url& url, const TlsSettings& tls) {
    Request request;
    request.url = url;
    request.tls = std::make_shared<const TlsSettings>(tls);
    return network_.Fetch(std::move(request));
  }
  void ExpectTlsFailure(const Result<TestNetwork::Got>& got, std::string_view text) {
    ASSERT_FALSE(got.has_value());
    EXPECT_EQ(got.error().code, ErrorCode::kTlsFailed) << got.error().message;
    EXPECT_TRUE(got.error().message.contains(text)) << got.error().message;
  }

  const TestAuthority authority_;
  const TemporaryFolder folder_;
  const std::string ca_file_ = folder_.Write("ca.crt", authority_.certificate());
  const TlsSettings trusting_{.verify = true, .ca_files = {ca_file_}, .client_pair = {}};
  TestNetwork network_;
};

TEST_F(NetworkClientTls, TrustsTheFilesGiven) {
  ScriptedServer server(
      Hello(), {.tls = authority_.Issue("localhost"), .client_authority = {}, .greeting = {}});
  const auto got = Get(server.AtLocalhost("/"), trusting_);
  ASSERT_TRUE(got.has_value()) << got.error().message;
  EXPECT_EQ(got->body, "hello");
  EXPECT_EQ(got->response.version, "1.1");
}

TEST_F(NetworkClientTls, TrustsAddressesInCertificates) {
  ScriptedServer server(
      Hello(), {.tls = authority_.Issue("IP:127.0.0.1"), .client_authority = {}, .greeting = {}});
  const auto got = Get(server.At("/"), trusting_);
  ASSERT_TRUE(got.has_value()) << got.error().message;
}

TEST_F(NetworkClientTls, RefusesWhatItDoesNotTrust) {
  ScriptedServer server(
      Hello(), {.tls = authority_.Issue("localhost"), .client_authority = {}, .greeting = {}});
  const Url url = server.AtLocalhost("/");
  const auto got = Get(url, TlsSettings{});
  ExpectTlsFailure(got, "signed by an authority that is not trusted here");
  EXPECT_TRUE(got.error().message.contains(url.origin.HostPort()));
  EXPECT_TRUE(got.error().hint.contains("/certs.d/" + url.origin.HostPort() + "/ca.crt"))
      << got.error().hint;
}

TEST_F(NetworkClientTls, AnAuthorityForOneRequestIsNotOneForAll) {
  ScriptedServer server(
      Hello(), {.tls = authority_.Issue("localhost"), .client_authority = {}, .greeting = {}});
  ASSERT_TRUE(Get(server.AtLocalhost("/"), trusting_).has_value());
  // Neither the connection, nor the session, nor the store of authorities may be shared.
  ExpectTlsFailure(Get(server.AtLocalhost("/"), TlsSettings{}), "not trusted");
  TlsSettings careless;
  careless.verify = false;
  ASSERT_TRUE(Get(server.AtLocalhost("/"), careless).has_value());
  ExpectTlsFailure(Get(server.AtLocalhost("/"), TlsSettings{}), "not trusted");
}

TEST_F(NetworkClientTls, UsesTheBundleOfTheEnvironmentAndMore) {
  const TestAuthority other;
  ScriptedServer first(
      Hello(), {.tls = authority_.Issue("localhost"), .client_authority = {}, .greeting = {}});
  ScriptedServer second(Hello(),
                        {.tls = other.Issue("localhost"), .client_authority = {}, .greeting = {}});
  const Environment environment{
      .variables = {{"SSL_CERT_FILE", folder_.Write("other.crt", other.certificate())}},
      .home = "/",
      .uid = 0};
  TestNetwork network(environment);
  EXPECT_TRUE(network.Get(second.AtLocalhost("/")).has_value());
  EXPECT_FALSE(network.Get(first.AtLocalhost("/")).has_value());
  for (const Url& url : {first.AtLocalhost("/"), second.AtLocalhost("/")}) {
    Request request;
    request.url = url;
    request.tls = std::make_shared<const TlsSettings>(trusting_);
    EXPECT_TRUE(network.Fetch(std::move(request)).has_value());
  }
  EXPECT_FALSE(network.Get(first.AtLocalhost("/")).has_value());
}

TEST_F(NetworkClientTls, RefusesAnotherName) {
  ScriptedServer server(
      Hello(), {.tls = authority_.Issue("other.example"), .client_authority = {}, .greeting = {}});
  ExpectTlsFailure(Get(server.AtLocalhost("/"), trusting_), "is for another name than localhost");
}

TEST_F(NetworkClientTls, RefusesAnExpiredCertificate) {
  ScriptedServer server(Hello(), {.tls = authority_.Issue("localhost", -std::chrono::seconds(60)),
                                  .client_authority = {},
                                  .greeting = {}});
  ExpectTlsFailure(Get(server.AtLocalhost("/"), trusting_), "has expired");
}

TEST_F(NetworkClientTls, RefusesASelfSignedCertificate) {
  ScriptedServer server(
      Hello(),
      {.tls = TestAuthority::SelfSigned("localhost"), .client_authority = {}, .greeting = {}});
  ExpectTlsFailure(Get(server.AtLocalhost("/"), trusting_), "is self-signed");
}

TEST_F(NetworkClientTls, TakesAnythingUnverified) {
  ScriptedServer server(
      Hello(),
      {.tls = TestAuthority::SelfSigned("other.example"), .client_authority = {}, .greeting = {}});
  TlsSettings careless;
  careless.verify = false;
  careless.ca_files = {"/nonexistent"};
  const auto got = Get(server.AtLocalhost("/"), careless);
  ASSERT_TRUE(got.has_value()) << got.error().message;
}

TEST_F(NetworkClientTls, SaysWhenAServerSpeaksPlainHttp) {
  // The handshake has no empty line, so that the server would wait for the end of the request: it
  // must answer at once.
  ScriptedServer server(
      Hello(), {.tls = {}, .client_authority = {}, .greeting = "HTTP/1.1 400 Bad Request\r\n\r\n"});
  Url url = server.AtLocalhost("/");
  url.origin.scheme = "https";
  const auto got = Get(url, TlsSettings{});
  ExpectTlsFailure(got, "speaks plain HTTP, not TLS");
  EXPECT_TRUE(got.error().hint.contains("--tls-verify=false"));
}

TEST_F(NetworkClientTls, ShowsAClientCertificate) {
  ScriptedServer server(Hello(), {.tls = authority_.Issue("localhost"),
                                  .client_authority = authority_.certificate(),
                                  .greeting = {}});
  const TestIdentity me = authority_.Issue("me");
  TlsSettings tls = trusting_;
  tls.client_pair =
      TlsSettings::ClientPair{.certificate = folder_.Write("client.cert", me.certificate),
                              .key = folder_.Write("client.key", me.key)};
  const auto got = Get(server.AtLocalhost("/"), tls);
  ASSERT_TRUE(got.has_value()) << got.error().message;
  const auto refused = Get(server.AtLocalhost("/"), trusting_);
  ASSERT_FALSE(refused.has_value());
}

TEST_F(NetworkClientTls, NamesBadFiles) {
  ScriptedServer server(
      Hello(), {.tls = authority_.Issue("localhost"), .client_authority = {}, .greeting = {}});
  const std::string garbage = folder_.Write("garbage", "no certificate");
  for (const std::string& path : {garbage, folder_.path() + "/none"}) {
    SCOPED_TRACE(path);
    TlsSettings tls = trusting_;
    tls.ca_files.push_back(path);
    ExpectTlsFailure(Get(server.AtLocalhost("/"), tls), path);
    tls = trusting_;
    tls.client_pair = TlsSettings::ClientPair{.certificate = path, .key = path};
    ExpectTlsFailure(Get(server.AtLocalhost("/"), tls), path);
  }
}

Environment WithProxy(const ScriptedServer& proxy) {
  const std::string url = "http://user:word@127.0.0.1:" + std::to_string(proxy.port());
  return {.variables = {{"ALL_PROXY", url}, {"NO_PROXY", "exempt.example"}}, .home = "/", .uid = 0};
}

TEST(NetworkClientProxy, SendsTheWholeUrlForHttp) {
  ScriptedServer proxy(Hello());
  TestNetwork network(WithProxy(proxy));
  Request request;
  request.url = Url{Origin{"http", "registry.example", 5000}, "/v2/"};
  request.address_policy = AddressPolicy::kPublicOnly;
  const auto got = network.Fetch(std::move(request));
  ASSERT_TRUE(got.has_value()) << got.error().message;
  EXPECT_EQ(got->response.peer_address, "");
  EXPECT_EQ(proxy.seen()[0].request_line(), "GET http://registry.example:5000/v2/ HTTP/1.1");
  EXPECT_EQ(proxy.seen()[0].Field("Proxy-Authorization"), "Basic dXNlcjp3b3Jk");
}

TEST(NetworkClientProxy, ConnectsForHttpsAndKeepsTheHeadersFromTheProxy) {
  ScriptedServer proxy(std::vector{PlainAnswer(403, "no")});
  TestNetwork network(WithProxy(proxy));
  Request request;
  request.url = Url{Origin{"https", "registry.example", 443}, "/v2/"};
  request.headers.Add("Authorization", "Bearer secret");
  const auto got = network.Fetch(std::move(request));
  ASSERT_FALSE(got.has_value());
  EXPECT_EQ(got.error().code, ErrorCode::kConnectFailed);
  EXPECT_EQ(got.error().message, "the proxy 127.0.0.1:" + std::to_string(proxy.port()) +
                                     " refused to connect to registry.example: status 403");
  EXPECT_EQ(proxy.seen()[0].request_line(), "CONNECT registry.example:443 HTTP/1.1");
  EXPECT_FALSE(proxy.seen()[0].Field("Authorization").has_value());
}

TEST(NetworkClientProxy, IsNotUsedForTheLoopback) {
  ScriptedServer proxy(Hello());
  ScriptedServer server(Hello());
  TestNetwork network(WithProxy(proxy));
  EXPECT_TRUE(network.Get(server.AtLocalhost("/")).has_value());
  EXPECT_EQ(proxy.connections(), 0);
}

TEST(NetworkClientProxy, ThatIsDownIsNamed) {
  const Environment environment{
      .variables = {{"ALL_PROXY", "http://user:word@127.0.0.1:1"}}, .home = "/", .uid = 0};
  TestNetwork network(environment);
  const auto got = network.Get(Url{Origin{"https", "registry.example", 443}, "/"});
  ASSERT_FALSE(got.has_value());
  EXPECT_EQ(got.error().code, ErrorCode::kConnectFailed);
  EXPECT_EQ(got.error().message, "cannot connect to the proxy 127.0.0.1:1: connection refused");
}

}  // namespace
}  // namespace portolan::http
