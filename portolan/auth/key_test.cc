// Keys: the specifications' own examples, what no key may be, and what names it has.
#include "portolan/auth/key.h"

#include <cctype>
#include <string>

#include <gtest/gtest.h>
#include <openssl/pem.h>
#include <openssl/sha.h>

#include "portolan/auth/openssl.h"
#include "portolan/auth/testing/test_token.h"
#include "portolan/base/base64.h"

namespace portolan::auth {
namespace {

// RFC 7638 §3.1.
constexpr std::string_view kRfc7638 =
    R"({"kty":"RSA","n":"0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw","e":"AQAB","alg":"RS256","kid":"2011-04-29"})";
// RFC 8037 appendix A.2.
constexpr std::string_view kRfc8037 =
    R"({"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"})";
// RFC 7515 appendix A.2.1.
constexpr std::string_view kRfc7515Rsa =
    R"({"kty":"RSA","n":"ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ","e":"AQAB"})";
// RFC 7515 appendix A.3.1.
constexpr std::string_view kRfc7515Ec =
    R"({"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"})";

PublicKey KeyOf(std::string_view jwk) {
  auto key = PublicKey::FromJwk(jwk);
  if (!key) {
    ADD_FAILURE() << key.error().message;
    std::abort();
  }
  return *std::move(key);
}

TEST(PublicKeyTest, ThumbprintsOfTheSpecifications) {
  EXPECT_EQ(KeyOf(kRfc7638).thumbprint(), "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs");
  EXPECT_EQ(KeyOf(kRfc8037).thumbprint(), "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");
  EXPECT_EQ(KeyOf(kRfc8037).jwk(),
            R"({"crv":"Ed25519","kty":"OKP","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"})");
}

TEST(PublicKeyTest, SignaturesOfTheSpecifications) {
  struct Row {
    const char* name;
    Algorithm algorithm;
    std::string_view jwk;
    std::string header;
    std::string payload;
    std::string signature;
  };
  const std::string joe =
      "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVl"
      "fQ";
  const Row rows[] = {
      {"RFC 7515 A.2", Algorithm::kRs256, kRfc7515Rsa, "eyJhbGciOiJSUzI1NiJ9", joe,
       "cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_"
       "O8W2Fp5"
       "jujGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_"
       "nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb"
       "1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-"
       "eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QO"
       "YEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw"},
      {"RFC 7515 A.3", Algorithm::kEs256, kRfc7515Ec, "eyJhbGciOiJFUzI1NiJ9", joe,
       "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q"},
      {"RFC 8037 A.4", Algorithm::kEdDsa, kRfc8037, "eyJhbGciOiJFZERTQSJ9",
       "RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc",
       "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg"}};
  for (const Row& row : rows) {
    SCOPED_TRACE(row.name);
    const PublicKey key = KeyOf(row.jwk);
    const std::string message = row.header + "." + row.payload;
    std::string signature = Base64Decode(row.signature).value();
    EXPECT_TRUE(key.Verifies(row.algorithm, message, signature));
    EXPECT_FALSE(key.Verifies(row.algorithm, message + "x", signature));
    EXPECT_FALSE(key.Verifies(row.algorithm, message, signature + "x"));
    EXPECT_FALSE(key.Verifies(row.algorithm, message, signature.substr(1)));
    EXPECT_FALSE(key.Verifies(row.algorithm, message, ""));
    // No algorithm but the key's own, whatever a token says.
    for (const Algorithm other : {Algorithm::kRs256, Algorithm::kRs384, Algorithm::kRs512,
                                  Algorithm::kEs256, Algorithm::kEs384, Algorithm::kEdDsa}) {
      if (other == row.algorithm) continue;
      EXPECT_FALSE(key.Verifies(other, message, signature)) << NameOf(other);
    }
    signature[10] = static_cast<char>(signature[10] ^ 1);
    EXPECT_FALSE(key.Verifies(row.algorithm, message, signature));
  }
}

TEST(PublicKeyTest, AnEcSignatureOfZeros) {  // CVE-2022-21449
  EXPECT_FALSE(KeyOf(kRfc7515Ec).Verifies(Algorithm::kEs256, "message", std::string(64, '\0')));
}

TEST(PublicKeyTest, WhatNoKeyIs) {
  const std::string n2047 = Base64UrlEncode("\x7f" + std::string(255, '\xff'));
  const std::string n2048 = Base64UrlEncode("\xff" + std::string(255, '\xff'));
  const std::string even = Base64UrlEncode("\xff" + std::string(254, '\xff') + "\xfe");
  const std::string huge = Base64UrlEncode(std::string(2048, '\xff'));
  const auto rsa = [](const std::string& n, const std::string& e) {
    return R"({"kty":"RSA","n":")" + n + R"(","e":")" + e + R"("})";
  };
  ASSERT_TRUE(PublicKey::FromJwk(rsa(n2048, "AQAB")));
  ASSERT_TRUE(PublicKey::FromJwk(rsa(n2048, "Aw")));
  const struct Row {
    const char* name;
    std::string jwk;
  } rows[] = {
      {"no JSON", "x"},
      {"a list", "[]"},
      {"no kind", "{}"},
      {"a shared secret", R"({"kty":"oct","k":"AAAA"})"},
      {"another kind",
       R"({"kty":"OTP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"})"},
      {"for encryption", R"({"use":"enc",)" + std::string(kRfc8037.substr(1))},
      {"2,047 bits", rsa(n2047, "AQAB")},
      {"an even modulus", rsa(even, "AQAB")},
      {"a huge modulus", rsa(huge, "AQAB")},
      {"e = 0", rsa(n2048, "AA")},
      {"e = 1", rsa(n2048, "AQ")},
      {"e = 1 with zeros", rsa(n2048, "AAAB")},
      {"e = 2", rsa(n2048, "Ag")},
      {"a huge exponent", rsa(n2048, "AQAAAAAAAAAAAAAB")},
      {"no exponent", R"({"kty":"RSA","n":")" + n2048 + R"("})"},
      {"a number for n", R"({"kty":"RSA","n":5,"e":"AQAB"})"},
      {"n twice", R"({"kty":"RSA","n":")" + n2048 + R"(","n":")" + n2048 + R"(","e":"AQAB"})"},
      {"off the curve",
       R"({"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5b0"})"},
      {"zero point", R"({"kty":"EC","crv":"P-256","x":"AA","y":"AA"})"},
      {"a point of another curve",
       R"({"kty":"EC","crv":"P-384","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"})"},
      {"P-521", R"({"kty":"EC","crv":"P-521","x":"AA","y":"AA"})"},
      {"long coordinates", R"({"kty":"EC","crv":"P-256","x":")" + n2048 + R"(","y":"AA"})"},
      {"a short point", R"({"kty":"OKP","crv":"Ed25519","x":"11qY"})"},
      {"X25519",
       R"({"kty":"OKP","crv":"X25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"})"},
  };
  for (const Row& row : rows) {
    const auto key = PublicKey::FromJwk(row.jwk);
    EXPECT_FALSE(key) << row.name;
    if (!key) EXPECT_EQ(key.error().code, ErrorCode::kConfigInvalid) << row.name;
  }
}

// Go's big.Int.Bytes() drops zeros in front; the thumbprint is of the padded form all the same.
TEST(PublicKeyTest, CoordinatesWithoutZerosInFront) {
  for (;;) {
    const UniquePkey made(EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", "P-256"));
    const UniqueBio bio(BIO_new(BIO_s_mem()));
    ASSERT_EQ(PEM_write_bio_PUBKEY(bio.get(), made.get()), 1);
    const PublicKey key = PublicKey::FromPem(TextOf(*bio)).value();
    const std::string jwk = key.jwk();
    const std::size_t at = jwk.find(R"("x":")") + 5;
    const std::string x = Base64Decode(jwk.substr(at, 43)).value();
    if (x[0] != '\0') continue;  // one of 256 keys
    std::string short_jwk = jwk;
    short_jwk.replace(at, 43, Base64UrlEncode(x.substr(1)));
    EXPECT_EQ(KeyOf(short_jwk).jwk(), jwk);
    EXPECT_EQ(KeyOf(short_jwk).thumbprint(), key.thumbprint());
    return;
  }
}

// As github.com/docker/libtrust does it, from OpenSSL's own DER, five bits after five.
std::string LibtrustOf(EVP_PKEY& key) {
  unsigned char* der = nullptr;
  const int size = i2d_PUBKEY(&key, &der);
  unsigned char hash[SHA256_DIGEST_LENGTH];
  SHA256(der, static_cast<std::size_t>(size), hash);
  OPENSSL_free(der);
  std::string out;
  for (unsigned group = 0; group < 48; ++group) {
    unsigned value = 0;
    for (unsigned bit = group * 5; bit < group * 5 + 5; ++bit) {
      value = value * 2 + ((hash[bit / 8] >> (7 - bit % 8)) & 1U);
    }
    if (group % 4 == 0 && group > 0) out += ':';
    out += static_cast<char>(value < 26 ? 'A' + value : '2' + (value - 26));
  }
  return out;
}

TEST(PublicKeyTest, LibtrustNamesAreOfTheDer) {
  for (const char* const kind : {"RSA", "EC", "ED25519"}) {
    SCOPED_TRACE(kind);
    const UniquePkey made(
        std::string(kind) == "RSA"  ? EVP_PKEY_Q_keygen(nullptr, nullptr, "RSA", std::size_t{2048})
        : std::string(kind) == "EC" ? EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", "P-256")
                                    : EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519"));
    const UniqueBio bio(BIO_new(BIO_s_mem()));
    ASSERT_EQ(PEM_write_bio_PUBKEY(bio.get(), made.get()), 1);
    const PublicKey key = PublicKey::FromPem(TextOf(*bio)).value();
    EXPECT_EQ(key.libtrust_id(), LibtrustOf(*made));
    EXPECT_EQ(key.libtrust_id().size(), 59U);
  }
}

TEST(SigningKeyTest, SignsWhatItsPublicKeyVerifies) {
  for (const Algorithm algorithm : {Algorithm::kRs256, Algorithm::kEs256, Algorithm::kEdDsa}) {
    SCOPED_TRACE(NameOf(algorithm));
    const SigningKey& key = TestKey(algorithm);
    EXPECT_EQ(key.algorithm(), algorithm);
    const std::string signature = key.Sign("message").value();
    EXPECT_TRUE(key.public_key().Verifies(algorithm, "message", signature));
    EXPECT_FALSE(StrangersKey(algorithm).public_key().Verifies(algorithm, "message", signature));
    const SigningKey again = SigningKey::FromPem(key.ToPem()).value();
    EXPECT_EQ(again.public_key().jwk(), key.public_key().jwk());
    EXPECT_EQ(again.chain(), key.chain());
    EXPECT_EQ(again.certificates(), key.certificates());
    EXPECT_EQ(key.chain().size(), 1U);
    EXPECT_EQ(key.certificates().find("PRIVATE"), std::string::npos);
  }
  EXPECT_FALSE(SigningKey::Generate(Algorithm::kRs512, "x", 0));
}

TEST(SigningKeyTest, WhatNoKeyFileIs) {
  const std::string pem = TestKey(Algorithm::kEs256).ToPem().Reveal();
  const std::string certificate = TestKey(Algorithm::kEs256).certificates();
  const std::string key = pem.substr(0, pem.size() - certificate.size());
  const UniquePkey weak(EVP_PKEY_Q_keygen(nullptr, nullptr, "RSA", std::size_t{1024}));
  const UniqueBio bio(BIO_new(BIO_s_mem()));
  PEM_write_bio_PrivateKey(bio.get(), weak.get(), nullptr, nullptr, 0, nullptr, nullptr);
  const UniqueBio locked(BIO_new(BIO_s_mem()));
  unsigned char phrase[] = "phrase";
  PEM_write_bio_PrivateKey(locked.get(), weak.get(), EVP_aes_128_cbc(), phrase, 6, nullptr,
                           nullptr);
  const struct Row {
    const char* name;
    std::string text;
  } rows[] = {{"empty", ""},
              {"no key", certificate},
              {"another's certificate", key + StrangersKey(Algorithm::kEs256).certificates()},
              {"a short key", TextOf(*bio)},
              {"with a pass phrase", TextOf(*locked)}};
  for (const Row& row : rows) {
    const auto read = SigningKey::FromPem(Secret(row.text));
    ASSERT_FALSE(read) << row.name;
    EXPECT_EQ(read.error().code, ErrorCode::kConfigInvalid) << row.name;
  }
  EXPECT_TRUE(SigningKey::FromPem(Secret(key))->chain().empty());
}

}  // namespace
}  // namespace portolan::auth
