// Fernet: small encrypted tokens with a date. Spec: github.com/fernet/spec (version 0x80).
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace portolan::dialect {

/// The first half signs, the second encrypts.
using FernetKey = std::array<std::byte, 32>;
using FernetIv = std::array<std::byte, 16>;

/// `plain` as a token: base64url with padding. `iv` must not be used twice. `now`: seconds since
/// 1970.
std::string FernetSeal(const FernetKey& key, std::string_view plain, std::int64_t now,
                       const FernetIv& iv);

/// What was sealed; nothing where the token was not made with this key, or is older than
/// `lifetime` (or more than a minute younger than `now`).
std::optional<std::string> FernetOpen(const FernetKey& key, std::string_view token,
                                      std::int64_t now, std::chrono::seconds lifetime);

}  // namespace portolan::dialect
