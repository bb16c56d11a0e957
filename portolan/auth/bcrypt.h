// bcrypt, by the system's libcrypt.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "portolan/base/random.h"
#include "portolan/base/result.h"
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

/// Of the hashes that BcryptHash makes: some 50 ms of work.
inline constexpr int kBcryptCost = 10;
/// A hash of a new password, with a salt of its own. kUsage for a password that is empty, has more
/// than 72 bytes or a NUL.
Result<std::string> BcryptHash(const Secret& password, Random& random, int cost = kBcryptCost);

/// A hash of this cost that nothing is known to match: for the work that an unknown user must cost.
std::string BcryptDummy(int cost);

}  // namespace portolan::auth
