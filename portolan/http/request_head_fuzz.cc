// Requests as a server reads them: heads and, behind each, a chunked body or one with a length.
// What our parser takes must be clean, must come out the same however the bytes are cut, and
// Boost.Beast must see the same fields and the same framing in it: nobody behind us may read
// another request than we do.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/parser.hpp>

#include "portolan/base/text.h"
#include "portolan/http/chunk_decoder.h"
#include "portolan/http/request_head.h"

namespace {

namespace beast = boost::beast;
using portolan::http::ChunkDecoder;
using portolan::http::HeadScanner;
using portolan::http::ParseRequestHead;
using portolan::http::RequestHead;
using portolan::http::ServerLimits;

void Require(bool condition) {
  if (!condition) std::abort();
}

// The end of the head, found in pieces of `step` bytes; 0 if there is none, or it is refused.
std::size_t FindEnd(std::string_view bytes, std::size_t step) {
  HeadScanner scanner;
  for (std::size_t seen = std::min(step, bytes.size());;
       seen = std::min(seen + step, bytes.size())) {
    const auto size = scanner.Scan(bytes.substr(0, seen), {});
    if (!size) return 0;
    if (*size) return **size;
    if (seen == bytes.size()) return 0;
  }
}

void CheckClean(const RequestHead& head) {
  Require(portolan::http::IsToken(head.method));
  Require(!head.target.empty() && (head.target.front() == '/' || head.target == "*"));
  Require(std::ranges::all_of(head.target, [](char c) { return c > ' ' && c < '\x7f'; }));
  Require(!(head.chunked && head.content_length));
  Require(!head.chunked || head.minor_version == 1);
  Require(head.minor_version == 0 || !head.authority.empty());
  std::size_t hosts = 0;
  for (const RequestHead::Field& field : head.fields) {
    Require(portolan::http::IsToken(field.name));
    Require(portolan::http::IsFieldValue(field.value));
    if (portolan::EqualsIgnoreCase(field.name, "Host")) ++hosts;
  }
  Require(hosts <= 1);
}

// Another parser's view of what ours took.
void CompareWithBeast(std::string_view bytes, const RequestHead& head) {
  beast::http::request_parser<beast::http::empty_body> parser;
  parser.header_limit(1U << 20U);
  parser.body_limit(boost::none);
  parser.skip(false);
  beast::error_code error;
  if (bytes.starts_with("\r\n")) bytes.remove_prefix(2);
  (void)parser.put(boost::asio::buffer(bytes.data(), bytes.size()), error);
  // Some fields of ours it does not take: a bare Connection or Upgrade with an empty list is one.
  if (error || !parser.is_header_done()) return;
  const auto& other = parser.get();
  Require(std::string_view(other.method_string()) == head.method);
  Require(std::string_view(other.target()).ends_with(head.target) || head.target == "/");
  Require(other.version() == (head.minor_version == 1 ? 11 : 10));
  Require(parser.chunked() == head.chunked);
  const auto length = parser.content_length();
  Require(length.has_value() == head.content_length.has_value());
  if (length) Require(*length == *head.content_length);
  Require(static_cast<std::size_t>(std::distance(other.begin(), other.end())) ==
          head.fields.size());
  for (const RequestHead::Field& field : head.fields) {
    const auto range = other.equal_range(beast::string_view(field.name.data(), field.name.size()));
    Require(std::any_of(range.first, range.second, [&](const auto& theirs) {
      return portolan::TrimSpace(std::string_view(theirs.value())) ==
             portolan::TrimSpace(field.value);
    }));
  }
}

struct Body {
  std::string text;
  std::size_t used = 0;
  bool done = false;
  bool failed = false;
  friend bool operator==(const Body&, const Body&) = default;
};

Body Decode(std::string_view bytes, std::size_t step) {
  ChunkDecoder decoder;
  Body body;
  while (body.used < bytes.size() && !decoder.done() && !decoder.failed()) {
    std::string piece(bytes.substr(body.used, step));
    const ChunkDecoder::Step decoded = decoder.Decode(piece.data(), piece.size());
    Require(decoded.consumed <= piece.size());
    Require(decoded.data.empty() ||
            (decoded.data.data() >= piece.data() &&
             decoded.data.data() + decoded.data.size() <= piece.data() + piece.size()));
    Require(decoded.consumed == piece.size() || decoder.done() || decoder.failed());
    body.text += decoded.data;
    body.used += decoded.consumed;
  }
  body.done = decoder.done();
  body.failed = decoder.failed();
  return body;
}

// Gives the bytes that the body takes up, or all if it does not end well.
std::size_t CheckBody(std::string_view bytes, const RequestHead& head) {
  if (!head.chunked) {
    return static_cast<std::size_t>(
        std::min<std::uint64_t>(head.content_length.value_or(0), bytes.size()));
  }
  const Body whole = Decode(bytes, std::max<std::size_t>(bytes.size(), 1));
  const Body cut = Decode(bytes, 3);
  Require(whole.done == cut.done && whole.failed == cut.failed);
  if (!whole.failed) Require(whole == cut);
  return whole.done ? whole.used : bytes.size();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(data, data + size);
  std::string_view bytes = text;
  RequestHead head;
  for (int requests = 0; requests < 8 && !bytes.empty(); ++requests) {
    const std::size_t end = FindEnd(bytes, bytes.size());
    // (Of what is near a limit, more is refused early where it comes slowly.)
    if (bytes.size() <= 4096) Require(FindEnd(bytes, 1) == end);
    if (end == 0) break;
    const std::string_view raw = bytes.substr(0, end);
    if (ParseRequestHead(raw, ServerLimits(), head)) break;
    CheckClean(head);
    CompareWithBeast(raw, head);
    bytes.remove_prefix(end);
    bytes.remove_prefix(CheckBody(bytes, head));
  }
  return 0;
}
