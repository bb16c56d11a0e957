#include "portolan/wire/error_body.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <utility>

#include <boost/json.hpp>

#include "portolan/base/log.h"
#include "portolan/base/text.h"

namespace portolan::wire {
namespace {

namespace json = boost::json;

constexpr std::size_t kMaxDepth = 32;
constexpr std::size_t kMaxItems = 16;
constexpr std::size_t kMaxText = 512;
constexpr std::size_t kMaxStart = 200;  // of a text that is no known shape

// One printable line: white space of any kind becomes one space.
std::string Line(std::string_view text, std::size_t max_size = kMaxText) {
  std::string out;
  for (const char c : text) {
    if (out.size() >= max_size + 4) break;  // enough for a character that begins before the cut
    const bool space = c == ' ' || (c >= '\t' && c <= '\r');
    if (!space) {
      out += c;
    } else if (!out.empty() && out.back() != ' ') {
      out += ' ';
    }
  }
  if (out.ends_with(' ')) out.pop_back();
  return Printable(out, max_size);
}

// JSON text in which nothing can steer a terminal: DEL and U+0080–U+009F, which JSON allows as they
// are, are escaped. They can only stand inside texts.
std::string Serialize(const json::value& value) {
  const std::string text = json::serialize(value);
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<std::uint8_t>(text[i]);
    const auto next = static_cast<std::uint8_t>(i + 1 < text.size() ? text[i + 1] : 0);
    if (byte == 0x7f) {
      out += "\\u007f";
    } else if (byte == 0xc2 && next >= 0x80 && next < 0xa0) {
      constexpr std::string_view kDigits = "0123456789abcdef";
      out += "\\u00";
      out += kDigits[next >> 4U];
      out += kDigits[next & 15U];
      ++i;
    } else {
      out += text[i];
    }
  }
  return out;
}

// Boost reads 1e999 as infinity and writes it as `Infinity`, which is no JSON. No deeper than
// kMaxDepth.
void ReplaceInfinities(json::value& value) {
  if (const double* number = value.if_double(); number != nullptr && !std::isfinite(*number)) {
    value = nullptr;
  } else if (json::array* array = value.if_array(); array != nullptr) {
    for (json::value& inner : *array) ReplaceInfinities(inner);
  } else if (json::object* object = value.if_object(); object != nullptr) {
    for (auto& member : *object) ReplaceInfinities(member.value());
  }
}

// A text as a line, a number as its digits, anything else as nothing.
std::string TextOf(const json::value* value) {
  if (value == nullptr) return {};
  if (const json::string* string = value->if_string())
    return Line({string->data(), string->size()});
  if (value->is_int64() || value->is_uint64()) return json::serialize(*value);
  return {};
}

ErrorBody::Item ReadItem(const json::value& value) {
  const json::object* object = value.if_object();
  if (object == nullptr) return {.code = {}, .message = TextOf(&value), .detail = {}};
  ErrorBody::Item item{.code = TextOf(object->if_contains("code")),
                       .message = TextOf(object->if_contains("message")),
                       .detail = {}};
  const json::value* detail = object->if_contains("detail");
  if (detail != nullptr && !detail->is_null())
    item.detail = Printable(Serialize(*detail), kMaxText);
  return item;
}

void ReadEnvelope(const json::array& errors, ErrorBody& body) {
  body.json = Serialize(errors);
  for (const json::value& value : errors) {
    if (body.errors.size() == kMaxItems) break;
    body.errors.push_back(ReadItem(value));
    const ErrorBody::Item& item = body.errors.back();
    const std::string& text = item.message.empty() ? item.code : item.message;
    if (text.empty() || body.summary.size() >= kMaxText) continue;
    if (!body.summary.empty()) body.summary += "; ";
    body.summary += text;
  }
}

// The shapes that are not the specification's, in the order in which they tell most.
std::string OtherShape(const json::object& object) {
  for (const char* name : {"details", "error", "message", "detail", "error_message"}) {
    const json::value* value = object.if_contains(name);
    if (value == nullptr) continue;
    const json::object* inner = value->if_object();
    std::string text = TextOf(inner == nullptr ? value : inner->if_contains("message"));
    if (text.empty()) continue;
    const std::string description = TextOf(object.if_contains("error_description"));
    if (std::string_view(name) == "error" && !description.empty()) text += ": " + description;
    return text;
  }
  return {};
}

// The envelope's first code that `fits`, or `otherwise`.
template <typename Fits>
ErrorCode Refine(const ErrorBody& body, ErrorCode otherwise, Fits fits) {
  for (const ErrorBody::Item& item : body.errors) {
    const auto code = ErrorCodeFromWire(item.code);
    if (code && fits(*code)) return *code;
  }
  return otherwise;
}

ErrorCode CodeOf(int status, const ErrorBody& body) {
  switch (status) {
    case 400:
      return Refine(body, ErrorCode::kProtocol, [](ErrorCode) { return true; });
    case 401:
      return ErrorCode::kUnauthorized;
    case 403:
      return ErrorCode::kDenied;
    case 404:
      return Refine(body, ErrorCode::kNameUnknown,
                    [](ErrorCode code) { return InfoOf(code).http_status == 404; });
    case 405:
      return ErrorCode::kUnsupported;
    case 408:
      return ErrorCode::kTimeout;
    case 413:
      return ErrorCode::kTooLarge;
    case 429:
      return ErrorCode::kTooManyRequests;
    default:
      return status >= 500 && status <= 599 ? ErrorCode::kServerError : ErrorCode::kProtocol;
  }
}

std::string Phrase(int status) {
  switch (status) {
    case 400:
      return "bad request";
    case 401:
      return "not found or no access";
    case 403:
      return "access denied";
    case 404:
      return "not found";
    case 405:
      return "not supported by the registry";
    case 408:
      return "the registry stopped waiting for the request";
    case 413:
      return "too large for the registry";
    case 429:
      return "too many requests";
    default:
      if (status >= 500 && status <= 599) {
        return "the registry failed with status " + std::to_string(status);
      }
      return "unexpected answer with status " + std::to_string(status);
  }
}

// "tags of quay.io/a/b" → "quay.io"; empty if no word of it begins as an image's name does.
std::string_view HostIn(std::string_view what) {
  const std::size_t space = what.rfind(' ');
  if (space != std::string_view::npos) what.remove_prefix(space + 1);
  const std::string_view host = what.substr(0, what.find('/'));
  const bool looks_so = host == "localhost" || host.find_first_of(".:") != std::string_view::npos;
  const bool clean = std::ranges::all_of(
      host, [](char c) { return IsAsciiAlnum(c) || std::string_view(".-:[]").contains(c); });
  return host.size() < what.size() && looks_so && clean ? host : std::string_view();
}

std::string LoginCommand(std::string_view what) {
  const std::string_view host = HostIn(what);
  return host.empty() ? "portolan login" : "portolan login " + std::string(host);
}

std::string Hint(ErrorCode code, int status, std::string_view what) {
  switch (code) {
    case ErrorCode::kUnauthorized:
    case ErrorCode::kDenied:
    case ErrorCode::kNameUnknown:
      return "check the spelling, and that your account may read it: " + LoginCommand(what);
    case ErrorCode::kManifestUnknown:
    case ErrorCode::kManifestBlobUnknown:
      return "check the tag or digest; it may have been deleted";
    case ErrorCode::kBlobUnknown:
      return "check the digest; the blob may have been deleted";
    case ErrorCode::kNameInvalid:
    case ErrorCode::kTagInvalid:
    case ErrorCode::kDigestInvalid:
      return "check the spelling";
    case ErrorCode::kTooManyRequests:
      return "wait before trying again; an account often has a higher limit: " + LoginCommand(what);
    case ErrorCode::kUnsupported:
      return "this registry does not offer the operation here; its own web page or API may";
    case ErrorCode::kTimeout:
    case ErrorCode::kServerError:
      return "the trouble is on the registry's side: try again later";
    case ErrorCode::kProtocol:
      return status == 400 ? "" : "check that this is the address of a container registry";
    default:
      return {};
  }
}

// What the registry said: each message with its code.
std::string Said(const ErrorBody& body) {
  std::string out;
  for (const ErrorBody::Item& item : body.errors) {
    const std::string& text = item.message.empty() ? item.code : item.message;
    if (text.empty() || out.size() >= kMaxText) continue;
    if (!out.empty()) out += "; ";
    out += text;
    if (!item.code.empty() && !item.message.empty()) out += " (" + item.code + ")";
  }
  return out.empty() ? body.summary : out;
}

}  // namespace

