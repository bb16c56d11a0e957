#include "portolan/auth/bcrypt.h"

#include <crypt.h>

#include <algorithm>
#include <memory>
#include <string>

#include <openssl/crypto.h>

#include "portolan/base/text.h"

namespace portolan::auth {
namespace {

constexpr std::size_t kHashSize = 60;

// Holds the password's traces, and is too large for a stack.
struct Wipe {
  void operator()(crypt_data* data) const {
    OPENSSL_cleanse(data, sizeof(*data));
    delete data;
  }
};

}  // namespace

std::optional<int> BcryptCost(std::string_view hash) {
  if (hash.size() != kHashSize) return std::nullopt;
  const bool known =
      hash.starts_with("$2y$") || hash.starts_with("$2a$") || hash.starts_with("$2b$");
  if (!known || !IsAsciiDigit(hash[4]) || !IsAsciiDigit(hash[5]) || hash[6] != '$') {
    return std::nullopt;
  }
  const bool clean = std::ranges::all_of(
      hash.substr(7), [](char c) { return IsAsciiAlnum(c) || c == '.' || c == '/'; });
  const int cost = ((hash[4] - '0') * 10) + (hash[5] - '0');
  if (!clean || cost < 4 || cost > 31) return std::nullopt;
  return cost;
}

bool BcryptMatches(const Secret& password, std::string_view hash) {
  const std::string& text = password.Reveal();
  const bool allowed = text.size() <= kMaxBcryptPassword && !text.contains('\0');
  const std::unique_ptr<crypt_data, Wipe> data(new crypt_data{});
  const std::string setting(hash);
  const char* const made = crypt_r(allowed ? text.c_str() : "", setting.c_str(), data.get());
  if (made == nullptr || std::string_view(made).size() != hash.size()) return false;
  return CRYPTO_memcmp(made, hash.data(), hash.size()) == 0 && allowed;
}

}  // namespace portolan::auth
