#include "portolan/dialect/fernet.h"

#include <memory>
#include <span>

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include "portolan/base/base64.h"
#include "portolan/oci/hash.h"

namespace portolan::dialect {
namespace {

constexpr char kVersion = '\x80';
constexpr std::size_t kTime = 8;
constexpr std::size_t kIv = 16;
constexpr std::size_t kMac = 32;
constexpr std::size_t kBlock = 16;
constexpr std::size_t kHead = 1 + kTime + kIv;
constexpr std::int64_t kMaxSkew = 60;

struct FreeContext {
  void operator()(EVP_CIPHER_CTX* context) const { EVP_CIPHER_CTX_free(context); }
};

const unsigned char* Bytes(const void* data) { return static_cast<const unsigned char*>(data); }

// AES-128-CBC with PKCS #7 padding, either way; nothing if the padding is wrong.
std::optional<std::string> Crypt(const FernetKey& key, const void* iv, std::string_view text,
                                 bool encrypt) {
  const std::unique_ptr<EVP_CIPHER_CTX, FreeContext> context(EVP_CIPHER_CTX_new());
  std::string out(text.size() + kBlock, '\0');
  auto* const to = reinterpret_cast<unsigned char*>(out.data());
  int size = 0;
  int rest = 0;
  const bool done = EVP_CipherInit_ex(context.get(), EVP_aes_128_cbc(), nullptr,
                                      Bytes(key.data() + 16), Bytes(iv), encrypt ? 1 : 0) == 1 &&
                    EVP_CipherUpdate(context.get(), to, &size, Bytes(text.data()),
                                     static_cast<int>(text.size())) == 1 &&
                    EVP_CipherFinal_ex(context.get(), to + size, &rest) == 1;
  if (!done) return std::nullopt;
  out.resize(static_cast<std::size_t>(size) + static_cast<std::size_t>(rest));
  return out;
}

oci::Sha256Bytes MacOf(const FernetKey& key, std::string_view signed_part) {
  return oci::HmacSha256(std::span(key).first(16), signed_part);
}

}  // namespace

std::string FernetSeal(const FernetKey& key, std::string_view plain, std::int64_t now,
                       const FernetIv& iv) {
  std::string token(1, kVersion);
  for (int shift = 56; shift >= 0; shift -= 8) token += static_cast<char>(now >> shift);
  token.append(reinterpret_cast<const char*>(iv.data()), iv.size());
  token += Crypt(key, iv.data(), plain, true).value_or(std::string());
  const oci::Sha256Bytes mac = MacOf(key, token);
  token.append(reinterpret_cast<const char*>(mac.data()), mac.size());
  std::string text = Base64UrlEncode(token);
  text.append((4 - text.size() % 4) % 4, '=');
  return text;
}

std::optional<std::string> FernetOpen(const FernetKey& key, std::string_view token,
                                      std::int64_t now, std::chrono::seconds lifetime) {
  const Result<std::string> bytes = Base64Decode(token);
  if (!bytes || bytes->size() < kHead + kBlock + kMac || bytes->front() != kVersion) {
    return std::nullopt;
  }
  const std::string_view signed_part = std::string_view(*bytes).substr(0, bytes->size() - kMac);
  const oci::Sha256Bytes mac = MacOf(key, signed_part);
  if (CRYPTO_memcmp(mac.data(), bytes->data() + signed_part.size(), kMac) != 0) {
    return std::nullopt;
  }
  std::uint64_t made = 0;
  for (std::size_t i = 1; i <= kTime; ++i) {
    made = made << 8U | static_cast<unsigned char>((*bytes)[i]);
  }
  const auto time = static_cast<std::int64_t>(made);
  if (time + lifetime.count() < now || time > now + kMaxSkew) return std::nullopt;
  return Crypt(key, bytes->data() + 1 + kTime, signed_part.substr(kHead), false);
}

}  // namespace portolan::dialect
