// Tokens as text: what is read, and everything that is not.
#include "portolan/auth/jwt.h"

#include <string>

#include <gtest/gtest.h>

#include "portolan/auth/testing/test_token.h"
#include "portolan/base/base64.h"

namespace portolan::auth {
namespace {

constexpr std::string_view kHeader = R"({"alg":"ES256","typ":"JWT","kid":"k"})";
constexpr std::string_view kClaims = R"({"iss":"i","sub":"kim","aud":"a","exp":10,"access":[]})";

TEST(JwtTest, ReadsWhatIssuersWrite) {
  const auto jwt = ParseJwt(UnsignedToken(
      kHeader,
      R"({"iss":"i","sub":"kim","aud":["a","b"],"exp":1.5e3,"nbf":-1,"iat":20.9,"jti":"j","n":1,)"
      R"("yes":true,"groups":["g"],"access":[{"type":"repository","class":"","name":"a/b",)"
      R"("actions":["pull","push"]},{"type":"registry","name":"catalog","actions":null}]})",
      "signature"));
  ASSERT_TRUE(jwt) << jwt.error().message;
  EXPECT_EQ(jwt->algorithm, Algorithm::kEs256);
  EXPECT_EQ(jwt->kid, "k");
  EXPECT_EQ(jwt->signature, "signature");
  const Claims& claims = jwt->claims;
  EXPECT_EQ(claims.issuer, "i");
  EXPECT_EQ(claims.subject, "kim");
  EXPECT_EQ(claims.audiences, (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(claims.expires, 1500);
  EXPECT_EQ(claims.not_before, -1);
  EXPECT_EQ(claims.issued_at, 20);
  EXPECT_EQ(claims.id, "j");
  EXPECT_EQ(claims.access, (std::vector<wire::Scope>{{"repository", "a/b", {"pull", "push"}},
                                                     {"registry", "catalog", {}}}));
  EXPECT_EQ(claims.others.at("n"), "1");
  EXPECT_EQ(claims.others.at("yes"), "true");
  EXPECT_FALSE(claims.others.contains("groups"));
}

TEST(JwtTest, AccessThatIsNullIsEmptyAndAbsentIsAbsent) {
  EXPECT_TRUE(ParseJwt(UnsignedToken(kHeader, R"({"access":null})"))->claims.access->empty());
  EXPECT_FALSE(ParseJwt(UnsignedToken(kHeader, "{}"))->claims.access);
}

TEST(JwtTest, RefusesHeaders) {
  const struct Row {
    const char* name;
    std::string header;
  } rows[] = {
      {"none", R"({"alg":"none"})"},
      {"None", R"({"alg":"None"})"},
      {"nothing", R"({})"},
      {"empty", R"({"alg":""})"},
      {"a shared secret", R"({"alg":"HS256"})"},
      {"PSS", R"({"alg":"PS256"})"},
      {"lower case", R"({"alg":"es256"})"},
      {"a list of algorithms", R"({"alg":["ES256"]})"},
      {"alg twice", R"({"alg":"none","alg":"ES256"})"},
      {"alg twice, escaped", R"({"\u0061lg":"none","alg":"ES256"})"},
      {"crit", R"({"alg":"ES256","crit":["b64"],"b64":false})"},
      {"empty crit", R"({"alg":"ES256","crit":[]})"},
      {"another type", R"({"alg":"ES256","typ":"at+jwt"})"},
      {"encrypted", R"({"alg":"RSA-OAEP","enc":"A128GCM"})"},
      {"kid that is a number", R"({"alg":"ES256","kid":1})"},
      {"jwk that is a text", R"({"alg":"ES256","jwk":"x"})"},
      {"jwk with a secret", R"({"alg":"ES256","jwk":{"kty":"oct","k":"AAAA"}})"},
      {"x5c that is a text", R"({"alg":"ES256","x5c":"AAAA"})"},
      {"x5c of numbers", R"({"alg":"ES256","x5c":[1]})"},
      {"x5c that is no Base64", R"({"alg":"ES256","x5c":["!!!!"]})"},
      {"nine certificates",
       R"({"alg":"ES256","x5c":["AA","AA","AA","AA","AA","AA","AA","AA","AA"]})"},
      {"a list", "[]"},
      {"two objects", R"({"alg":"ES256"}{})"},
      {"no JSON", "alg=ES256"},
      {"no UTF-8", "{\"alg\":\"ES256\",\"x\":\"\xff\"}"},
  };
  for (const Row& row : rows) {
    const auto jwt = ParseJwt(UnsignedToken(row.header, kClaims));
    ASSERT_FALSE(jwt) << row.name;
    EXPECT_EQ(jwt.error().code, ErrorCode::kUnauthorized) << row.name;
  }
  EXPECT_TRUE(ParseJwt(UnsignedToken(R"({"alg":"ES256","typ":"jwt","x5c":[]})", kClaims)));
}

TEST(JwtTest, AddressesInTheHeaderAreNotRead) {
  const auto jwt = ParseJwt(UnsignedToken(
      R"({"alg":"ES256","jku":"http://169.254.169.254/","x5u":"http://localhost/"})", kClaims));
  ASSERT_TRUE(jwt) << jwt.error().message;
  EXPECT_EQ(jwt->kid, "");
  EXPECT_TRUE(jwt->chain.empty());
  EXPECT_FALSE(jwt->own_key);
}

TEST(JwtTest, RefusesClaims) {
  std::string many = R"({"access":[)";
  for (int i = 0; i < 101; ++i) many += std::string(i > 0 ? "," : "") + R"({"type":"repository"})";
  const struct Row {
    const char* name;
    std::string claims;
  } rows[] = {
      {"a list", "[]"},
      {"exp twice", R"({"exp":1,"exp":9999999999})"},
      {"a name twice inside", R"({"access":[{"type":"a","type":"b"}]})"},
      {"a name twice in what nobody reads", R"({"x":{"y":[{"z":1,"z":2}]}})"},
      {"exp as text", R"({"exp":"9999999999"})"},
      {"exp null", R"({"exp":null})"},
      {"exp beyond reason", R"({"exp":1e300})"},
      {"exp beyond 64 bits", R"({"exp":18446744073709551615})"},
      {"exp before time", R"({"exp":-1e300})"},
      {"nbf as truth", R"({"nbf":true})"},
      {"iat as a list", R"({"iat":[1]})"},
      {"iss as a number", R"({"iss":1})"},
      {"sub as a list", R"({"sub":["a"]})"},
      {"sub with a line", R"({"sub":"kim\nGET /"})"},
      {"sub with NUL", R"({"sub":"kim\u0000"})"},
      {"a long sub", R"({"sub":")" + std::string(256, 'a') + R"("})"},
      {"aud as a number", R"({"aud":1})"},
      {"aud of numbers", R"({"aud":["a",1]})"},
      {"access as a text", R"({"access":"repository:a:pull"})"},
      {"access of texts", R"({"access":["repository:a:pull"]})"},
      {"actions as a text", R"({"access":[{"type":"repository","name":"a","actions":"pull"}]})"},
      {"actions of numbers", R"({"access":[{"type":"repository","name":"a","actions":[1]}]})"},
      {"101 scopes", many + "]}"},
      {"33 levels", std::string(33, '[')},
      {"no UTF-8", "{\"sub\":\"\xc3\"}"},
  };
  for (const Row& row : rows) {
    const auto jwt = ParseJwt(UnsignedToken(kHeader, row.claims));
    ASSERT_FALSE(jwt) << row.name;
    EXPECT_EQ(jwt.error().code, ErrorCode::kUnauthorized) << row.name;
  }
  EXPECT_TRUE(ParseJwt(UnsignedToken(kHeader, R"({"sub":")" + std::string(255, 'a') + R"("})")));
}

TEST(JwtTest, RefusesTexts) {
  const std::string good = UnsignedToken(kHeader, kClaims, "s");
  ASSERT_TRUE(ParseJwt(good));
  const std::string header = Base64UrlEncode(kHeader);
  const std::string claims = Base64UrlEncode(kClaims);
  const std::string rows[] = {
      "",
      ".",
      "..",
      "...",
      header,
      header + "." + claims,
      good + ".",
      good + ".e30.e30",  // encrypted (JWE) has five parts
      " " + good,
      good + " ",
      good + "\n",
      header + "." + claims + ".cw==",  // padded
      header + "." + claims + ".cx",    // bits that say nothing
      header + "." + claims + ".+/+/",  // the other alphabet
      header + "==." + claims + ".cw",
      header + "." + claims + ".c",
  };
  for (const std::string& row : rows) {
    const auto jwt = ParseJwt(row);
    ASSERT_FALSE(jwt) << row;
    EXPECT_EQ(jwt.error().code, ErrorCode::kUnauthorized) << row;
    EXPECT_EQ(jwt.error().message.find(claims), std::string::npos);
  }
}

TEST(JwtTest, ReadsNoMoreThan64KiB) {
  const auto sized = [](std::size_t size) {
    std::string token = UnsignedToken(kHeader, R"({"sub":"kim"})", "");
    token += std::string(size - token.size(), 'A');
    while ((token.size() - token.rfind('.') - 1) % 4 == 1) token.pop_back();
    return token;
  };
  EXPECT_TRUE(ParseJwt(sized(kMaxJwt - 4)));
  EXPECT_FALSE(ParseJwt(sized(kMaxJwt + 4)));
  EXPECT_FALSE(ParseJwt(std::string(10'000'000, '.')));
}

TEST(JwtTest, WritesWhatItReads) {
  const Claims claims{.issuer = "i",
                      .subject = "kim \"x\"",
                      .audiences = {"a"},
                      .expires = 30,
                      .not_before = 10,
                      .issued_at = 20,
                      .id = "j",
                      .access = std::vector<wire::Scope>{{"repository", "a/b", {"pull"}}},
                      .others = {}};
  for (const Algorithm algorithm : {Algorithm::kRs256, Algorithm::kEs256, Algorithm::kEdDsa}) {
    for (const KidStyle style : {KidStyle::kThumbprint, KidStyle::kLibtrust}) {
      const SigningKey& key = TestKey(algorithm);
      const std::string token = SignJwt(key, style, claims).value();
      const Jwt jwt = ParseJwt(token).value();
      EXPECT_EQ(jwt.algorithm, algorithm);
      EXPECT_EQ(jwt.kid, style == KidStyle::kLibtrust ? key.public_key().libtrust_id()
                                                      : key.public_key().thumbprint());
      ASSERT_EQ(jwt.chain.size(), 1U);
      EXPECT_EQ(Base64Encode(jwt.chain[0]), key.chain()[0]);
      EXPECT_TRUE(key.public_key().Verifies(algorithm, jwt.signed_part, jwt.signature));
      Claims read = jwt.claims;
      read.others.clear();
      EXPECT_EQ(read, claims);
      // `aud` as a text: many readers take no list.
      const std::string text =
          Base64Decode(jwt.signed_part.substr(jwt.signed_part.find('.') + 1)).value();
      EXPECT_NE(text.find(R"("aud":"a")"), std::string::npos) << text;
    }
  }
}

}  // namespace
}  // namespace portolan::auth
