#include "portolan/http/curl_error.h"

#include <cerrno>

#include <curl/curl.h>
#include <gtest/gtest.h>
#include <openssl/x509_vfy.h>

namespace portolan::http {
namespace {

struct Row {
  const char* name;
  CurlFailure failure;
  ErrorCode code;
  const char* message;
};

const Origin kOrigin{"https", "registry.example", 5000};

CurlFailure Failure(int code, std::string detail = {}) {
  CurlFailure failure;
  failure.code = code;
  failure.detail = std::move(detail);
  failure.origin = kOrigin;
  failure.connect_timeout = std::chrono::seconds(20);
  return failure;
}

CurlFailure ByProxy(CurlFailure failure, long status = 0) {
  failure.proxy = "proxy.example:3128";
  failure.proxy_status = status;
  return failure;
}

CurlFailure Refused(int system_error) {
  CurlFailure failure = Failure(CURLE_COULDNT_CONNECT, "Failed to connect");
  failure.system_error = system_error;
  return failure;
}

CurlFailure Connected(CurlFailure failure) {
  failure.connected = true;
  return failure;
}

CurlFailure Certificate(long verify_result, std::string detail = "SSL certificate problem") {
  CurlFailure failure = Failure(CURLE_PEER_FAILED_VERIFICATION, std::move(detail));
  failure.verify_result = verify_result;
  return failure;
}

TEST(CurlError, HasAPlainSentenceForEveryFailure) {
  const Row rows[] = {
      {"unknown host", Failure(CURLE_COULDNT_RESOLVE_HOST), ErrorCode::kHostUnknown,
       "the name registry.example does not resolve"},
      {"unknown proxy", ByProxy(Failure(CURLE_COULDNT_RESOLVE_PROXY)), ErrorCode::kHostUnknown,
       "the name of the proxy proxy.example:3128 does not resolve"},
      {"refused", Refused(ECONNREFUSED), ErrorCode::kConnectFailed,
       "cannot connect to registry.example:5000: connection refused"},
      {"unreachable", Refused(ENETUNREACH), ErrorCode::kConnectFailed,
       "cannot connect to registry.example:5000: network is unreachable"},
      {"no reason", Refused(0), ErrorCode::kConnectFailed,
       "cannot connect to registry.example:5000: Failed to connect"},
      {"proxy refused", ByProxy(Refused(ECONNREFUSED)), ErrorCode::kConnectFailed,
       "cannot connect to the proxy proxy.example:3128: connection refused"},
      {"proxy's answer", ByProxy(Failure(CURLE_RECV_ERROR, "CONNECT"), 407),
       ErrorCode::kConnectFailed,
       "the proxy proxy.example:3128 refused to connect to registry.example:5000: status 407"},
      {"slow name server", Failure(CURLE_OPERATION_TIMEDOUT, "Resolving timed out after"),
       ErrorCode::kTimeout, "the name registry.example did not resolve within 20 s"},
      {"slow connection", Failure(CURLE_OPERATION_TIMEDOUT, "Connection timed out"),
       ErrorCode::kTimeout, "cannot connect to registry.example:5000 within 20 s"},
      {"slow answer", Connected(Failure(CURLE_OPERATION_TIMEDOUT)), ErrorCode::kTimeout,
       "registry.example:5000 did not answer in time"},
      {"plain HTTP",
       Failure(CURLE_SSL_CONNECT_ERROR, "error:0A00010B:SSL routines::wrong version number"),
       ErrorCode::kTlsFailed, "registry.example:5000 speaks plain HTTP, not TLS"},
      {"client certificate", Failure(CURLE_SSL_CONNECT_ERROR, "sslv3 alert handshake failure"),
       ErrorCode::kTlsFailed,
       "registry.example:5000 refused the TLS handshake: sslv3 alert handshake failure"},
      {"old TLS", Failure(CURLE_SSL_CONNECT_ERROR, "unsupported protocol"), ErrorCode::kTlsFailed,
       "registry.example:5000 offers no TLS version from 1.2 up: unsupported protocol"},
      {"handshake cut", Failure(CURLE_SSL_CONNECT_ERROR, "OpenSSL SSL_connect: SSL_ERROR_SYSCALL"),
       ErrorCode::kTlsFailed,
       "registry.example:5000 closed the connection during the TLS handshake"},
      {"other handshake", Failure(CURLE_SSL_CONNECT_ERROR, "odd\x1b[2J"), ErrorCode::kTlsFailed,
       "TLS with registry.example:5000 failed: odd\\x1b[2J"},
      {"expired", Certificate(X509_V_ERR_CERT_HAS_EXPIRED), ErrorCode::kTlsFailed,
       "the certificate of registry.example:5000 has expired"},
      {"early", Certificate(X509_V_ERR_CERT_NOT_YET_VALID), ErrorCode::kTlsFailed,
       "the certificate of registry.example:5000 is not valid yet"},
      {"self-signed", Certificate(X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT), ErrorCode::kTlsFailed,
       "the certificate of registry.example:5000 is self-signed"},
      {"unknown authority", Certificate(X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY),
       ErrorCode::kTlsFailed,
       "the certificate of registry.example:5000 is signed by an authority that is not trusted "
       "here"},
      {"name",
       Certificate(X509_V_ERR_UNSPECIFIED,
                   "SSL: no alternative certificate subject name matches target host name"),
       ErrorCode::kTlsFailed,
       "the certificate of registry.example:5000 is for another name than registry.example"},
      {"revoked", Certificate(X509_V_ERR_CERT_REVOKED), ErrorCode::kTlsFailed,
       "the certificate of registry.example:5000 is not accepted: certificate revoked"},
      {"bad file", Failure(CURLE_SSL_CERTPROBLEM, "could not load /x"), ErrorCode::kTlsFailed,
       "TLS with registry.example:5000 cannot be set up: could not load /x"},
      {"nothing", Connected(Failure(CURLE_GOT_NOTHING)), ErrorCode::kConnectFailed,
       "registry.example:5000 closed the connection without an answer"},
      {"cut", Connected(Failure(CURLE_PARTIAL_FILE)), ErrorCode::kConnectFailed,
       "registry.example:5000 closed the connection before the end of its answer"},
      {"reset", Connected(ByProxy(Failure(CURLE_RECV_ERROR, "Connection reset by peer"), 200)),
       ErrorCode::kConnectFailed,
       "registry.example:5000 (by the proxy proxy.example:3128) broke the connection: Connection "
       "reset by peer"},
      {"chunks", Connected(Failure(CURLE_RECV_ERROR, "Illegal hex in chunked-encoding")),
       ErrorCode::kProtocol, "registry.example:5000 sent a broken chunked body"},
      {"HTTP/2", Connected(Failure(CURLE_HTTP2_STREAM, "stream 1 was reset")),
       ErrorCode::kConnectFailed, "registry.example:5000 broke the connection: stream 1 was reset"},
      {"no HTTP",
       Connected(Failure(CURLE_UNSUPPORTED_PROTOCOL, "Received HTTP/0.9 when not allowed")),
       ErrorCode::kProtocol, "registry.example:5000 did not answer in HTTP"},
      {"odd", Connected(Failure(CURLE_WEIRD_SERVER_REPLY, "Invalid status line")),
       ErrorCode::kProtocol, "registry.example:5000 broke the protocol: Invalid status line"},
      {"unforeseen", Failure(CURLE_BAD_FUNCTION_ARGUMENT), ErrorCode::kInternal,
       "the request to registry.example:5000 failed: A libcurl function was given a bad argument"},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.name);
    const Error error = ExplainCurlFailure(row.failure);
    EXPECT_EQ(error.code, row.code);
    EXPECT_EQ(error.message, row.message);
  }
}

TEST(CurlError, HintsAtTheFolderForAuthorities) {
  const Error error = ExplainCurlFailure(Certificate(X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN));
  EXPECT_TRUE(error.hint.contains("/etc/containers/certs.d/registry.example:5000/ca.crt"))
      << error.hint;
  EXPECT_TRUE(error.hint.contains("--tls-verify=false")) << error.hint;
}

}  // namespace
}  // namespace portolan::http
