#include <algorithm>
#include <array>
#include <cstddef>
#include <utility>

#include <boost/json/object.hpp>
#include <fmt/format.h>
#include <openssl/core_names.h>
#include <openssl/ecdsa.h>
#include <openssl/err.h>
#include <openssl/param_build.h>
#include <openssl/pem.h>

#include "portolan/auth/json_object.h"
#include "portolan/auth/key.h"
#include "portolan/auth/openssl.h"
#include "portolan/base/base64.h"
#include "portolan/oci/hash.h"

namespace portolan::auth {
namespace {

constexpr int kMinRsaBits = 2048;
constexpr int kMaxRsaBits = 8192;        // verifying costs with the square
constexpr std::size_t kMaxExponent = 8;  // bytes; and with the length of this

struct AlgorithmRow {
  std::string_view name;
  int key_type;         // EVP_PKEY_…
  std::size_t ec_size;  // bytes of a coordinate, of EC keys
  const EVP_MD* (*hash)();
};
constexpr AlgorithmRow kAlgorithms[] = {
    {"RS256", EVP_PKEY_RSA, 0, EVP_sha256}, {"RS384", EVP_PKEY_RSA, 0, EVP_sha384},
    {"RS512", EVP_PKEY_RSA, 0, EVP_sha512}, {"ES256", EVP_PKEY_EC, 32, EVP_sha256},
    {"ES384", EVP_PKEY_EC, 48, EVP_sha384}, {"EdDSA", EVP_PKEY_ED25519, 0, nullptr}};

const AlgorithmRow& RowOf(Algorithm algorithm) {
  return kAlgorithms[std::to_underlying(algorithm)];
}

Error Invalid(std::string_view why) {
  ERR_clear_error();
  return Fail(ErrorCode::kConfigInvalid, fmt::format("the key {}", why));
}

// Bytes of a coordinate; 0 for a curve that is not offered.
std::size_t CoordinateSize(const EVP_PKEY& key) {
  std::array<char, 64> name{};
  std::size_t size = 0;
  if (EVP_PKEY_get_utf8_string_param(&key, OSSL_PKEY_PARAM_GROUP_NAME, name.data(), name.size(),
                                     &size) != 1) {
    return 0;
  }
  const std::string_view curve(name.data(), size);
  if (curve == "prime256v1" || curve == "P-256") return 32;
  return curve == "secp384r1" || curve == "P-384" ? 48 : 0;
}

// A number of the key, big-endian: of `size` bytes, or of as many as it needs.
std::string NumberOf(const EVP_PKEY& key, const char* name, std::size_t size = 0) {
  BIGNUM* number = nullptr;
  if (EVP_PKEY_get_bn_param(&key, name, &number) != 1) return {};
  const UniqueBignum owned(number);
  std::string out(size != 0 ? size : static_cast<std::size_t>(BN_num_bytes(number)), '\0');
  if (BN_bn2binpad(number, Bytes(out), static_cast<int>(out.size())) < 0) return {};
  return out;
}

bool IsOdd(std::string_view number) {
  return !number.empty() && (static_cast<unsigned char>(number.back()) & 1U) != 0;
}

Result<std::string> JwkOf(const EVP_PKEY& key) {
  switch (EVP_PKEY_get_base_id(&key)) {
    case EVP_PKEY_RSA: {
      const int bits = EVP_PKEY_get_bits(&key);
      if (bits < kMinRsaBits || bits > kMaxRsaBits) {
        return Invalid(
            fmt::format("has {} bits, where RSA needs {} to {}", bits, kMinRsaBits, kMaxRsaBits));
      }
      const std::string e = NumberOf(key, OSSL_PKEY_PARAM_RSA_E);
      const std::string n = NumberOf(key, OSSL_PKEY_PARAM_RSA_N);
      // With e = 1 every message is its own signature.
      if (!IsOdd(e) || !IsOdd(n) || e == "\x01" || e.size() > kMaxExponent) {
        return Invalid("has an RSA modulus or exponent that no key has");
      }
      return fmt::format(R"({{"e":"{}","kty":"RSA","n":"{}"}})", Base64UrlEncode(e),
                         Base64UrlEncode(n));
    }
    case EVP_PKEY_EC: {
      const std::size_t size = CoordinateSize(key);
      if (size == 0) return Invalid("is on a curve other than P-256 and P-384");
      return fmt::format(R"({{"crv":"P-{}","kty":"EC","x":"{}","y":"{}"}})", size * 8,
                         Base64UrlEncode(NumberOf(key, OSSL_PKEY_PARAM_EC_PUB_X, size)),
                         Base64UrlEncode(NumberOf(key, OSSL_PKEY_PARAM_EC_PUB_Y, size)));
    }
    case EVP_PKEY_ED25519: {
      std::string raw(32, '\0');
      std::size_t size = raw.size();
      if (EVP_PKEY_get_raw_public_key(&key, Bytes(raw), &size) != 1) return Invalid("is unusable");
      return fmt::format(R"({{"crv":"Ed25519","kty":"OKP","x":"{}"}})", Base64UrlEncode(raw));
    }
    default:
      return Invalid("is neither RSA nor EC nor Ed25519");
  }
}

// RFC 4648 §6, of the first 240 bits, in groups of four.
std::string LibtrustId(std::string_view der) {
  constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
  const oci::Sha256Bytes hash = oci::Sha256(der);
  std::string out;
  unsigned bits = 0;
  unsigned held = 0;
  for (std::size_t i = 0; i < 30; ++i) {
    bits = (bits << 8U) | std::to_integer<unsigned>(hash[i]);
    held += 8;
    for (; held >= 5; held -= 5) {
      if (out.size() % 5 == 4) out += ':';
      out += kAlphabet[(bits >> (held - 5)) & 31U];
    }
  }
  return out;
}

Result<std::string> BytesMember(const boost::json::object& jwk, std::string_view name) {
  PORTOLAN_TRY(const std::string text, TextMember(jwk, name));
  if (text.empty()) return Invalid(fmt::format("has no \"{}\"", name));
  return Base64Decode(text);
}

// A key of what a builder holds. Null if it is none: a point that is not on its curve. Not checked
// further (EVP_PKEY_public_check looks whether an RSA modulus of 8,192 bits is a prime, for a tenth
// of a second): a token of anybody's may have a key in its header.
UniquePkey KeyOf(const char* kind, OSSL_PARAM_BLD& builder) {
  const std::unique_ptr<OSSL_PARAM, OpensslFree<OSSL_PARAM_free>> parameters(
      OSSL_PARAM_BLD_to_param(&builder));
  const std::unique_ptr<EVP_PKEY_CTX, OpensslFree<EVP_PKEY_CTX_free>> context(
      EVP_PKEY_CTX_new_from_name(nullptr, kind, nullptr));
  EVP_PKEY* key = nullptr;
  if (!parameters || !context || EVP_PKEY_fromdata_init(context.get()) != 1 ||
      EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_PUBLIC_KEY, parameters.get()) != 1) {
    return nullptr;
  }
  return UniquePkey(key);
}

using UniqueBuilder = std::unique_ptr<OSSL_PARAM_BLD, OpensslFree<OSSL_PARAM_BLD_free>>;

Result<UniquePkey> RsaOf(const boost::json::object& jwk) {
  PORTOLAN_TRY(const std::string n, BytesMember(jwk, "n"));
  PORTOLAN_TRY(const std::string e, BytesMember(jwk, "e"));
  // Before anything is computed with it.
  if (n.size() > kMaxRsaBits / 8 + 1 || e.size() > kMaxExponent) return Invalid("is too large");
  const UniqueBuilder builder(OSSL_PARAM_BLD_new());
  const UniqueBignum modulus(BN_bin2bn(Bytes(n), static_cast<int>(n.size()), nullptr));
  const UniqueBignum exponent(BN_bin2bn(Bytes(e), static_cast<int>(e.size()), nullptr));
  OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_N, modulus.get());
  OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_E, exponent.get());
  return KeyOf("RSA", *builder);
}

