#include "portolan/oci/digest.h"

#include <algorithm>
#include <cstddef>

#include <fmt/format.h>

#include "portolan/base/log.h"
#include "portolan/base/text.h"

namespace portolan::oci {
namespace {

constexpr std::size_t kMinUnknownSize = 32;

constexpr bool IsLowerAlnum(char c) { return IsAsciiDigit(c) || (c >= 'a' && c <= 'z'); }
constexpr bool IsLowerHex(char c) { return IsAsciiDigit(c) || (c >= 'a' && c <= 'f'); }
constexpr bool IsEncoded(char c) { return IsAsciiAlnum(c) || c == '=' || c == '_' || c == '-'; }

bool IsAlgorithm(std::string_view text) {
  constexpr std::string_view kSeparators = "+._-";
  bool after_character = false;
  for (const char c : text) {
    const bool separator = kSeparators.contains(c);
    if (separator ? !after_character : !IsLowerAlnum(c)) return false;
    after_character = !separator;
  }
  return after_character;
}

// Hexadecimal digits of the algorithms that the specification registers; 0 for every other.
std::size_t HexDigits(std::string_view algorithm) {
  if (algorithm == "sha256") return 64;
  if (algorithm == "sha384") return 96;
  if (algorithm == "sha512") return 128;
  return 0;
}

// What is wrong with the text; empty if nothing is.
std::string_view Fault(std::string_view text) {
  const std::size_t colon = text.find(':');
  if (colon == std::string_view::npos) return "it has no colon; a digest looks like sha256:1a2b…";
  const std::string_view algorithm = text.substr(0, colon);
  const std::string_view encoded = text.substr(colon + 1);
  if (!IsAlgorithm(algorithm)) {
    return "the algorithm before the colon must be lower-case letters and digits, like sha256";
  }
  if (const std::size_t digits = HexDigits(algorithm); digits != 0) {
    if (!std::ranges::all_of(encoded, IsLowerHex)) {
      return "after the colon only the digits 0-9 and a-f (lower case) are allowed";
    }
    if (encoded.size() == digits) return {};
    if (digits == 64) return "sha256 needs exactly 64 hexadecimal digits";
    return digits == 96 ? "sha384 needs exactly 96 hexadecimal digits"
                        : "sha512 needs exactly 128 hexadecimal digits";
  }
  if (!std::ranges::all_of(encoded, IsEncoded)) {
    return "after the colon only letters, digits, '=', '_' and '-' are allowed";
  }
  if (encoded.size() < kMinUnknownSize) return "after the colon at least 32 characters are needed";
  return {};
}

}  // namespace

bool Digest::IsValid(std::string_view text) { return Fault(text).empty(); }

Result<Digest> Digest::Parse(std::string_view text) {
  if (const std::string_view fault = Fault(text); !fault.empty()) {
    return Fail(ErrorCode::kReferenceInvalid,
                fmt::format("invalid digest \"{}\": {}", Printable(text), fault));
  }
  return Digest(std::string(text));
}

}  // namespace portolan::oci
