#include "portolan/http/testing/transcript.h"

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <optional>

#include <fmt/format.h>

#include "portolan/base/text.h"

namespace portolan::http {
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

std::optional<Headers::Field> ParseField(std::string_view line) {
  const std::size_t colon = line.find(": ");
  if (colon == std::string_view::npos) return std::nullopt;
  return Headers::Field{std::string(line.substr(0, colon)), std::string(line.substr(colon + 2))};
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
Result<Headers> TakeHeaders(std::string_view& text, std::size_t part) {
  Headers headers;
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
Result<std::string> ParseBody(std::string_view text, const Transcript::Exchange& exchange,
                              std::size_t part) {
  if (text.ends_with('\n')) text.remove_suffix(1);
  const std::string_view length = exchange.response_headers.Get("content-length");
  const bool unknown = exchange.method == "HEAD" || text.contains("${");
  if (!unknown && !length.empty() && length != std::to_string(text.size())) {
    return Malformed(part, fmt::format("the body has {} bytes, not {}", text.size(), length));
  }
  return std::string(text);
}

// A request's body ends with the empty line before the answer.
Result<std::string> TakeRequestBody(std::string_view& text, std::size_t part) {
  constexpr std::string_view kEnd = "\n\nHTTP/";
  if (text.starts_with("HTTP/")) return std::string();
  const std::size_t end = text.find(kEnd);
  if (end == std::string_view::npos) return Malformed(part, "no status line");
  std::string body(text.substr(0, end));
  text.remove_prefix(end + 2);
  return body;
}

Result<Transcript::Exchange> ParseExchange(std::string_view text, std::size_t part) {
  Transcript::Exchange exchange;
  const std::string_view whole = text;
  std::string_view line = TakeLine(text);
  while (line.starts_with('#')) line = TakeLine(text);
  const std::size_t space = line.find(' ');
  if (space == std::string_view::npos) return Malformed(part, "no request line");
  exchange.method = line.substr(0, space);
  exchange.url = line.substr(space + 1);
  PORTOLAN_TRY(exchange.request_headers, TakeHeaders(text, part));
  PORTOLAN_TRY(exchange.request_body, TakeRequestBody(text, part));
  exchange.request_text = whole.substr(0, whole.size() - text.size());
  exchange.response_text = text.substr(0, text.size() - (text.ends_with('\n') ? 1 : 0));
  PORTOLAN_CHECK(ParseStatusLine(TakeLine(text), exchange, part));
  PORTOLAN_TRY(exchange.response_headers, TakeHeaders(text, part));
  PORTOLAN_TRY(exchange.body, ParseBody(text, exchange, part));
  return exchange;
}

}  // namespace

Result<Transcript> Transcript::Parse(std::string_view text) {
  const std::vector<std::string_view> parts = SplitParts(text);
  if (parts.size() < 3) return Malformed(0, "a task, an exchange and an outcome are needed");
  Transcript transcript;
  transcript.task_text = parts.front();
  PORTOLAN_TRY(transcript.task, ParseFields(parts.front(), 0));
  for (std::size_t i = 1; i + 1 < parts.size(); ++i) {
    PORTOLAN_TRY(Exchange exchange, ParseExchange(parts[i], i));
    transcript.exchanges.push_back(std::move(exchange));
  }
  PORTOLAN_TRY(transcript.outcome, ParseFields(parts.back(), parts.size() - 1));
  return transcript;
}

std::string Transcript::ToText() const {
  std::string text = task_text;
  for (const Exchange& exchange : exchanges) {
    text += fmt::format("{}{}{}\n", kSeparator, exchange.request_text, exchange.response_text);
  }
  return text += kSeparator;
}

std::vector<std::string> Transcript::Find(const std::string& folder) {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    if (entry.path().extension() == ".http") {
      names.push_back(std::filesystem::relative(entry.path(), folder).string());
    }
  }
  std::ranges::sort(names);
  return names;
}

std::string Transcript::Get(const Fields& fields, std::string_view name) {
  const auto it = fields.find(name);
  return it == fields.end() ? std::string() : it->second;
}

}  // namespace portolan::http
