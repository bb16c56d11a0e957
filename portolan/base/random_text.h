// Texts that nobody can guess: ids, names of files, secrets.
#pragma once

#include <cstddef>
#include <string>

#include "portolan/base/random.h"

namespace portolan {

/// So many random bytes, as lower-case hexadecimal digits: two a byte.
std::string RandomHex(Random& random, std::size_t bytes);
/// So many random bytes in Base64 for URLs (RFC 4648 §5), without padding.
std::string RandomBase64Url(Random& random, std::size_t bytes);

}  // namespace portolan
