#include "portolan/cli/pretty_json.h"

#include <cstddef>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "portolan/base/text.h"

namespace portolan::cli {
namespace {

constexpr int kIndent = 4;

void AppendString(std::string& out, std::string_view text) {
  out += '"';
  while (!text.empty()) {
    const std::size_t size = Utf8Length(text);
    const auto first = static_cast<unsigned char>(text[0]);
    if (size == 0) {
      out += "\\ufffd";
    } else if (first == '"' || first == '\\') {
      out += '\\';
      out += text[0];
    } else if (first == '\n') {
      out += "\\n";
    } else if (first == '\t') {
      out += "\\t";
    } else if (IsControl(text.substr(0, size))) {
      // Of a C1 character, the second byte is the code point.
      out += fmt::format("\\u{:04x}", static_cast<unsigned char>(text[size - 1]));
    } else {
      out += text.substr(0, size);
    }
    text.remove_prefix(size == 0 ? 1 : size);
  }
  out += '"';
}

void AppendLineStart(std::string& out, int level) {
  out += '\n';
  out.append(static_cast<std::size_t>(level) * kIndent, ' ');
}

void Append(std::string& out, const boost::json::value& value, int level) {
  if (const auto* object = value.if_object(); object != nullptr && !object->empty()) {
    char separator = '{';
    for (const auto& member : *object) {
      out += separator;
      separator = ',';
      AppendLineStart(out, level + 1);
      AppendString(out, member.key());
      out += ": ";
      Append(out, member.value(), level + 1);
    }
    AppendLineStart(out, level);
    out += '}';
  } else if (const auto* array = value.if_array(); array != nullptr && !array->empty()) {
    char separator = '[';
    for (const auto& element : *array) {
      out += separator;
      separator = ',';
      AppendLineStart(out, level + 1);
      Append(out, element, level + 1);
    }
    AppendLineStart(out, level);
    out += ']';
  } else if (const auto* text = value.if_string()) {
    AppendString(out, *text);
  } else {
    out += boost::json::serialize(value);
  }
}

}  // namespace

std::string PrettyJson(const boost::json::value& value) {
  std::string out;
  Append(out, value, 0);
  return out;
}

std::string JsonString(std::string_view text) {
  std::string out;
  AppendString(out, text);
  return out;
}

}  // namespace portolan::cli
