// A Request as options of a curl easy handle.
#pragma once

#include <string>

#include "portolan/base/limits.h"
#include "portolan/base/result.h"
#include "portolan/http/message.h"
#include "portolan/http/proxy.h"
#include "portolan/http/tls_authorities.h"

namespace portolan::http {

/// How a request reaches its host.
struct Route {
  ProxyChoice proxy;
  TlsAuthorities authorities;
  std::string authorities_pem;  ///< if not empty, in place of `authorities.file`
};

/// A list of header lines as curl wants it, which must live as long as the transfer.
class HeaderLines {
 public:
  HeaderLines() = default;
  HeaderLines(const HeaderLines&) = delete;
  HeaderLines& operator=(const HeaderLines&) = delete;
  ~HeaderLines();

  void Add(const std::string& line);
  void* list() const { return list_; }

 private:
  void* list_ = nullptr;
};

/// kProtocol if the method, the target or a header field has characters that would change the
/// request's meaning.
Status CheckRequest(const Request& request);

/// Everything but callbacks. Content-Length, Transfer-Encoding and Expect of the request's headers
/// are left out: they follow from its body. kInternal if libcurl does not know an option.
Status SetOptions(void* easy, const Request& request, const Route& route, const Limits& limits,
                  HeaderLines& lines);

}  // namespace portolan::http
