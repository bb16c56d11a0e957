// Bytes as lower-case hexadecimal digits.
#pragma once

#include <cstddef>
#include <span>
#include <string>

namespace portolan {

/// Two lower-case digits a byte.
inline std::string HexEncode(std::span<const std::byte> bytes) {
  constexpr char kDigits[] = "0123456789abcdef";
  std::string out;
  out.reserve(bytes.size() * 2);
  for (const std::byte byte : bytes) {
    out += kDigits[std::to_integer<unsigned>(byte) >> 4U];
    out += kDigits[std::to_integer<unsigned>(byte) & 15U];
  }
  return out;
}

}  // namespace portolan
