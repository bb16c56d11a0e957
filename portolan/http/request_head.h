// The head of a request, read strictly.
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <string_view>
#include <vector>

#include "portolan/http/server.h"

namespace portolan::http {

/// Why a request is not taken: the answer's status, and a sentence of ours that may be shown to
/// anybody.
struct Refusal {
  int status = 400;
  std::string_view message;  ///< a literal: lives as long as the program
  friend bool operator==(const Refusal&, const Refusal&) = default;
};

/// Finds the end of a head as its bytes come in, and refuses what no further byte can mend: a bare
/// LF, a first byte that begins no method, and heads over their limits.
class HeadScanner {
 public:
  /// `bytes` is everything received for this head so far; what earlier calls have seen is not
  /// looked at again. Gives the size of the head with its empty line, or nothing while it is not
  /// complete.
  std::expected<std::optional<std::size_t>, Refusal> Scan(std::string_view bytes,
                                                          const ServerLimits& limits);
  /// For the next head.
  void Reset() { *this = HeadScanner(); }

 private:
  std::size_t seen_ = 0;
  std::size_t line_begin_ = 0;
  int lines_ = 0;
};

/// A head taken apart. Every view points into the bytes that were parsed.
struct RequestHead {
  struct Field {
    std::string_view name;
    std::string_view value;  ///< without the space around it
    friend bool operator==(const Field&, const Field&) = default;
  };

  std::string_view method;
  std::string_view target;  ///< from its slash on; `*` of OPTIONS
  /// Of an absolute target, or else the Host field; empty in HTTP/1.0 without either. Its syntax is
  /// not checked here.
  std::string_view authority;
  int minor_version = 1;
  std::vector<Field> fields;
  std::optional<std::uint64_t> content_length;
  bool chunked = false;
  bool keep_alive = true;
  bool expects_continue = false;

  bool has_body() const { return chunked || content_length.value_or(0) > 0; }
};

/// Takes apart a whole head as HeadScanner delimits it; `head` is reused to spare allocations.
/// Everything that two parsers could understand in two ways is refused: folded lines, two or no
/// Host fields, any Transfer-Encoding but `chunked`, one beside Content-Length or in HTTP/1.0,
/// several lengths, bare CR, control characters, space around names, a target for another host than
/// Host says. Spec: RFC 9112 §2–§6.
std::optional<Refusal> ParseRequestHead(std::string_view bytes, const ServerLimits& limits,
                                        RequestHead& head);

/// Whether `text` is a token (RFC 9110 §5.6.2): a method or a field name.
bool IsToken(std::string_view text);
/// Whether `text` may be a field's value: no control character but the tab.
bool IsFieldValue(std::string_view text);

}  // namespace portolan::http
