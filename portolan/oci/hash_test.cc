#include "portolan/oci/hash.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "portolan/base/hex.h"

namespace portolan::oci {
namespace {

std::vector<std::byte> Key(std::string_view text) {
  std::vector<std::byte> key;
  for (const char c : text) key.push_back(static_cast<std::byte>(c));
  return key;
}

TEST(Sha256Test, KnownAnswers) {
  struct Row {
    const char* name;
    std::string content;
    const char* hex;
  };
  const Row rows[] = {
      {"empty", "", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
      {"abc", "abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
      {"two blocks", "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
       "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"},
      {"a million", std::string(1'000'000, 'a'),
       "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"},
      {"one NUL", std::string(1, '\0'),
       "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.name);
    EXPECT_EQ(HexEncode(Sha256(row.content)), row.hex);
  }
}

// Spec: RFC 4231 §4. Case 5 truncates the output and says nothing more.
TEST(HmacSha256Test, Rfc4231) {
  std::string counting_key;
  for (char c = 1; c <= 25; ++c) counting_key += c;
  struct Row {
    const char* name;
    std::string key;
    std::string content;
    const char* hex;
  };
  const Row rows[] = {
      {"case 1", std::string(20, '\x0b'), "Hi There",
       "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"},
      {"case 2: short key", "Jefe", "what do ya want for nothing?",
       "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"},
      {"case 3", std::string(20, '\xaa'), std::string(50, '\xdd'),
       "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"},
      {"case 4", counting_key, std::string(50, '\xcd'),
       "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b"},
      {"case 6: key longer than a block", std::string(131, '\xaa'),
       "Test Using Larger Than Block-Size Key - Hash Key First",
       "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"},
      {"case 7: both longer than a block", std::string(131, '\xaa'),
       "This is a test using a larger than block-size key and a larger than block-size data. The "
       "key needs to be "
       "hashed before being used by the HMAC algorithm.",
       "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2"},
      {"empty key and content", "", "",
       "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad"},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.name);
    EXPECT_EQ(HexEncode(HmacSha256(Key(row.key), row.content)), row.hex);
  }
}

TEST(HmacSha256Test, EmptyKeyIsNotTheKeyOfBefore) {
  const Sha256Bytes with_key = HmacSha256(Key("secret"), "x");
  EXPECT_NE(HmacSha256({}, "x"), with_key);
}

}  // namespace
}  // namespace portolan::oci