Result<UniquePkey> EcOf(const boost::json::object& jwk) {
  PORTOLAN_TRY(const std::string curve, TextMember(jwk, "crv"));
  if (curve != "P-256" && curve != "P-384") {
    return Invalid("is on a curve other than P-256 and P-384");
  }
  PORTOLAN_TRY(std::string x, BytesMember(jwk, "x"));
  PORTOLAN_TRY(std::string y, BytesMember(jwk, "y"));
  const std::size_t size = curve == "P-256" ? 32 : 48;
  if (x.size() > size || y.size() > size) return Invalid("has coordinates that are too long");
  // Some write coordinates without the zeros in front.
  x.insert(0, size - x.size(), '\0');
  y.insert(0, size - y.size(), '\0');
  const std::string point = '\x04' + x + y;
  const UniqueBuilder builder(OSSL_PARAM_BLD_new());
  OSSL_PARAM_BLD_push_utf8_string(builder.get(), OSSL_PKEY_PARAM_GROUP_NAME, curve.c_str(), 0);
  OSSL_PARAM_BLD_push_octet_string(builder.get(), OSSL_PKEY_PARAM_PUB_KEY, point.data(),
                                   point.size());
  return KeyOf("EC", *builder);
}

Result<UniquePkey> OkpOf(const boost::json::object& jwk) {
  PORTOLAN_TRY(const std::string curve, TextMember(jwk, "crv"));
  if (curve != "Ed25519") return Invalid("is on a curve other than Ed25519");
  PORTOLAN_TRY(const std::string x, BytesMember(jwk, "x"));
  return UniquePkey(EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, Bytes(x), x.size()));
}

