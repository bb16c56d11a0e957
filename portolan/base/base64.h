// Base64 (RFC 4648), as `auth` entries, Basic credentials and JWTs use it.
#pragma once

#include <string>
#include <string_view>

#include "portolan/base/result.h"

namespace portolan {

/// Standard alphabet, padded.
std::string Base64Encode(std::string_view bytes);
/// URL-safe alphabet, not padded: a part of a JWT, a member of a JWK. Spec: RFC 4648 §5.
std::string Base64UrlEncode(std::string_view bytes);

/// Standard or URL-safe alphabet, padded or not. kProtocol for any other character, for padding in
/// the middle, and for a length that no encoding has.
Result<std::string> Base64Decode(std::string_view text);

}  // namespace portolan
