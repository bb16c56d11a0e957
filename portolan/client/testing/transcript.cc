#include "portolan/client/testing/transcript.h"

#include <charconv>
#include <optional>

#include <fmt/format.h>

#include "portolan/base/text.h"

namespace portolan::client {
namespace {

constexpr std::string_view kSeparator = "=====\n";

Error Malformed(std::size_t part, std::string_view what) {
  return Fail(ErrorCode::kProtocol, fmt::format("part {}: {}", part, what));
}

// The text up to the next line end, which is taken away with it.
std::string_view TakeLine(std::string_view& text) {
  const std::size_t end = text.find('\n');
  const std::string_view line = text.substr(0, end);
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  return line;
}

std::vector<std::string_view> SplitParts(std::string_view text) {
  std::vector<std::string_view> parts;
  std::size_t begin = 0;
  for (std::size_t at = 0; at < text.size();) {
    if (text.substr(at).starts_with(kSeparator)) {
      parts.push_back(text.substr(begin, at - begin));
      begin = at + kSeparator.size();
    }
    const std::size_t end = text.find('\n', at);
    at = end == std::string_view::npos ? text.size() : end + 1;
  }
  parts.push_back(text.substr(begin));
  return parts;
}

std::optional<http::Headers::Field> ParseField(std::string_view line) {
  const std::size_t colon = line.find(": ");
  if (colon == std::string_view::npos) return std::nullopt;
  return http::Headers::Field{std::string(line.substr(0, colon)),
                              std::string(line.substr(colon + 2))};
}

Result<Transcript::Fields> ParseFields(std::string_view text, std::size_t part) {
  Transcript::Fields fields;
  while (!text.empty()) {
    const std::string_view line = TakeLine(text);
    if (line.empty() || line.starts_with('#')) continue;
    const auto field = ParseField(line);
    if (!field) return Malformed(part, line);
    fields.emplace(field->name, field->value);
  }
  return fields;
}

// Header lines up to the empty line.
Result<http::Headers> TakeHeaders(std::string_view& text, std::size_t part) {
  http::Headers headers;
  for (;;) {
    if (text.empty()) return Malformed(part, "no empty line after the headers");
    const std::string_view line = TakeLine(text);
    if (line.empty()) return headers;
    const auto field = ParseField(line);
    if (!field) return Malformed(part, line);
    headers.Add(field->name, field->value);
  }
}

Status ParseStatusLine(std::string_view line, Transcript::Exchange& exchange, std::size_t part) {
  if (!line.starts_with("HTTP/")) return Malformed(part, "no status line");
  line.remove_prefix(5);
  const std::size_t space = line.find(' ');
  exchange.version = line.substr(0, space);
  const std::string_view code = space == std::string_view::npos ? "" : line.substr(space + 1, 3);
  const auto [end, error] =
      std::from_chars(code.data(), code.data() + code.size(), exchange.status);
  if (error != std::errc() || code.size() != 3) return Malformed(part, "no status");
  return {};
}

// The last line end is the file's, not the body's; Content-Length settles it.
Result<std::string> ParseBody(std::string_view text, const http::Headers& headers,
                              std::size_t part) {
  if (text.ends_with('\n')) text.remove_suffix(1);
  const std::string_view length = headers.Get("content-length");
  if (!length.empty() && length != std::to_string(text.size())) {
    return Malformed(part, fmt::format("the body has {} bytes, not {}", text.size(), length));
  }
  return std::string(text);
}

Result<Transcript::Exchange> ParseExchange(std::string_view text, std::size_t part) {
  Transcript::Exchange exchange;
  const std::string_view line = TakeLine(text);
  const std::size_t space = line.find(' ');
  if (space == std::string_view::npos) return Malformed(part, "no request line");
  exchange.method = line.substr(0, space);
  exchange.url = line.substr(space + 1);
  PORTOLAN_TRY(exchange.request_headers, TakeHeaders(text, part));
  PORTOLAN_CHECK(ParseStatusLine(TakeLine(text), exchange, part));
  PORTOLAN_TRY(exchange.response_headers, TakeHeaders(text, part));
  PORTOLAN_TRY(exchange.body, ParseBody(text, exchange.response_headers, part));
  return exchange;
}

}  // namespace

Result<Transcript> Transcript::Parse(std::string_view text) {
  const std::vector<std::string_view> parts = SplitParts(text);
  if (parts.size() < 3) return Malformed(0, "a task, an exchange and an outcome are needed");
  Transcript transcript;
  PORTOLAN_TRY(transcript.task, ParseFields(parts.front(), 0));
  for (std::size_t i = 1; i + 1 < parts.size(); ++i) {
    PORTOLAN_TRY(Exchange exchange, ParseExchange(parts[i], i));
    transcript.exchanges.push_back(std::move(exchange));
  }
  PORTOLAN_TRY(transcript.outcome, ParseFields(parts.back(), parts.size() - 1));
  return transcript;
}

std::string Transcript::Get(const Fields& fields, std::string_view name) {
  const auto it = fields.find(name);
  return it == fields.end() ? std::string() : it->second;
}

}  // namespace portolan::client
