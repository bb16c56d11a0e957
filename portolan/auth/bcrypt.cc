#include "portolan/auth/bcrypt.h"

#include <crypt.h>

#include <algorithm>
#include <array>
#include <memory>
#include <string>

#include <fmt/format.h>
#include <openssl/crypto.h>

#include "portolan/base/text.h"

namespace portolan::auth {
namespace {

constexpr std::size_t kHashSize = 60;
constexpr std::string_view kDummyRest = "$PortolanPortolanPort.uOnePageForEveryHarbourOneBook...";

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

Result<std::string> BcryptHash(const Secret& password, Random& random, int cost) {
  const std::string& text = password.Reveal();
  if (text.empty()) return Fail(ErrorCode::kUsage, "the password is empty");
  if (text.size() > kMaxBcryptPassword) {
    return Fail(ErrorCode::kUsage,
                fmt::format("a password may have at most {} bytes", kMaxBcryptPassword));
  }
  if (text.contains('\0')) return Fail(ErrorCode::kUsage, "a password may have no NUL");
  std::array<std::byte, 16> salt{};
  random.Fill(salt);
  std::array<char, CRYPT_GENSALT_OUTPUT_SIZE> setting{};
  const std::unique_ptr<crypt_data, Wipe> data(new crypt_data{});
  const char* made = nullptr;
  if (crypt_gensalt_rn("$2b$", static_cast<unsigned long>(cost),
                       reinterpret_cast<const char*>(salt.data()), static_cast<int>(salt.size()),
                       setting.data(), static_cast<int>(setting.size())) != nullptr) {
    made = crypt_r(text.c_str(), setting.data(), data.get());
  }
  if (made == nullptr || !BcryptCost(made)) {
    return Fail(ErrorCode::kInternal, "the system's libcrypt makes no bcrypt hashes");
  }
  return std::string(made);
}

std::string BcryptDummy(int cost) { return fmt::format("$2y${:02}{}", cost, kDummyRest); }

}  // namespace portolan::auth
