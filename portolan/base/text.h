// ASCII text without locales.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>

namespace portolan {

constexpr char AsciiLower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }
constexpr bool IsAsciiDigit(char c) { return c >= '0' && c <= '9'; }
constexpr bool IsAsciiAlnum(char c) {
  return IsAsciiDigit(c) || (AsciiLower(c) >= 'a' && AsciiLower(c) <= 'z');
}

inline std::string AsciiLower(std::string_view text) {
  std::string out(text);
  std::ranges::transform(out, out.begin(), [](char c) { return AsciiLower(c); });
  return out;
}

constexpr bool EqualsIgnoreCase(std::string_view a, std::string_view b) {
  return std::ranges::equal(
      a, b, {}, [](char c) { return AsciiLower(c); }, [](char c) { return AsciiLower(c); });
}

/// Whether it may stand in a token: a method, a header's name, a scheme. Spec: RFC 9110 §5.6.2.
constexpr bool IsHttpTokenChar(char c) {
  return IsAsciiAlnum(c) || std::string_view("!#$%&'*+-.^_`|~").contains(c);
}
constexpr bool IsHttpToken(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, IsHttpTokenChar);
}

/// Without spaces, tabs and line ends at either end.
constexpr std::string_view TrimSpace(std::string_view text) {
  constexpr std::string_view kSpace = " \t\r\n";
  const std::size_t begin = text.find_first_not_of(kSpace);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(kSpace) - begin + 1);
}

/// Length in bytes of the well-formed UTF-8 sequence (RFC 3629) at the start of `text`, which must
/// not be empty; 0 if there is none.
std::size_t Utf8Length(std::string_view text);

/// Whether one well-formed UTF-8 sequence is a control character: C0, DEL, or C1 (U+0080 to
/// U+009F), which steers terminals as well.
bool IsControl(std::string_view sequence);

}  // namespace portolan
