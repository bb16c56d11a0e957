// The head of an answer, collected line by line.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "portolan/base/result.h"
#include "portolan/http/headers.h"

namespace portolan::http {

/// Takes the lines of the head as they come, interim heads (1xx) included, of which nothing is
/// kept. What comes after the final head (trailers) is ignored.
class ResponseHead {
 public:
  /// `max_size` in bytes, over all heads together.
  explicit ResponseHead(std::size_t max_size) : left_(max_size) {}

  /// A status line, a field or the empty line, with or without its line end. kTooLarge and
  /// kProtocol without a host name.
  Status AddLine(std::string_view line);

  bool complete() const { return complete_; }
  int status() const { return status_; }
  /// "1.0", "1.1" or "2".
  const std::string& version() const { return version_; }
  Headers& headers() { return headers_; }

 private:
  Status StartHead(std::string_view line);
  Status AddField(std::string_view line);
  Status CheckCodings() const;

  std::size_t left_;
  std::size_t lines_ = 0;
  bool complete_ = false;
  int status_ = 0;
  std::string version_;
  Headers headers_;
  std::optional<Headers::Field> open_;  // may be continued by the next line
};

}  // namespace portolan::http
