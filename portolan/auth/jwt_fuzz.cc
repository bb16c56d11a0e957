// Property: what is read has an algorithm of ours and claims within their bounds, and its parts are
// the only spelling of what they say; a message shows nothing of the token. A key that can be read
// is written and read as the same.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "portolan/auth/jwt.h"
#include "portolan/auth/key_set.h"
#include "portolan/base/base64.h"

namespace {

using portolan::Base64UrlEncode;
using portolan::ErrorCode;

void Check(bool holds) {
  if (!holds) std::abort();
}

void CheckKey(std::string_view text) {
  const auto key = portolan::auth::PublicKey::FromJwk(text);
  if (!key) {
    Check(key.error().code == ErrorCode::kConfigInvalid);
    return;
  }
  const auto again = portolan::auth::PublicKey::FromJwk(key->jwk());
  Check(again && again->jwk() == key->jwk() && again->thumbprint() == key->thumbprint() &&
        again->libtrust_id() == key->libtrust_id());
}

void CheckToken(const std::string& token) {
  const auto jwt = portolan::auth::ParseJwt(token);
  if (!jwt) {
    Check(jwt.error().code == ErrorCode::kUnauthorized);
    // Unless the token is a piece of the message, which is the same for others then.
    const std::string& message = jwt.error().message;
    Check(token.size() < 40 || !message.contains(token) ||
          portolan::auth::ParseJwt(token.substr(1)).error().message == message);
    return;
  }
  Check(token == jwt->signed_part + "." + Base64UrlEncode(jwt->signature));
  Check(jwt->chain.size() <= 8 && jwt->claims.audiences.size() <= 64);
  Check(!jwt->claims.access || jwt->claims.access->size() <= 100);
  Check(jwt->claims.subject.size() <= 255);
}

}  // namespace

// The token as it comes, and the same with lines as header and claims: what is not Base64 would
// never get beyond it. The rest as a key.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  CheckToken(std::string(text));
  const std::size_t line = text.find('\n');
  if (line == std::string_view::npos) {
    CheckKey(text);
    if (const auto set = portolan::auth::KeySet::FromJwks(text)) {
      Check(portolan::auth::KeySet::FromJwks(set->ToJwks())->ToJwks() == set->ToJwks());
    }
    return 0;
  }
  CheckToken(Base64UrlEncode(text.substr(0, line)) + "." + Base64UrlEncode(text.substr(line + 1)) +
             ".c2ln");
  return 0;
}
