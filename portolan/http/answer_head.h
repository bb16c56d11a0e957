// The head of an answer as bytes.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "portolan/base/clock.h"
#include "portolan/base/log.h"
#include "portolan/http/message.h"

namespace portolan::http {

/// How an answer's body ends, for its reader.
enum class Framing : std::uint8_t {
  kNone,     ///< there is no body, and nothing is said about one (204, 304)
  kLength,   ///< Content-Length
  kChunked,  ///< chunks with an end mark
  kClose,    ///< the end of the connection (HTTP/1.0)
};

/// What the server adds to a service's fields.
struct AnswerFraming {
  Framing framing = Framing::kLength;
  std::uint64_t length = 0;  ///< for kLength
  bool close = false;        ///< says `Connection: close`
  bool keep_alive = false;   ///< says `Connection: keep-alive` (to HTTP/1.0)
};

/// The date as HTTP writes it, formatted once a second. For one thread.
class HttpDate {
 public:
  /// `Tue, 28 Mar 2023 05:38:54 GMT`, valid until the next call.
  std::string_view At(Clock::WallTime now);

 private:
  std::int64_t second_ = -1;
  std::string text_;
};

/// `Not Found`; `Status` for a status without a name.
std::string_view ReasonPhrase(int status);

/// Appends status line, fields and empty line to `out`. Fields of the service about the connection
/// and the body's framing (Connection, Keep-Alive, Transfer-Encoding, Upgrade, Trailer,
/// Content-Length) are replaced by `framing`, and a field with a name or value that would break the
/// head is left out, which `log` is told. `date` is added if the service gave none. A field
/// Content-Length or Date without a value says where, and in which spelling, it is to stand.
void AppendAnswerHead(int status, const Headers& headers, const AnswerFraming& framing,
                      std::string_view date, Log& log, std::string& out);

/// The length that a service claims with a Content-Length field; nothing where there is none, or
/// more than one, or one that is not a number.
std::optional<std::uint64_t> ClaimedLength(const Headers& headers);

/// `{"errors":[{"code":"…","message":"…"}]}`. Spec: "Error Codes". Both texts are ours: they have
/// nothing that JSON escapes.
std::string ErrorDocument(int status, std::string_view message);

}  // namespace portolan::http
