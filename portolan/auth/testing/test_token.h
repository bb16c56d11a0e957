// Keys, tokens and certificates as tests need them: also those that our own code would never write.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "portolan/auth/key.h"

namespace portolan::auth {

/// A key that is made once in a test program. RS256, ES256 or EdDSA.
const SigningKey& TestKey(Algorithm algorithm);
/// Another one.
const SigningKey& StrangersKey(Algorithm algorithm);

/// A token of these very texts, signed with the key.
std::string RawToken(const SigningKey& key, std::string_view header, std::string_view claims);
/// The same with a signature of these bytes.
std::string UnsignedToken(std::string_view header, std::string_view claims,
                          std::string_view signature = {});

/// A certificate with its key; made by OpenSSL itself.
class TestCertificate {
 public:
  struct Making {
    const TestCertificate* signer = nullptr;  ///< null: itself
    bool authority = false;
    std::int64_t from = 0;
    std::int64_t until = 4'000'000'000;
    bool sha1 = false;  ///< how it is signed
    int rsa_bits = 0;   ///< 0: EC on P-256
    std::string subject = "test";
  };
  explicit TestCertificate(const Making& making);

  std::string pem() const;
  std::string der() const;
  /// The key and its certificate, then those of `chain`.
  SigningKey Key(const std::vector<const TestCertificate*>& chain = {}) const;

 private:
  struct Parts;
  std::shared_ptr<Parts> parts_;
};

}  // namespace portolan::auth