// JWS has both numbers of the signature side by side, OpenSSL wants them as DER. Spec: RFC 7518
// §3.4.
std::string DerSignature(std::string_view raw, std::size_t size) {
  if (raw.size() != 2 * size) return {};
  const std::unique_ptr<ECDSA_SIG, OpensslFree<ECDSA_SIG_free>> signature(ECDSA_SIG_new());
  const int half = static_cast<int>(size);
  ECDSA_SIG_set0(signature.get(), BN_bin2bn(Bytes(raw), half, nullptr),
                 BN_bin2bn(Bytes(raw) + size, half, nullptr));
  unsigned char* der = nullptr;
  const int length = i2d_ECDSA_SIG(signature.get(), &der);
  if (length <= 0) return {};
  std::string out(reinterpret_cast<char*>(der), static_cast<std::size_t>(length));
  OPENSSL_free(der);
  return out;
}

}  // namespace

std::string_view NameOf(Algorithm algorithm) { return RowOf(algorithm).name; }

std::optional<Algorithm> AlgorithmOf(std::string_view name) {
  const auto* const row = std::ranges::find(kAlgorithms, name, &AlgorithmRow::name);
  if (row == std::end(kAlgorithms)) return std::nullopt;
  return static_cast<Algorithm>(row - std::begin(kAlgorithms));
}

Result<PublicKey> MakePublicKey(UniquePkey key) {
  if (!key) return Invalid("cannot be understood");
  PORTOLAN_TRY(std::string jwk, JwkOf(*key));
  const oci::Sha256Bytes hash = oci::Sha256(jwk);
  unsigned char* der = nullptr;
  const int size = i2d_PUBKEY(key.get(), &der);
  if (size <= 0) return Invalid("is unusable");
  std::string libtrust_id =
      LibtrustId({reinterpret_cast<char*>(der), static_cast<std::size_t>(size)});
  OPENSSL_free(der);
  auto parts = std::make_shared<PublicKey::Parts>();
  parts->thumbprint = Base64UrlEncode({reinterpret_cast<const char*>(hash.data()), hash.size()});
  parts->key = std::move(key);
  parts->jwk = std::move(jwk);
  parts->libtrust_id = std::move(libtrust_id);
  return PublicKey(std::move(parts));
}

Result<PublicKey> PublicKey::FromPem(std::string_view pem) {
  const UniqueBio bio = BioOf(pem);
  return MakePublicKey(UniquePkey(PEM_read_bio_PUBKEY(bio.get(), nullptr, nullptr, nullptr)));
}

Result<PublicKey> PublicKey::FromJwk(std::string_view json) {
  const auto read = [&]() -> Result<UniquePkey> {
    PORTOLAN_TRY(const boost::json::object jwk, ParseJsonObject(json, "the key"));
    PORTOLAN_TRY(const std::string use, TextMember(jwk, "use"));
    if (!use.empty() && use != "sig") return Invalid("is not for signatures");
    PORTOLAN_TRY(const std::string kind, TextMember(jwk, "kty"));
    if (kind == "RSA") return RsaOf(jwk);
    if (kind == "EC") return EcOf(jwk);
    if (kind == "OKP") return OkpOf(jwk);
    return Invalid("is neither RSA nor EC nor OKP");
  };
  Result<UniquePkey> key = read();
  if (key) return MakePublicKey(*std::move(key));
  Error error = std::move(key).error();
  error.code = ErrorCode::kConfigInvalid;
  return error;
}

bool PublicKey::Suits(Algorithm algorithm) const {
  const AlgorithmRow& row = RowOf(algorithm);
  const EVP_PKEY& key = *parts_->key;
  if (EVP_PKEY_get_base_id(&key) != row.key_type) return false;
  return row.ec_size == 0 || CoordinateSize(key) == row.ec_size;
}

bool PublicKey::Verifies(Algorithm algorithm, std::string_view message,
                         std::string_view signature) const {
  if (!Suits(algorithm)) return false;
  const AlgorithmRow& row = RowOf(algorithm);
  std::string der;
  if (row.ec_size != 0) signature = der = DerSignature(signature, row.ec_size);
  if (signature.empty()) return false;
  const UniqueDigestContext context(EVP_MD_CTX_new());
  const bool right =
      EVP_DigestVerifyInit(context.get(), nullptr, row.hash != nullptr ? row.hash() : nullptr,
                           nullptr, parts_->key.get()) == 1 &&
      EVP_DigestVerify(context.get(), Bytes(signature), signature.size(), Bytes(message),
                       message.size()) == 1;
  if (!right) ERR_clear_error();
  return right;
}

const std::string& PublicKey::jwk() const { return parts_->jwk; }
const std::string& PublicKey::thumbprint() const { return parts_->thumbprint; }
const std::string& PublicKey::libtrust_id() const { return parts_->libtrust_id; }

}  // namespace portolan::auth
