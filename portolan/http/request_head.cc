#include "portolan/http/request_head.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "portolan/base/text.h"

namespace portolan::http {
namespace {

constexpr std::size_t kMaxMethod = 32;
constexpr std::size_t kMaxLengthDigits = 19;  // below 2^64
constexpr std::string_view kVersionPrefix = "HTTP/";

constexpr Refusal kBareLineFeed{400, "a line of the request's head does not end with CR LF"};
constexpr Refusal kHeadTooLarge{431, "the request's head is larger than this server takes"};
constexpr Refusal kTargetTooLong{414, "the request's target is longer than this server takes"};
constexpr Refusal kBadRequestLine{400, "the request line is not METHOD TARGET HTTP/1.1"};

enum CharacterClass : std::uint8_t { kToken = 1, kTarget = 2 };

constexpr std::array<std::uint8_t, 256> MakeClasses() {
  std::array<std::uint8_t, 256> classes{};
  for (unsigned c = 0; c < classes.size(); ++c) {
    if (c > 0x20 && c < 0x7f && c != '#') classes[c] |= kTarget;
    if (IsHttpTokenChar(static_cast<char>(c))) classes[c] |= kToken;
  }
  return classes;
}
constexpr std::array<std::uint8_t, 256> kClasses = MakeClasses();

bool IsAll(std::string_view text, CharacterClass wanted) {
  return std::ranges::all_of(
      text, [wanted](char c) { return (kClasses[static_cast<std::uint8_t>(c)] & wanted) != 0; });
}

std::string_view TrimBlanks(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

// The next line without its end; `bytes` moves on.
std::optional<std::string_view> TakeLine(std::string_view& bytes) {
  const std::size_t end = bytes.find('\n');
  if (end == std::string_view::npos || end == 0 || bytes[end - 1] != '\r') return std::nullopt;
  const std::string_view line = bytes.substr(0, end - 1);
  bytes.remove_prefix(end + 1);
  return line;
}

std::optional<Refusal> ParseVersion(std::string_view text, RequestHead& head) {
  if (text == "HTTP/1.1") {
    head.minor_version = 1;
  } else if (text == "HTTP/1.0") {
    head.minor_version = 0;
  } else if (text.size() == 8 && text.starts_with(kVersionPrefix) && IsAsciiDigit(text[5]) &&
             text[6] == '.' && IsAsciiDigit(text[7])) {
    return Refusal{505, "this server speaks HTTP/1.1 and HTTP/1.0"};
  } else {
    return kBadRequestLine;
  }
  return std::nullopt;
}

// `http://host/path`: the authority is split off, the rest becomes the target.
std::optional<Refusal> SplitAbsoluteTarget(RequestHead& head) {
  const std::size_t scheme_end = head.target.find("://");
  const std::string_view scheme = head.target.substr(0, scheme_end);
  if (scheme_end == std::string_view::npos ||
      (!EqualsIgnoreCase(scheme, "http") && !EqualsIgnoreCase(scheme, "https"))) {
    return Refusal{400, "the request's target is neither a path nor an http URL"};
  }
  const std::string_view rest = head.target.substr(scheme_end + 3);
  const std::size_t end = std::min(rest.find_first_of("/?"), rest.size());
  head.authority = rest.substr(0, end);
  if (head.authority.empty()) return Refusal{400, "the request's target names no host"};
  head.target = end == rest.size() ? "/" : rest.substr(end);
  if (!head.target.starts_with('/')) {
    return Refusal{400, "the request's target has a query and no path"};
  }
  return std::nullopt;
}

std::optional<Refusal> ParseRequestLine(std::string_view line, const ServerLimits& limits,
                                        RequestHead& head) {
  const std::size_t method_end = line.find(' ');
  const std::size_t target_end = line.rfind(' ');
  if (method_end == std::string_view::npos || target_end == method_end) return kBadRequestLine;
  head.method = line.substr(0, method_end);
  head.target = line.substr(method_end + 1, target_end - method_end - 1);
  if (head.method.size() > kMaxMethod || !IsToken(head.method)) {
    return Refusal{400, "the request's method is not a token"};
  }
  if (head.target.size() > limits.target_size) return kTargetTooLong;
  if (head.target.empty() || !IsAll(head.target, kTarget)) {
    return Refusal{400, "the request's target has a character that must be percent-encoded"};
  }
  if (auto refusal = ParseVersion(line.substr(target_end + 1), head)) return refusal;
  if (head.target.starts_with('/')) return std::nullopt;
  if (head.target == "*" && head.method == "OPTIONS") return std::nullopt;
  return SplitAbsoluteTarget(head);
}

std::optional<Refusal> ParseField(std::string_view line, RequestHead& head) {
  if (line.front() == ' ' || line.front() == '\t') {
    return Refusal{400, "a header field is folded over two lines"};
  }
  const std::size_t colon = line.find(':');
  if (colon == std::string_view::npos) return Refusal{400, "a header line has no colon"};
  const std::string_view name = line.substr(0, colon);
  const std::string_view value = TrimBlanks(line.substr(colon + 1));
  if (!IsToken(name)) return Refusal{400, "a header field's name is not a token"};
  if (!IsFieldValue(value)) return Refusal{400, "a header field has a control character"};
  head.fields.push_back({name, value});
  return std::nullopt;
}

std::optional<Refusal> SetLength(std::string_view value, RequestHead& head) {
  if (head.content_length) return Refusal{400, "there are two Content-Length fields"};
  std::uint64_t length = 0;
  const char* const end = value.data() + value.size();
  const auto [stop, error] = std::from_chars(value.data(), end, length);
  if (value.empty() || value.size() > kMaxLengthDigits || !IsAsciiDigit(value.front()) ||
      error != std::errc() || stop != end) {
    return Refusal{400, "Content-Length is not a number"};
  }
  head.content_length = length;
  return std::nullopt;
}

std::optional<Refusal> SetCoding(std::string_view value, RequestHead& head) {
  if (head.chunked) return Refusal{400, "there are two Transfer-Encoding fields"};
  if (head.minor_version == 0) return Refusal{400, "HTTP/1.0 has no Transfer-Encoding"};
  if (!EqualsIgnoreCase(value, "chunked")) {
    // Several codings that end with chunked would be well-formed; nobody sends them.
    const bool well_formed = value.size() > 8 && value.contains(',') &&
                             EqualsIgnoreCase(value.substr(value.size() - 8), " chunked") &&
                             value.find("chunked") == value.size() - 7;
    return Refusal{well_formed ? 501 : 400, "the only Transfer-Encoding taken is chunked"};
  }
  head.chunked = true;
  return std::nullopt;
}

void SetConnection(std::string_view value, RequestHead& head, bool& asks_close) {
  while (!value.empty()) {
    const std::size_t end = std::min(value.find(','), value.size());
    const std::string_view option = TrimBlanks(value.substr(0, end));
    if (EqualsIgnoreCase(option, "close")) asks_close = true;
    if (EqualsIgnoreCase(option, "keep-alive")) head.keep_alive = true;
    value.remove_prefix(std::min(end + 1, value.size()));
  }
}

struct Seen {
  int hosts = 0;
  std::string_view host;
  bool asks_close = false;
  bool unknown_expectation = false;
};

std::optional<Refusal> Understand(const RequestHead::Field& field, RequestHead& head, Seen& seen) {
  // Six names by their length first: most fields are none of them.
  switch (field.name.size()) {
    case 4:
      if (EqualsIgnoreCase(field.name, "Host")) {
        ++seen.hosts;
        seen.host = field.value;
      }
      break;
    case 6:
      if (EqualsIgnoreCase(field.name, "Expect")) {
        if (!EqualsIgnoreCase(field.value, "100-continue")) seen.unknown_expectation = true;
        head.expects_continue = head.minor_version > 0;
      }
      break;
    case 10:
      if (EqualsIgnoreCase(field.name, "Connection")) {
        SetConnection(field.value, head, seen.asks_close);
      }
      break;
    case 14:
      if (EqualsIgnoreCase(field.name, "Content-Length")) return SetLength(field.value, head);
      break;
    case 17:
      if (EqualsIgnoreCase(field.name, "Transfer-Encoding")) return SetCoding(field.value, head);
      break;
    default:
      break;
  }
  return std::nullopt;
}

std::optional<Refusal> CheckWhole(const Seen& seen, RequestHead& head) {
  if (head.chunked && head.content_length) {
    return Refusal{400, "there are both Content-Length and Transfer-Encoding"};
  }
  if (seen.hosts > 1) return Refusal{400, "there are two Host fields"};
  if (seen.hosts == 0 && head.minor_version > 0) return Refusal{400, "there is no Host field"};
  if (seen.hosts == 1 && seen.host.empty()) return Refusal{400, "the Host field is empty"};
  if (head.authority.empty()) {
    head.authority = seen.host;
  } else if (seen.hosts == 1 && !EqualsIgnoreCase(head.authority, seen.host)) {
    return Refusal{400, "the request's target and its Host field name two hosts"};
  }
  if (seen.unknown_expectation) return Refusal{417, "the only expectation met is 100-continue"};
  if (seen.asks_close) head.keep_alive = false;
  return std::nullopt;
}

}  // namespace

bool IsToken(std::string_view text) { return !text.empty() && IsAll(text, kToken); }

bool IsFieldValue(std::string_view text) {
  // To the end in any case, without a table: so compilers take many characters at a time, and a
  // bearer token has thousands.
  std::uint8_t bad = 0;
  for (const char c : text) {
    const auto byte = static_cast<std::uint8_t>(c);
    const bool control = (byte < 0x20 && byte != '\t') || byte == 0x7f;
    bad |= static_cast<std::uint8_t>(control);
  }
  return bad == 0;
}

std::expected<std::optional<std::size_t>, Refusal> HeadScanner::Scan(std::string_view bytes,
                                                                     const ServerLimits& limits) {
  while (seen_ < bytes.size()) {
    // One empty line before a head is ignored (RFC 9112 §2.2), which the parser does as well.
    const bool first = seen_ == 0;
    if (first && bytes[0] != '\r' && !IsToken(bytes.substr(0, 1))) {
      return std::unexpected(kBadRequestLine);
    }
    const std::size_t end = bytes.find('\n', seen_);
    if (end == std::string_view::npos) break;
    if (end == line_begin_ || bytes[end - 1] != '\r') return std::unexpected(kBareLineFeed);
    const bool empty = end == line_begin_ + 1;
    seen_ = line_begin_ = end + 1;
    if (!empty) ++lines_;
    if (empty && lines_ == 0 && end > 1) return std::unexpected(kBadRequestLine);
    if (line_begin_ > limits.head_size) return std::unexpected(kHeadTooLarge);
    if (empty && lines_ > 0) return line_begin_;
  }
  seen_ = bytes.size();
  if (lines_ == 0 &&
      bytes.size() > std::min(limits.target_size + kMaxMethod + 16, limits.head_size)) {
    return std::unexpected(kTargetTooLong);
  }
  if (bytes.size() > limits.head_size) return std::unexpected(kHeadTooLarge);
  return std::nullopt;
}

std::optional<Refusal> ParseRequestHead(std::string_view bytes, const ServerLimits& limits,
                                        RequestHead& head) {
  head.authority = {};
  head.fields.clear();
  head.content_length.reset();
  head.chunked = head.expects_continue = false;
  if (bytes.starts_with("\r\n")) bytes.remove_prefix(2);
  const auto request_line = TakeLine(bytes);
  if (!request_line) return kBareLineFeed;
  if (auto refusal = ParseRequestLine(*request_line, limits, head)) return refusal;
  head.keep_alive = head.minor_version > 0;

  Seen seen;
  for (;;) {
    const auto line = TakeLine(bytes);
    if (!line) return kBareLineFeed;
    if (line->empty()) break;
    if (head.fields.size() >= static_cast<std::size_t>(limits.fields)) {
      return Refusal{431, "the request has more header fields than this server takes"};
    }
    if (auto refusal = ParseField(*line, head)) return refusal;
    if (auto refusal = Understand(head.fields.back(), head, seen)) return refusal;
  }
  if (!bytes.empty()) return kBadRequestLine;
  return CheckWhole(seen, head);
}

}  // namespace portolan::http
