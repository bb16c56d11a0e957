// A client that says, byte for byte, what a test wants it to say.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace portolan::http {

/// One connection to a server, blocking, with a patience of ten seconds for each read.
class RawClient {
 public:
  struct Answer {
    int status = 0;
    std::string head;       ///< from the status line to the empty line, raw
    std::string body;       ///< without chunk framing
    bool complete = false;  ///< the body has the end that its head promised

    /// The field's value; nothing if there is none of this name (compared without case).
    std::optional<std::string> Field(std::string_view name) const;
  };

  /// To 127.0.0.1, by TLS without verification if `tls`. A failed connection is a test's failure.
  explicit RawClient(std::uint16_t port, bool tls = false);
  /// To a unix socket.
  explicit RawClient(const std::string& path);
  RawClient(const RawClient&) = delete;
  RawClient& operator=(const RawClient&) = delete;
  ~RawClient();

  /// Sends all; false if the server does not take it any more.
  bool Send(std::string_view bytes);
  /// Sends in pieces of `size` bytes, each in a packet of its own.
  bool SendInPieces(std::string_view bytes, std::size_t size);
  /// Tells the server that nothing more comes.
  void EndSending();
  /// The next answer; nothing if the connection ended or the patience did. `to_head`: it has no
  /// body. An interim answer (1xx) is an answer.
  std::optional<Answer> Read(bool to_head = false);
  /// Sends a request and reads its answer.
  std::optional<Answer> Ask(std::string_view bytes);
  /// Whether the server has closed, and nothing more came, within the patience.
  bool AwaitEnd();
  /// Whether the certificate that the server showed is for this name.
  bool certificate_is_for(const std::string& name) const;
  int fd() const;

 private:
  struct State;
  bool Fill();
  std::unique_ptr<State> state_;
};

}  // namespace portolan::http
