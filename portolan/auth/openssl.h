// OpenSSL's objects with owners. For .cc files of this room.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/evp.h>
#include <openssl/x509.h>

#include "portolan/auth/key.h"

namespace portolan::auth {

template <auto Free>
struct OpensslFree {
  template <typename T>
  void operator()(T* object) const {
    Free(object);
  }
};
using UniquePkey = std::unique_ptr<EVP_PKEY, OpensslFree<EVP_PKEY_free>>;
using UniqueDigestContext = std::unique_ptr<EVP_MD_CTX, OpensslFree<EVP_MD_CTX_free>>;
using UniqueBio = std::unique_ptr<BIO, OpensslFree<BIO_free_all>>;
using UniqueBignum = std::unique_ptr<BIGNUM, OpensslFree<BN_free>>;
using UniqueCertificate = std::unique_ptr<X509, OpensslFree<X509_free>>;

inline UniqueBio BioOf(std::string_view text) {
  return UniqueBio(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
}
/// What was written into a memory BIO.
inline std::string TextOf(BIO& bio) {
  char* data = nullptr;
  const long size = BIO_get_mem_data(&bio, &data);
  return {data, static_cast<std::size_t>(size)};
}
inline const unsigned char* Bytes(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}
inline unsigned char* Bytes(std::string& text) {
  return reinterpret_cast<unsigned char*>(text.data());
}

struct PublicKey::Parts {
  UniquePkey key;
  std::string jwk;
  std::string thumbprint;
  std::string libtrust_id;
};

/// Judges the key's kind and size, and makes its names. kConfigInvalid.
Result<PublicKey> MakePublicKey(UniquePkey key);

/// A DER certificate; null if it is none.
UniqueCertificate CertificateOf(std::string_view der);
/// All certificates of a PEM text, in order.
std::vector<UniqueCertificate> CertificatesOf(std::string_view pem);
std::string DerOf(X509& certificate);

}  // namespace portolan::auth
