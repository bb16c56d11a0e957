#include "portolan/http/curl_error.h"

#include <cerrno>
#include <initializer_list>
#include <string_view>
#include <system_error>

#include <curl/curl.h>
#include <fmt/format.h>
#include <openssl/x509_vfy.h>

#include "portolan/base/log.h"
#include "portolan/base/text.h"

namespace portolan::http {
namespace {

bool Mentions(const CurlFailure& failure, std::initializer_list<std::string_view> texts) {
  for (const std::string_view text : texts) {
    if (failure.detail.contains(text)) return true;
  }
  return false;
}

// curl's own words, for what has none of ours.
std::string Detail(const CurlFailure& failure) {
  return failure.detail.empty() ? curl_easy_strerror(static_cast<CURLcode>(failure.code))
                                : Printable(failure.detail);
}

std::string Peer(const CurlFailure& failure) {
  if (failure.proxy.empty()) return failure.origin.HostPort();
  return fmt::format("{} (by the proxy {})", failure.origin.HostPort(), failure.proxy);
}

std::string ProxyHint(const CurlFailure& failure) {
  return failure.proxy.empty()
             ? ""
             : "the proxy comes from the environment; NO_PROXY exempts hosts from it";
}

Error Explain(const CurlFailure& failure, ErrorCode code, std::string_view what,
              std::string hint = {}) {
  return Fail(code, fmt::format("{} {}", Peer(failure), what), std::move(hint));
}

Error ExplainConnect(const CurlFailure& failure) {
  std::string reason;
  if (failure.system_error == ECONNREFUSED) {
    reason = "connection refused";
  } else if (failure.system_error != 0) {
    reason = std::generic_category().message(failure.system_error);
    reason[0] = AsciiLower(reason[0]);
  } else {
    reason = Detail(failure);
  }
  const std::string_view target = failure.proxy.empty() ? "" : "the proxy ";
  return Fail(
      ErrorCode::kConnectFailed,
      fmt::format("cannot connect to {}{}: {}", target,
                  failure.proxy.empty() ? failure.origin.HostPort() : failure.proxy, reason),
      failure.proxy.empty() ? "check the name and the port, and that the registry is running there"
                            : ProxyHint(failure));
}

Error ExplainTimeout(const CurlFailure& failure) {
  const double seconds = std::chrono::duration<double>(failure.connect_timeout).count();
  if (failure.connected) return Explain(failure, ErrorCode::kTimeout, "did not answer in time");
  if (Mentions(failure, {"Resolving"})) {
    return Fail(
        ErrorCode::kTimeout,
        fmt::format("the name {} did not resolve within {} s", failure.origin.host, seconds),
        "check this machine's network and name servers");
  }
  return Fail(ErrorCode::kTimeout,
              fmt::format("cannot connect to {} within {} s", Peer(failure), seconds),
              ProxyHint(failure));
}

Error ExplainHandshake(const CurlFailure& failure) {
  if (Mentions(failure, {"wrong version number", "packet length too long", "http request"})) {
    return Explain(failure, ErrorCode::kTlsFailed, "speaks plain HTTP, not TLS",
                   "use --tls-verify=false to allow plain HTTP");
  }
  if (Mentions(failure, {"certificate required", "bad certificate", "handshake failure"})) {
    return Explain(failure, ErrorCode::kTlsFailed, "refused the TLS handshake: " + Detail(failure),
                   fmt::format("it may want a client certificate: client.cert and client.key in "
                               "/etc/containers/certs.d/{}/",
                               failure.origin.HostPort()));
  }
  if (Mentions(failure, {"unsupported protocol", "protocol version", "tlsv1 alert"})) {
    return Explain(failure, ErrorCode::kTlsFailed,
                   "offers no TLS version from 1.2 up: " + Detail(failure));
  }
  if (Mentions(failure, {"SSL_ERROR_SYSCALL", "unexpected eof", "reset by peer"})) {
    return Explain(failure, ErrorCode::kTlsFailed,
                   "closed the connection during the TLS handshake");
  }
  return Fail(ErrorCode::kTlsFailed,
              fmt::format("TLS with {} failed: {}", Peer(failure), Detail(failure)));
}

Error ExplainCertificate(const CurlFailure& failure) {
  const std::string trust = fmt::format(
      "if you trust it, put the certificate of its authority into "
      "/etc/containers/certs.d/{}/ca.crt, or use "
      "--tls-verify=false",
      failure.origin.HostPort());
  const auto explain = [&](std::string_view what, const std::string& hint) {
    return Fail(ErrorCode::kTlsFailed,
                fmt::format("the certificate of {} {}", failure.origin.HostPort(), what), hint);
  };
  if (Mentions(failure, {"subject name", "subjectAltName"})) {
    return explain("is for another name than " + failure.origin.host,
                   "use the name that the certificate is for, or --tls-verify=false");
  }
  switch (failure.verify_result) {
    case X509_V_ERR_CERT_HAS_EXPIRED:
      return explain("has expired", "tell its operator, or check this machine's clock");
    case X509_V_ERR_CERT_NOT_YET_VALID:
      return explain("is not valid yet", "check this machine's clock");
    case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
      return explain("is self-signed", trust);
    case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
      return explain("is signed by an authority that is not trusted here", trust);
    case X509_V_OK:
    case X509_V_ERR_UNSPECIFIED:  // what libcurl says as long as it has looked no further
      break;
    default:
      return explain(
          std::string("is not accepted: ") + X509_verify_cert_error_string(failure.verify_result),
          trust);
  }
  return explain("is not accepted: " + Detail(failure), trust);
}

// Failures once bytes were exchanged.
Error ExplainExchange(const CurlFailure& failure) {
  if (failure.proxy_status != 0 && !failure.connected) {
    return Fail(ErrorCode::kConnectFailed,
                fmt::format("the proxy {} refused to connect to {}: status {}", failure.proxy,
                            failure.origin.HostPort(), failure.proxy_status),
                failure.proxy_status == 407 ? "put user and password into the proxy's URL"
                                            : ProxyHint(failure));
  }
  if (Mentions(failure, {"chunk", "Chunk"})) {
    return Explain(failure, ErrorCode::kProtocol, "sent a broken chunked body");
  }
  switch (failure.code) {
    case CURLE_GOT_NOTHING:
      return Explain(failure, ErrorCode::kConnectFailed, "closed the connection without an answer");
    case CURLE_PARTIAL_FILE:
      return Explain(failure, ErrorCode::kConnectFailed,
                     "closed the connection before the end of its answer");
    default:
      return Explain(failure, ErrorCode::kConnectFailed,
                     "broke the connection: " + Detail(failure));
  }
}

Error ExplainProtocol(const CurlFailure& failure) {
  if (Mentions(failure, {"HTTP/0.9"})) {
    return Explain(failure, ErrorCode::kProtocol, "did not answer in HTTP",
                   failure.origin.scheme == "http" ? "it may speak TLS only" : "");
  }
  return Explain(failure, ErrorCode::kProtocol, "broke the protocol: " + Detail(failure));
}

}  // namespace

Error ExplainCurlFailure(const CurlFailure& failure) {
  switch (failure.code) {
    case CURLE_COULDNT_RESOLVE_HOST:
      return Fail(ErrorCode::kHostUnknown,
                  fmt::format("the name {} does not resolve", failure.origin.host),
                  "check the spelling of the registry's name, and this machine's network");
    case CURLE_COULDNT_RESOLVE_PROXY:
      return Fail(ErrorCode::kHostUnknown,
                  fmt::format("the name of the proxy {} does not resolve", failure.proxy),
                  ProxyHint(failure));
    case CURLE_COULDNT_CONNECT:
    case CURLE_PROXY:
      return ExplainConnect(failure);
    case CURLE_OPERATION_TIMEDOUT:
      return ExplainTimeout(failure);
    case CURLE_SSL_CONNECT_ERROR:
      return ExplainHandshake(failure);
    case CURLE_PEER_FAILED_VERIFICATION:
      return ExplainCertificate(failure);
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_CIPHER:
      return Fail(ErrorCode::kTlsFailed, fmt::format("TLS with {} cannot be set up: {}",
                                                     failure.origin.HostPort(), Detail(failure)));
    case CURLE_GOT_NOTHING:
    case CURLE_SEND_ERROR:
    case CURLE_RECV_ERROR:
    case CURLE_PARTIAL_FILE:
    case CURLE_SEND_FAIL_REWIND:
    case CURLE_HTTP2:
    case CURLE_HTTP2_STREAM:
      return ExplainExchange(failure);
    case CURLE_OUT_OF_MEMORY:  // which is what libcurl says in these cases
      return Explain(failure, ErrorCode::kProtocol,
                     "sent a header field of more than 100 KiB, or an unknown transfer coding");
    case CURLE_UNSUPPORTED_PROTOCOL:
    case CURLE_WEIRD_SERVER_REPLY:
    case CURLE_BAD_CONTENT_ENCODING:
      return ExplainProtocol(failure);
    default:
      return Fail(ErrorCode::kInternal,
                  fmt::format("the request to {} failed: {}", Peer(failure), Detail(failure)));
  }
}

}  // namespace portolan::http
