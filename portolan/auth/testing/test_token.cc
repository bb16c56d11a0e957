#include "portolan/auth/testing/test_token.h"

#include <map>
#include <utility>

#include <gtest/gtest.h>
#include <openssl/ec.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509v3.h>

#include "portolan/auth/openssl.h"
#include "portolan/base/base64.h"

namespace portolan::auth {
namespace {

constexpr std::int64_t kMade = 1'679'900'000;  // a day before ManualClock begins

SigningKey NewKey(Algorithm algorithm) {
  auto key = SigningKey::Generate(algorithm, "portolan test", kMade);
  if (!key) {
    ADD_FAILURE() << key.error().message;
    std::abort();
  }
  return *std::move(key);
}

const SigningKey& Kept(std::map<Algorithm, SigningKey>& keys, Algorithm algorithm) {
  const auto it = keys.find(algorithm);
  return it != keys.end() ? it->second : keys.emplace(algorithm, NewKey(algorithm)).first->second;
}

void AddExtension(X509& certificate, int name, const char* value) {
  X509_EXTENSION* const extension = X509V3_EXT_conf_nid(nullptr, nullptr, name, value);
  X509_add_ext(&certificate, extension, -1);
  X509_EXTENSION_free(extension);
}

}  // namespace

const SigningKey& TestKey(Algorithm algorithm) {
  static std::map<Algorithm, SigningKey> keys;
  return Kept(keys, algorithm);
}
const SigningKey& StrangersKey(Algorithm algorithm) {
  static std::map<Algorithm, SigningKey> keys;
  return Kept(keys, algorithm);
}

std::string RawToken(const SigningKey& key, std::string_view header, std::string_view claims) {
  const std::string text = Base64UrlEncode(header) + "." + Base64UrlEncode(claims);
  return text + "." + Base64UrlEncode(key.Sign(text).value());
}
std::string UnsignedToken(std::string_view header, std::string_view claims,
                          std::string_view signature) {
  return Base64UrlEncode(header) + "." + Base64UrlEncode(claims) + "." + Base64UrlEncode(signature);
}

struct TestCertificate::Parts {
  UniquePkey key;
  UniqueCertificate certificate;
};

TestCertificate::TestCertificate(const Making& making) : parts_(std::make_shared<Parts>()) {
  parts_->key.reset(making.rsa_bits != 0 ? EVP_RSA_gen(static_cast<std::size_t>(making.rsa_bits))
                                         : EVP_EC_gen("P-256"));
  parts_->certificate.reset(X509_new());
  X509* const certificate = parts_->certificate.get();
  static long serial = 1;
  X509_set_version(certificate, X509_VERSION_3);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate), ++serial);
  ASN1_TIME_set(X509_getm_notBefore(certificate), making.from);
  ASN1_TIME_set(X509_getm_notAfter(certificate), making.until);
  X509_NAME* const name = X509_get_subject_name(certificate);
  X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8, Bytes(making.subject),
                             static_cast<int>(making.subject.size()), -1, 0);
  const Parts& signer = making.signer != nullptr ? *making.signer->parts_ : *parts_;
  X509_set_issuer_name(certificate, X509_get_subject_name(signer.certificate.get()));
  X509_set_pubkey(certificate, parts_->key.get());
  if (making.authority) AddExtension(*certificate, NID_basic_constraints, "critical,CA:TRUE");
  EXPECT_NE(X509_sign(certificate, signer.key.get(), making.sha1 ? EVP_sha1() : EVP_sha256()), 0);
}

std::string TestCertificate::pem() const {
  const UniqueBio bio(BIO_new(BIO_s_mem()));
  PEM_write_bio_X509(bio.get(), parts_->certificate.get());
  return TextOf(*bio);
}
std::string TestCertificate::der() const { return DerOf(*parts_->certificate); }

SigningKey TestCertificate::Key(const std::vector<const TestCertificate*>& chain) const {
  const UniqueBio bio(BIO_new(BIO_s_mem()));
  PEM_write_bio_PrivateKey(bio.get(), parts_->key.get(), nullptr, nullptr, 0, nullptr, nullptr);
  std::string text = TextOf(*bio) + pem();
  for (const TestCertificate* const other : chain) text += other->pem();
  return SigningKey::FromPem(Secret(text)).value();
}

}  // namespace portolan::auth
