// bcrypt, by the system's libcrypt.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

#include "portolan/base/secret.h"

namespace portolan::auth {

/// Passwords beyond this many bytes are cut by bcrypt itself, so that all that begin with the same
/// 72 would be one.
inline constexpr std::size_t kMaxBcryptPassword = 72;

/// The cost (4 to 31, each step doubles the work) of a complete bcrypt hash: `$2y$`, `$2a$` or
/// `$2b$`, two digits, `$`, 53 characters. Nothing if the text is not one.
std::optional<int> BcryptCost(std::string_view hash);

/// Whether the password is the hash's. Always does the whole work and compares in constant time. A
/// password of more than 72 bytes or with a NUL matches nothing. `hash` must have a BcryptCost.
bool BcryptMatches(const Secret& password, std::string_view hash);

}  // namespace portolan::auth
