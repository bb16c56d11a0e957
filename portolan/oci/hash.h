// SHA-256 and HMAC-SHA-256 by OpenSSL.
#pragma once

#include <array>
#include <cstddef>
#include <span>
#include <string_view>

namespace portolan::oci {

using Sha256Bytes = std::array<std::byte, 32>;

/// SHA-256 of `content`.
Sha256Bytes Sha256(std::string_view content);

/// HMAC-SHA-256 (RFC 2104) of `content` under `key`.
Sha256Bytes HmacSha256(std::span<const std::byte> key, std::string_view content);

}  // namespace portolan::oci
