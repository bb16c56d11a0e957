// An HTTP/2 server on the loopback (nghttp2, after TLS): for what only streams over one connection
// show.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "portolan/base/url.h"
#include "portolan/http/headers.h"
#include "portolan/http/testing/certificate.h"

namespace portolan::http {

/// Listens on 127.0.0.1 with a thread for each connection, and speaks nothing but HTTP/2. The
/// destructor closes all connections.
class Http2Server {
 public:
  struct Seen {
    std::string method;
    std::string target;
    Headers headers;  ///< without the pseudo fields
    std::string body;
    int connection = 0;
  };

  struct Answer {
    int status = 200;
    Headers headers;
    std::string body;
    bool reset = false;  ///< the stream ends with RST_STREAM in place of the last byte of the body
    bool go_away = false;  ///< the connection takes no more streams after this one
  };

  using Script = std::function<Answer(const Seen&)>;

  /// `script` is called for each request, when all of it is here, from the connection's thread, one
  /// call at a time. A connection's answers are held back until it has `together` requests.
  Http2Server(Script script, const TestIdentity& identity, std::size_t together = 1);
  Http2Server(const Http2Server&) = delete;
  Http2Server& operator=(const Http2Server&) = delete;
  ~Http2Server();

  /// `https://localhost:PORT` + target.
  Url AtLocalhost(std::string_view target) const;

  std::vector<Seen> seen() const;
  int connections() const;
  /// Bytes of bodies that were sent, as far as the client's windows allowed.
  std::size_t sent() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace portolan::http
