#include "portolan/oci/digest.h"

#include <set>
#include <string>

#include <gtest/gtest.h>

namespace portolan::oci {
namespace {

std::string Hex(std::size_t size) { return std::string(size, 'a'); }

TEST(DigestTest, AcceptsWhatTheSpecificationAllows) {
  struct Row {
    const char* name;
    std::string text;
    std::string algorithm;
    std::string encoded;
  };
  const Row rows[] = {
      {"sha256", "sha256:" + Hex(64), "sha256", Hex(64)},
      {"all hexadecimal digits", "sha256:0123456789abcdef" + Hex(48), "sha256",
       "0123456789abcdef" + Hex(48)},
      {"sha384", "sha384:" + Hex(96), "sha384", Hex(96)},
      {"sha512", "sha512:" + Hex(128), "sha512", Hex(128)},
      {"other algorithm", "blake3:" + Hex(32), "blake3", Hex(32)},
      {"components", "multihash+base58.x_y-z:QmRZxt2b1FVZPNqd8hsiykDL3TdBDeTSPX9Kv46HmX4Gx8",
       "multihash+base58.x_y-z", "QmRZxt2b1FVZPNqd8hsiykDL3TdBDeTSPX9Kv46HmX4Gx8"},
      {"base64 characters", "sha256+b64u:LCa0a2j_xo_5m0U8HTBBNBNCLXBkg7-g-YpeiGJm56=",
       "sha256+b64u", "LCa0a2j_xo_5m0U8HTBBNBNCLXBkg7-g-YpeiGJm56="},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.name);
    const Result<Digest> digest = Digest::Parse(row.text);
    ASSERT_TRUE(digest) << digest.error().message;
    EXPECT_EQ(digest->text(), row.text);
    EXPECT_EQ(digest->algorithm(), row.algorithm);
    EXPECT_EQ(digest->encoded(), row.encoded);
    EXPECT_TRUE(Digest::IsValid(row.text));
  }
}

TEST(DigestTest, RefusesEverythingElseAndSaysWhy) {
  struct Row {
    const char* name;
    std::string text;
    const char* reason;
  };
  const Row rows[] = {
      {"empty", "", "no colon"},
      {"no colon", "sha256", "no colon"},
      {"no algorithm", ":" + Hex(64), "algorithm"},
      {"upper-case algorithm", "SHA256:" + Hex(64), "algorithm"},
      {"separator first", "+sha256:" + Hex(64), "algorithm"},
      {"separator last", "sha256+:" + Hex(64), "algorithm"},
      {"two separators", "sha256+-x:" + Hex(64), "algorithm"},
      {"slash in algorithm", "../sha256:" + Hex(64), "algorithm"},
      {"sha256 empty", "sha256:", "exactly 64"},
      {"sha256 short", "sha256:" + Hex(63), "exactly 64"},
      {"sha256 long", "sha256:" + Hex(65), "exactly 64"},
      {"sha384 short", "sha384:" + Hex(64), "exactly 96"},
      {"sha512 short", "sha512:" + Hex(64), "exactly 128"},
      {"upper-case digits", "sha256:" + std::string(64, 'A'), "lower case"},
      {"not hexadecimal", "sha256:g" + Hex(63), "0-9 and a-f"},
      {"other algorithm short", "blake3:" + Hex(31), "at least 32"},
      {"other algorithm, second colon", "blake3:" + Hex(31) + ":", "letters, digits"},
      {"other algorithm, slash", "blake3:../../" + Hex(32), "letters, digits"},
      {"NUL", "sha256:" + Hex(63) + std::string(1, '\0'), "0-9 and a-f"},
      {"space after", "sha256:" + Hex(64) + " ", "0-9 and a-f"},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.name);
    const Result<Digest> digest = Digest::Parse(row.text);
    ASSERT_FALSE(digest);
    EXPECT_EQ(digest.error().code, ErrorCode::kReferenceInvalid);
    EXPECT_NE(digest.error().message.find(row.reason), std::string::npos) << digest.error().message;
    EXPECT_FALSE(Digest::IsValid(row.text));
  }
}

TEST(DigestTest, MessageCannotSteerATerminal) {
  EXPECT_EQ(Digest::Parse("\x1b[2J").error().message,
            "invalid digest \"\\x1b[2J\": it has no colon; a digest looks like sha256:1a2b…");
}

TEST(DigestTest, ComparesByText) {
  const Digest a = *Digest::Parse("sha256:" + Hex(64));
  const Digest b = *Digest::Parse("sha256:" + std::string(64, 'b'));
  EXPECT_NE(a, b);
  EXPECT_LT(a, b);
  EXPECT_EQ((std::set<Digest>{a, b, a}).size(), 2U);
}

}  // namespace
}  // namespace portolan::oci
