#include "portolan/config/json_text.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "portolan/base/text.h"

namespace portolan::config {
namespace {

namespace json = boost::json;

Error BadJson(std::string_view text, std::size_t offset, std::string_view place,
              std::string_view reason) {
  const std::string_view before = text.substr(0, std::min(offset, text.size()));
  const auto line = 1 + std::ranges::count(before, '\n');
  return Fail(ErrorCode::kConfigInvalid, fmt::format("{}:{}: not JSON: {}", place, line, reason));
}

void Print(const json::value& value, std::size_t depth, std::string& out);

// The depth is that of the parser, which refuses more than 32 levels.
void PrintObject(const json::object& object, std::size_t depth, std::string& out) {
  out += '{';
  std::string_view separator = "\n";
  for (const auto& [key, member] : object) {
    out += separator;
    out.append(depth + 1, '\t');
    out += json::serialize(key);
    out += ": ";
    Print(member, depth + 1, out);
    separator = ",\n";
  }
  if (!object.empty()) {
    out += '\n';
    out.append(depth, '\t');
  }
  out += '}';
}

void PrintArray(const json::array& array, std::size_t depth, std::string& out) {
  out += '[';
  std::string_view separator = "\n";
  for (const json::value& element : array) {
    out += separator;
    out.append(depth + 1, '\t');
    Print(element, depth + 1, out);
    separator = ",\n";
  }
  if (!array.empty()) {
    out += '\n';
    out.append(depth, '\t');
  }
  out += ']';
}

void Print(const json::value& value, std::size_t depth, std::string& out) {
  if (const json::object* object = value.if_object()) return PrintObject(*object, depth, out);
  if (const json::array* array = value.if_array()) return PrintArray(*array, depth, out);
  if (const double* number = value.if_double(); number != nullptr && !std::isfinite(*number)) {
    // What the parser makes of 1e400 and 0e400, and JSON cannot spell.
    out += std::isnan(*number) ? "0.0" : *number < 0 ? "-1e999" : "1e999";
    return;
  }
  out += json::serialize(value);
}

}  // namespace

Result<json::object> ParseJsonObject(std::string_view text, std::string_view place) {
  if (TrimSpace(text).empty()) return json::object();
  json::parser parser;
  json::error_code error;
  const std::size_t consumed = parser.write(text.data(), text.size(), error);
  if (error) return BadJson(text, consumed, place, error.message());
  json::value value = parser.release();
  if (!value.is_object()) {
    return Fail(ErrorCode::kConfigInvalid, fmt::format("{}: must be a JSON object", place));
  }
  return std::move(value.get_object());
}

std::string PrettyJson(const json::object& object) {
  std::string out;
  PrintObject(object, 0, out);
  out += '\n';
  return out;
}

}  // namespace portolan::config