ErrorBody ErrorBody::Parse(std::string_view text) {
  ErrorBody body;
  if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);
  text = TrimSpace(text);
  if (text.empty() || text.front() == '<') return body;
  json::parse_options options;
  options.max_depth = kMaxDepth;
  json::error_code ec;
  json::value value = json::parse({text.data(), text.size()}, ec, {}, options);
  ReplaceInfinities(value);
  if (!ec && !value.is_object() && !value.is_array()) {
    body.summary = value.is_string() ? TextOf(&value) : "";  // Quay's `true` tells nothing
    return body;
  }
  if (const json::object* object = value.if_object(); !ec && object != nullptr) {
    const json::value* errors = object->if_contains("errors");
    if (errors != nullptr && errors->is_array()) ReadEnvelope(errors->get_array(), body);
    if (body.summary.empty()) body.summary = OtherShape(*object);
    if (!body.summary.empty() || !body.errors.empty() || object->empty()) return body;
  }
  body.summary = Line(text, kMaxStart);
  return body;
}

bool ErrorBody::Has(std::string_view code) const {
  return std::ranges::find(errors, code, &Item::code) != errors.end();
}

Error ToError(int status, const ErrorBody& body, std::string_view what) {
  const ErrorCode code = CodeOf(status, body);
  std::string message(what);
  message += ": " + Phrase(status);
  if (const std::string said = Said(body); !said.empty()) message += ": " + said;
  return Error{.code = code,
               .message = std::move(message),
               .hint = Hint(code, status, what),
               .http_status = status,
               .registry_errors = body.json};
}

}  // namespace portolan::wire
