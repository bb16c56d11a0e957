// What libcurl reports, in our words.
#pragma once

#include <chrono>
#include <string>

#include "portolan/base/error.h"
#include "portolan/base/url.h"

namespace portolan::http {

/// All that is known of a transfer that failed.
struct CurlFailure {
  int code = 0;            ///< CURLcode
  std::string detail;      ///< curl's error buffer
  Origin origin;           ///< the target
  std::string proxy;       ///< host and port; empty: none
  bool connected = false;  ///< the request was begun
  int system_error = 0;    ///< errno of the failed connect, or 0
  long verify_result = 0;  ///< X509_V_ERR_… of the server's certificate, or 0
  long proxy_status = 0;   ///< the proxy's answer to CONNECT, or 0
  std::chrono::milliseconds connect_timeout{0};
};

/// A code of client.h, a message that names the host, and a hint where there is something to do.
Error ExplainCurlFailure(const CurlFailure& failure);

}  // namespace portolan::http
