// The text of an API key.
#pragma once

#include <string_view>

#include "portolan/base/random.h"
#include "portolan/base/secret.h"

namespace portolan::auth {

/// `ptk_` and 40 letters and digits, each of 62 equally likely: 238 bits. The beginning is for
/// whoever searches texts for keys that leaked.
Secret NewApiKeyText(Random& random);

/// Whether a password is to be taken for an API key: `ptk_` and 32 to 64 letters and digits.
bool IsApiKeyText(std::string_view text);

}  // namespace portolan::auth
