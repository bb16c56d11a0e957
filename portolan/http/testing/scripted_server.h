// A server on the loopback that says, byte for byte, what a test wants it to say.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "portolan/base/url.h"
#include "portolan/http/testing/certificate.h"

namespace portolan::http {

/// Listens on 127.0.0.1 with threads of its own, one for each connection. The destructor closes all
/// connections.
class ScriptedServer {
 public:
  struct Seen {
    std::string head;  ///< from the request line to the empty line, raw
    std::string body;  ///< without chunked framing
    int connection = 0;

    std::string request_line() const { return head.substr(0, head.find("\r\n")); }
    /// The field's value; nothing if there is none of this name (compared without case).
    std::optional<std::string> Field(std::string_view name) const;
  };

  struct Answer {
    std::vector<std::string> pieces;     ///< raw bytes, each sent by its own call
    std::chrono::milliseconds delay{0};  ///< before every piece but the first
    bool close =
        false;  ///< the connection, after the last piece; else it stays open for the next request
    bool hang =
        false;  ///< after the last piece nothing more is read or sent, until the client goes
    bool skip_body = false;  ///< answer without reading the request's body
  };

  struct Options {
    std::optional<TestIdentity> tls;
    std::string client_authority;  ///< PEM; if not empty, clients must show a certificate of it
    std::string greeting;  ///< sent as soon as the first bytes of a connection are here, which is
                           ///< then closed
  };

  using Script = std::function<Answer(const Seen&)>;

  /// `script` is called for each request, from the connection's thread, one call at a time.
  explicit ScriptedServer(Script script);
  ScriptedServer(Script script, Options options);
  /// Answers request after request with the next answer, and every one after that with the last.
  explicit ScriptedServer(std::vector<Answer> answers);
  ScriptedServer(const ScriptedServer&) = delete;
  ScriptedServer& operator=(const ScriptedServer&) = delete;
  ~ScriptedServer();

  std::uint16_t port() const;
  /// By address: `http://127.0.0.1:PORT` + target, https if it has TLS.
  Url At(std::string_view target) const;
  /// The same by name.
  Url AtLocalhost(std::string_view target) const;

  std::vector<Seen> seen() const;
  int connections() const;
  /// Bytes of answers that the kernel has taken so far.
  std::size_t sent() const;
  /// Waits until the client has closed all connections; false after 5 s.
  bool AwaitNoConnection() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// An answer in one piece with a Content-Length. `headers` are lines with their ends.
ScriptedServer::Answer PlainAnswer(int status, std::string_view body,
                                   std::string_view headers = {});

}  // namespace portolan::http
