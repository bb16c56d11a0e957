// Exchanges with a registry as a text file (tests/transcripts/README.md).
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "portolan/base/result.h"
#include "portolan/http/headers.h"

namespace portolan::http {

/// One file: what is done, what must go over the wire, byte for byte, and what must come of it.
struct Transcript {
  struct Exchange {
    std::string method;
    std::string url;
    Headers request_headers;
    std::string request_body;
    std::string version;  ///< "1.1" or "2"
    int status = 0;
    Headers response_headers;
    std::string body;
    /// The same as the file has it, to be compared and written again: comments, the request with
    /// the empty line after it; and the answer from its status line on, without the file's last
    /// line end.
    std::string request_text;
    std::string response_text;
  };
  using Fields = std::multimap<std::string, std::string, std::less<>>;

  std::string task_text;  ///< as the file has it
  Fields task;
  std::vector<Exchange> exchanges;
  Fields outcome;

  /// kProtocol, naming the part, if the text has another form, or if an answer's body is not as
  /// long as its Content-Length says (unless it has none, being to a HEAD, or has placeholders).
  static Result<Transcript> Parse(std::string_view text);
  /// The file's text, of `task_text` and the exchanges' texts, for transcripts without an outcome.
  std::string ToText() const;

  /// The first value of a field, or an empty text.
  static std::string Get(const Fields& fields, std::string_view name);
  /// Names of the transcripts in the folder and those below it, sorted: `ghcr/token.http`.
  static std::vector<std::string> Find(const std::string& folder);
};

}  // namespace portolan::http
