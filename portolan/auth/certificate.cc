#include "portolan/auth/certificate.h"

#include <cstddef>
#include <utility>

#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509_vfy.h>

#include "portolan/auth/openssl.h"

namespace portolan::auth {
namespace {

constexpr std::size_t kMaxChain = 8;
constexpr int kSecurityLevel = 2;  // 112 bits: no SHA-1, no RSA below 2,048 bits on the way

Error NoCertificate() {
  return Fail(ErrorCode::kConfigInvalid, "the file has no certificate in PEM form",
              "it begins with -----BEGIN CERTIFICATE-----");
}

Error NotTrusted(std::string_view why) {
  ERR_clear_error();
  return Fail(ErrorCode::kUnauthorized,
              fmt::format("the certificates of the token's key are not trusted: {}", why));
}

using UniqueStore = std::unique_ptr<X509_STORE, OpensslFree<X509_STORE_free>>;
using UniqueStoreContext = std::unique_ptr<X509_STORE_CTX, OpensslFree<X509_STORE_CTX_free>>;

void FreeStack(STACK_OF(X509) * stack) { sk_X509_free(stack); }

}  // namespace

struct CertificateRoots::Store {
  UniqueStore roots;
};

UniqueCertificate CertificateOf(std::string_view der) {
  const unsigned char* at = Bytes(der);
  UniqueCertificate certificate(d2i_X509(nullptr, &at, static_cast<long>(der.size())));
  if (at != Bytes(der) + der.size()) certificate.reset();  // something comes after it
  if (!certificate) ERR_clear_error();
  return certificate;
}

std::vector<UniqueCertificate> CertificatesOf(std::string_view pem) {
  const UniqueBio bio = BioOf(pem);
  std::vector<UniqueCertificate> certificates;
  while (X509* const next = PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr)) {
    certificates.emplace_back(next);
  }
  ERR_clear_error();
  return certificates;
}

std::string DerOf(X509& certificate) {
  unsigned char* der = nullptr;
  const int size = i2d_X509(&certificate, &der);
  if (size <= 0) return {};
  std::string out(reinterpret_cast<char*>(der), static_cast<std::size_t>(size));
  OPENSSL_free(der);
  return out;
}

Result<std::vector<PublicKey>> KeysOfCertificates(std::string_view pem) {
  std::vector<PublicKey> keys;
  for (const UniqueCertificate& certificate : CertificatesOf(pem)) {
    PORTOLAN_TRY(PublicKey key, MakePublicKey(UniquePkey(X509_get_pubkey(certificate.get()))));
    keys.push_back(std::move(key));
  }
  if (keys.empty()) return NoCertificate();
  return keys;
}

Result<CertificateRoots> CertificateRoots::FromPem(std::string_view pem) {
  const std::vector<UniqueCertificate> certificates = CertificatesOf(pem);
  if (certificates.empty()) return NoCertificate();
  CertificateRoots roots;
  roots.store_ = std::make_shared<Store>(Store{.roots = UniqueStore(X509_STORE_new())});
  for (const UniqueCertificate& certificate : certificates) {
    X509_STORE_add_cert(roots.store_->roots.get(), certificate.get());
  }
  return roots;
}

Result<PublicKey> CertificateRoots::Verify(std::span<const std::string> chain,
                                           std::chrono::system_clock::time_point now) const {
  if (chain.empty() || chain.size() > kMaxChain) {
    return NotTrusted(fmt::format("there are {}, where 1 to {} may be", chain.size(), kMaxChain));
  }
  std::vector<UniqueCertificate> certificates;
  const std::unique_ptr<STACK_OF(X509), OpensslFree<FreeStack>> between(sk_X509_new_null());
  for (const std::string& der : chain) {
    UniqueCertificate certificate = CertificateOf(der);
    if (!certificate) return NotTrusted("one cannot be read");
    if (!certificates.empty()) sk_X509_push(between.get(), certificate.get());
    certificates.push_back(std::move(certificate));
  }
  const UniqueStoreContext context(X509_STORE_CTX_new());
  X509_STORE_CTX_init(context.get(), store_->roots.get(), certificates.front().get(),
                      between.get());
  X509_VERIFY_PARAM* const rules = X509_STORE_CTX_get0_param(context.get());
  // A root may be the very certificate of the key, which nobody has signed but itself.
  X509_VERIFY_PARAM_set_flags(rules, X509_V_FLAG_PARTIAL_CHAIN);
  X509_VERIFY_PARAM_set_time(rules, std::chrono::system_clock::to_time_t(now));
  X509_VERIFY_PARAM_set_auth_level(rules, kSecurityLevel);
  X509_VERIFY_PARAM_set_depth(rules, static_cast<int>(kMaxChain));
  if (X509_verify_cert(context.get()) != 1) {
    return NotTrusted(X509_verify_cert_error_string(X509_STORE_CTX_get_error(context.get())));
  }
  Result<PublicKey> key = MakePublicKey(UniquePkey(X509_get_pubkey(certificates.front().get())));
  if (!key) return NotTrusted(key.error().message);
  return key;
}

}  // namespace portolan::auth
