// Chains of certificates: what leads to a root, and what only looks so.
#include "portolan/auth/certificate.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "portolan/auth/testing/test_token.h"

namespace portolan::auth {
namespace {

using Making = TestCertificate::Making;

constexpr std::int64_t kNow = 1'700'000'000;
const std::chrono::system_clock::time_point kAt{std::chrono::seconds(kNow)};

CertificateRoots RootsOf(const std::string& pem) { return CertificateRoots::FromPem(pem).value(); }

TEST(CertificateRootsTest, Chains) {
  const TestCertificate root({.authority = true, .subject = "root"});
  const TestCertificate middle({.signer = &root, .authority = true, .subject = "middle"});
  const TestCertificate leaf({.signer = &root, .subject = "leaf"});
  const TestCertificate low_leaf({.signer = &middle, .subject = "low leaf"});
  const TestCertificate lone({.subject = "lone"});
  const TestCertificate false_root({.authority = true, .subject = "root"});
  const TestCertificate false_leaf({.signer = &false_root, .subject = "leaf"});
  const TestCertificate expired({.signer = &root, .until = kNow - 1, .subject = "leaf"});
  const TestCertificate early({.signer = &root, .from = kNow + 10, .subject = "leaf"});
  const TestCertificate old_root({.authority = true, .until = kNow - 1, .subject = "old"});
  const TestCertificate old_leaf({.signer = &old_root, .subject = "leaf"});
  const TestCertificate of_leaf({.signer = &leaf, .subject = "of leaf"});
  const TestCertificate of_lone({.signer = &lone, .subject = "of lone"});
  const TestCertificate sha1({.signer = &root, .sha1 = true, .subject = "leaf"});
  const TestCertificate weak_middle(
      {.signer = &root, .authority = true, .rsa_bits = 1024, .subject = "weak"});
  const TestCertificate of_weak({.signer = &weak_middle, .subject = "leaf"});
  const TestCertificate weak_leaf({.signer = &root, .rsa_bits = 1024, .subject = "leaf"});
  const struct Row {
    const char* name;
    std::string roots;
    std::vector<std::string> chain;
    bool trusted;
  } rows[] = {
      {"signed by a root", root.pem(), {leaf.der()}, true},
      {"with the root behind it", root.pem(), {leaf.der(), root.der()}, true},
      {"by one between", root.pem(), {low_leaf.der(), middle.der()}, true},
      {"one of several roots", lone.pem() + root.pem(), {leaf.der()}, true},
      {"is a root itself", lone.pem(), {lone.der()}, true},
      {"is a leaf that is a root", leaf.pem(), {leaf.der()}, true},
      {"what is between is a root", middle.pem(), {low_leaf.der()}, true},
      {"nothing", root.pem(), {}, false},
      {"without what is between", root.pem(), {low_leaf.der()}, false},
      {"vouches for itself", root.pem(), {lone.der()}, false},
      {"another root of that name", root.pem(), {false_leaf.der()}, false},
      {"another root of that name, behind it",
       root.pem(),
       {false_leaf.der(), false_root.der()},
       false},
      {"the root behind another's leaf", root.pem(), {false_leaf.der(), root.der()}, false},
      {"expired", root.pem(), {expired.der()}, false},
      {"not yet", root.pem(), {early.der()}, false},
      {"of a root that has expired", old_root.pem(), {old_leaf.der()}, false},
      {"signed by what is no authority", root.pem(), {of_leaf.der(), leaf.der()}, false},
      {"signed by a root that is no authority", lone.pem(), {of_lone.der(), lone.der()}, false},
      {"signed with SHA-1", root.pem(), {sha1.der()}, false},
      {"by a weak key between", root.pem(), {of_weak.der(), weak_middle.der()}, false},
      {"a key too short for us", root.pem(), {weak_leaf.der()}, false},
      {"no certificate", root.pem(), {"x"}, false},
      {"an empty one", root.pem(), {""}, false},
      {"something behind it", root.pem(), {leaf.der() + "x"}, false},
      {"nine", root.pem(), std::vector<std::string>(9, leaf.der()), false},
  };
  for (const Row& row : rows) {
    const auto key = RootsOf(row.roots).Verify(row.chain, kAt);
    EXPECT_EQ(key.has_value(), row.trusted) << row.name << (key ? "" : key.error().message);
    if (!key) EXPECT_EQ(key.error().code, ErrorCode::kUnauthorized) << row.name;
  }
  EXPECT_EQ(RootsOf(root.pem()).Verify(std::vector{leaf.der(), middle.der()}, kAt)->jwk(),
            leaf.Key().public_key().jwk());
}

TEST(CertificateRootsTest, NeedsACertificate) {
  for (const char* const text :
       {"", "x", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"}) {
    const auto roots = CertificateRoots::FromPem(text);
    ASSERT_FALSE(roots);
    EXPECT_EQ(roots.error().code, ErrorCode::kConfigInvalid);
    EXPECT_FALSE(KeysOfCertificates(text));
  }
}

TEST(CertificateRootsTest, KeysInOrder) {
  const TestCertificate one(Making{});
  const TestCertificate two(Making{.rsa_bits = 2048});
  const auto keys = KeysOfCertificates(one.pem() + two.pem());
  ASSERT_TRUE(keys);
  ASSERT_EQ(keys->size(), 2U);
  EXPECT_EQ((*keys)[0].jwk(), one.Key().public_key().jwk());
  EXPECT_EQ((*keys)[1].jwk(), two.Key().public_key().jwk());
  EXPECT_FALSE(KeysOfCertificates(TestCertificate(Making{.rsa_bits = 1024}).pem()));
}

}  // namespace
}  // namespace portolan::auth
