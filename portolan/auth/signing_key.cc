#include <array>
#include <cstddef>
#include <utility>

#include <fmt/format.h>
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include "portolan/auth/key.h"
#include "portolan/auth/openssl.h"
#include "portolan/base/base64.h"

namespace portolan::auth {

struct SigningKey::Parts {
  UniquePkey key;
  Algorithm algorithm;
  PublicKey public_key;
  std::string certificates;  // PEM
  std::vector<std::string> chain;
};

namespace {

constexpr unsigned kRsaBits = 2048;
constexpr long kTenYears = 10L * 365 * 24 * 3600;

Error Broken(std::string_view what) {
  ERR_clear_error();
  return Fail(ErrorCode::kInternal, fmt::format("OpenSSL cannot {}", what));
}

Error Invalid(std::string_view why) {
  ERR_clear_error();
  return Fail(ErrorCode::kConfigInvalid, fmt::format("the key file {}", why),
              "make one with: portolan auth keygen FILE");
}

UniquePkey NewKey(Algorithm algorithm) {
  switch (algorithm) {
    case Algorithm::kRs256:
      return UniquePkey(EVP_RSA_gen(kRsaBits));
    case Algorithm::kEs256:
      return UniquePkey(EVP_EC_gen("P-256"));
    case Algorithm::kEdDsa:
      return UniquePkey(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519"));
    default:
      return nullptr;
  }
}

std::optional<Algorithm> AlgorithmFor(const PublicKey& key) {
  for (const Algorithm algorithm :
       {Algorithm::kRs256, Algorithm::kEs256, Algorithm::kEs384, Algorithm::kEdDsa}) {
    if (key.Suits(algorithm)) return algorithm;
  }
  return std::nullopt;
}

// The key's own public half, as an object of its own.
UniquePkey PublicHalf(EVP_PKEY& key) {
  const UniqueBio bio(BIO_new(BIO_s_mem()));
  if (PEM_write_bio_PUBKEY(bio.get(), &key) != 1) return nullptr;
  return UniquePkey(PEM_read_bio_PUBKEY(bio.get(), nullptr, nullptr, nullptr));
}

// A certificate that the key signs for itself. Not an authority: whoever trusts it trusts this key.
UniqueCertificate SelfSigned(EVP_PKEY& key, std::string_view common_name, std::int64_t now) {
  UniqueCertificate certificate(X509_new());
  X509_set_version(certificate.get(), X509_VERSION_3);
  const UniqueBignum serial(BN_new());
  BN_rand(serial.get(), 127, BN_RAND_TOP_ANY, BN_RAND_BOTTOM_ANY);
  BN_to_ASN1_INTEGER(serial.get(), X509_get_serialNumber(certificate.get()));
  // An hour earlier: the clock of a registry may be behind.
  ASN1_TIME_set(X509_getm_notBefore(certificate.get()), now - 3600);
  ASN1_TIME_set(X509_getm_notAfter(certificate.get()), now + kTenYears);
  X509_NAME* const name = X509_get_subject_name(certificate.get());
  X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8, Bytes(common_name),
                             static_cast<int>(common_name.size()), -1, 0);
  X509_set_issuer_name(certificate.get(), name);
  X509_set_pubkey(certificate.get(), &key);
  const bool is_ed25519 = EVP_PKEY_get_base_id(&key) == EVP_PKEY_ED25519;
  if (X509_sign(certificate.get(), &key, is_ed25519 ? nullptr : EVP_sha256()) == 0) return nullptr;
  return certificate;
}

std::string PemOf(X509& certificate) {
  const UniqueBio bio(BIO_new(BIO_s_mem()));
  PEM_write_bio_X509(bio.get(), &certificate);
  return TextOf(*bio);
}

// OpenSSL would ask at the terminal.
int NoPassPhrase(char*, int, int, void*) { return -1; }

// DER to both numbers side by side. Spec: RFC 7518 §3.4.
std::string RawSignature(std::string_view der, std::size_t size) {
  const unsigned char* at = Bytes(der);
  const std::unique_ptr<ECDSA_SIG, OpensslFree<ECDSA_SIG_free>> signature(
      d2i_ECDSA_SIG(nullptr, &at, static_cast<long>(der.size())));
  if (!signature) return {};
  std::string raw(2 * size, '\0');
  const int half = static_cast<int>(size);
  BN_bn2binpad(ECDSA_SIG_get0_r(signature.get()), Bytes(raw), half);
  BN_bn2binpad(ECDSA_SIG_get0_s(signature.get()), Bytes(raw) + size, half);
  return raw;
}

}  // namespace

Result<SigningKey> SigningKey::Generate(Algorithm algorithm, std::string_view common_name,
                                        std::int64_t now) {
  const UniquePkey key = NewKey(algorithm);
  if (!key) {
    return Fail(ErrorCode::kUnsupported,
                fmt::format("keys for {} are not made here", NameOf(algorithm)),
                "RS256, ES256 and EdDSA are");
  }
  const UniqueCertificate certificate = SelfSigned(*key, common_name, now);
  const UniqueBio bio(BIO_new(BIO_s_mem()));
  if (!certificate ||
      PEM_write_bio_PrivateKey(bio.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr) != 1) {
    return Broken("make a key");
  }
  return FromPem(Secret(TextOf(*bio) + PemOf(*certificate)));
}

Result<SigningKey> SigningKey::FromPem(const Secret& pem) {
  const UniqueBio bio = BioOf(pem.Reveal());
  UniquePkey key(PEM_read_bio_PrivateKey(bio.get(), nullptr, NoPassPhrase, nullptr));
  if (!key) return Invalid("has no private key, or one with a pass phrase");
  Result<PublicKey> public_key = MakePublicKey(PublicHalf(*key));
  if (!public_key) return std::move(public_key).error();
  const std::optional<Algorithm> algorithm = AlgorithmFor(*public_key);
  if (!algorithm) return Invalid("has a key of a kind that no token is signed with");
  auto parts = std::make_shared<Parts>(Parts{.key = std::move(key),
                                             .algorithm = *algorithm,
                                             .public_key = *std::move(public_key),
                                             .certificates = {},
                                             .chain = {}});
  for (const UniqueCertificate& certificate : CertificatesOf(pem.Reveal())) {
    if (parts->chain.empty() && X509_check_private_key(certificate.get(), parts->key.get()) != 1) {
      return Invalid("has a first certificate that is not the key's");
    }
    parts->certificates += PemOf(*certificate);
    parts->chain.push_back(Base64Encode(DerOf(*certificate)));
  }
  return SigningKey(std::move(parts));
}

Secret SigningKey::ToPem() const {
  const UniqueBio bio(BIO_new(BIO_s_mem()));
  PEM_write_bio_PrivateKey(bio.get(), parts_->key.get(), nullptr, nullptr, 0, nullptr, nullptr);
  return Secret(TextOf(*bio) + parts_->certificates);
}

const std::string& SigningKey::certificates() const { return parts_->certificates; }
const std::vector<std::string>& SigningKey::chain() const { return parts_->chain; }
Algorithm SigningKey::algorithm() const { return parts_->algorithm; }
const PublicKey& SigningKey::public_key() const { return parts_->public_key; }

Result<std::string> SigningKey::Sign(std::string_view message) const {
  const UniqueDigestContext context(EVP_MD_CTX_new());
  const EVP_MD* hash = EVP_sha256();
  if (parts_->algorithm == Algorithm::kEs384) hash = EVP_sha384();
  if (parts_->algorithm == Algorithm::kEdDsa) hash = nullptr;
  std::string signature(1024, '\0');  // RSA of 8,192 bits
  std::size_t size = signature.size();
  if (EVP_DigestSignInit(context.get(), nullptr, hash, nullptr, parts_->key.get()) != 1 ||
      EVP_DigestSign(context.get(), Bytes(signature), &size, Bytes(message), message.size()) != 1) {
    return Broken("sign");
  }
  signature.resize(size);
  if (parts_->algorithm == Algorithm::kEs256) return RawSignature(signature, 32);
  if (parts_->algorithm == Algorithm::kEs384) return RawSignature(signature, 48);
  return signature;
}

}  // namespace portolan::auth
