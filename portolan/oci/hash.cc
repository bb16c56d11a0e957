#include "portolan/oci/hash.h"

#include <cstdlib>

#include <openssl/evp.h>
#include <openssl/hmac.h>

namespace portolan::oci {
namespace {

unsigned char* Raw(Sha256Bytes& bytes) { return reinterpret_cast<unsigned char*>(bytes.data()); }

// EVP_sha256() is looked up anew by each that computes with it, which for a text of a few dozen
// characters takes longer than the hash.
const EVP_MD* Algorithm() {
  static const EVP_MD* const kFetched = EVP_MD_fetch(nullptr, "SHA256", nullptr);
  return kFetched;
}

}  // namespace

// Both functions fail only where OpenSSL has no memory or was built without SHA-256: nothing can go
// on then.

Sha256Bytes Sha256(std::string_view content) {
  Sha256Bytes out;
  if (EVP_Digest(content.data(), content.size(), Raw(out), nullptr, Algorithm(), nullptr) != 1) {
    std::abort();
  }
  return out;
}

Sha256Bytes HmacSha256(std::span<const std::byte> key, std::string_view content) {
  // OpenSSL takes a null key for "the key of before".
  static constexpr std::byte kNoKey{};
  const void* const key_data = key.empty() ? &kNoKey : key.data();
  const void* const data = content.data();
  Sha256Bytes out;
  unsigned size = 0;
  if (HMAC(Algorithm(), key_data, static_cast<int>(key.size()),
           static_cast<const unsigned char*>(data), content.size(), Raw(out), &size) == nullptr) {
    std::abort();
  }
  return out;
}

}  // namespace portolan::oci
