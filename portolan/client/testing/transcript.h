// A recorded exchange with a registry as a text file (tests/transcripts/README.md).
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "portolan/base/result.h"
#include "portolan/http/headers.h"

namespace portolan::client {

/// One file: what is done, what must go over the wire, byte for byte, and what must come of it.
struct Transcript {
  struct Exchange {
    std::string method;
    std::string url;
    http::Headers request_headers;
    std::string version;  ///< "1.1" or "2"
    int status = 0;
    http::Headers response_headers;
    std::string body;
  };
  using Fields = std::multimap<std::string, std::string, std::less<>>;

  Fields task;
  std::vector<Exchange> exchanges;
  Fields outcome;

  /// kProtocol, naming the part, if the text has another form, or if a body is not as long as its
  /// Content-Length says.
  static Result<Transcript> Parse(std::string_view text);

  /// The first value of a field, or an empty text.
  static std::string Get(const Fields& fields, std::string_view name);
};

}  // namespace portolan::client
