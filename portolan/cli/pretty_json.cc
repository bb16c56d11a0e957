#include "portolan/cli/pretty_json.h"

#include <cstddef>

#include <boost/json.hpp>
#include <fmt/format.h>

namespace portolan::cli {
namespace {

constexpr int kIndent = 4;

// Length of the UTF-8 character at the front of `text`; 0 if there is none.
std::size_t CharacterSize(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned first = byte(0);
  const std::size_t size = first < 0x80   ? 1
                           : first < 0xC2 ? 0
                           : first < 0xE0 ? 2
                           : first < 0xF0 ? 3
                           : first < 0xF5 ? 4
                                          : 0;
  if (size == 0 || size > text.size()) return 0;
  for (std::size_t i = 1; i < size; ++i) {
    if ((byte(i) & 0xC0U) != 0x80) return 0;
  }
  // Overlong forms, surrogates, and what lies beyond U+10FFFF.
  if (first == 0xE0 && byte(1) < 0xA0) return 0;
  if (first == 0xED && byte(1) > 0x9F) return 0;
  if (first == 0xF0 && byte(1) < 0x90) return 0;
  if (first == 0xF4 && byte(1) > 0x8F) return 0;
  return size;
}

void AppendString(std::string& out, std::string_view text) {
  out += '"';
  while (!text.empty()) {
    const std::size_t size = CharacterSize(text);
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
    } else if (first < 0x20 || first == 0x7F) {
      out += fmt::format("\\u{:04x}", first);
    } else if (first == 0xC2 && static_cast<unsigned char>(text[1]) < 0xA0) {
      out += fmt::format("\\u{:04x}", static_cast<unsigned char>(text[1]));
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
