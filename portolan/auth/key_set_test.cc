#include "portolan/auth/key_set.h"

#include <string>

#include <gtest/gtest.h>

#include "portolan/auth/testing/test_token.h"

namespace portolan::auth {
namespace {

const PublicKey& Public(Algorithm algorithm) { return TestKey(algorithm).public_key(); }

TEST(KeySetTest, IsReadAsItIsWritten) {
  KeySet set;
  for (const Algorithm algorithm : {Algorithm::kRs256, Algorithm::kEs256, Algorithm::kEdDsa}) {
    set.Add(Public(algorithm));
  }
  const auto again = KeySet::FromJwks(set.ToJwks());
  ASSERT_TRUE(again) << set.ToJwks();
  EXPECT_EQ(again->ToJwks(), set.ToJwks());
  for (const Algorithm algorithm : {Algorithm::kRs256, Algorithm::kEs256, Algorithm::kEdDsa}) {
    SCOPED_TRACE(NameOf(algorithm));
    const PublicKey& key = Public(algorithm);
    for (const std::string& name : {key.thumbprint(), key.libtrust_id()}) {
      ASSERT_NE(again->Find(name), nullptr);
      EXPECT_EQ(again->Find(name)->jwk(), key.jwk());
    }
    EXPECT_NE(set.ToJwks().find("\"alg\":\"" + std::string(NameOf(algorithm)) + "\""),
              std::string::npos);
  }
  EXPECT_EQ(again->Find(""), nullptr);
  EXPECT_EQ(again->Find("nosuch"), nullptr);
}

TEST(KeySetTest, LeavesOutWhatIsNotForSignatures) {
  const std::string ec = Public(Algorithm::kEs256).jwk().substr(1);
  const std::string rsa = Public(Algorithm::kRs256).jwk().substr(1);
  const auto set = KeySet::FromJwks(
      R"({"keys":[{"kty":"oct","kid":"secret","k":"AAAA"},{"kid":"enc","use":"enc",)" + rsa +
      R"(,{"kid":"new","kty":"ML-DSA"},5,{"kid":7,)" + rsa + R"(,{"kid":"ours","use":"sig",)" + ec +
      "]}");
  ASSERT_TRUE(set) << set.error().message;
  EXPECT_EQ(set->Find("secret"), nullptr);
  EXPECT_EQ(set->Find("enc"), nullptr);
  EXPECT_EQ(set->Find("new"), nullptr);
  EXPECT_EQ(set->Find(Public(Algorithm::kRs256).thumbprint()), nullptr);
  EXPECT_NE(set->Find("ours"), nullptr);
}

TEST(KeySetTest, OfTwoKeysOfOneNameTheFirstCounts) {
  const std::string ec = Public(Algorithm::kEs256).jwk().substr(1);
  const std::string rsa = Public(Algorithm::kRs256).jwk().substr(1);
  const auto set =
      KeySet::FromJwks(R"({"keys":[{"kid":"k",)" + ec + R"(,{"kid":"k",)" + rsa + "]}");
  ASSERT_TRUE(set);
  EXPECT_EQ(set->Find("k")->jwk(), Public(Algorithm::kEs256).jwk());
  EXPECT_NE(set->Find(Public(Algorithm::kRs256).thumbprint()), nullptr);
}

TEST(KeySetTest, NoKeys) {
  const auto set = KeySet::FromJwks(R"({"keys":[]})");
  ASSERT_TRUE(set);
  EXPECT_TRUE(set->empty());
  EXPECT_EQ(set->ToJwks(), R"({"keys":[]})");
}

TEST(KeySetTest, WhatNoKeySetIs) {
  std::string many = R"({"keys":[{})";
  for (std::size_t i = 0; i < KeySet::kMaxKeys; ++i) many += ",{}";
  for (const std::string& text :
       {std::string(), std::string("[]"), std::string("{}"), std::string(R"({"keys":{}})"),
        std::string(R"({"keys":[{"kty":"oct","k":"AAAA"}]})"),
        std::string(R"({"keys":[],"keys":[]})"), many + "]}"}) {
    const auto set = KeySet::FromJwks(text);
    ASSERT_FALSE(set) << text;
    EXPECT_EQ(set.error().code, ErrorCode::kConfigInvalid);
  }
}

}  // namespace
}  // namespace portolan::auth
