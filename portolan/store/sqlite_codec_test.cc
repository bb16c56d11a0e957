#include "portolan/store/sqlite_codec.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace portolan::store {
namespace {

oci::Digest Parse(const std::string& text) { return oci::Digest::Parse(text).value(); }

TEST(SqliteCodec, DigestsLayout) {
  EXPECT_EQ(EncodeDigest(Parse("sha256:00ff7a" + std::string(58, '1'))),
            std::string("\x01\x00\xFF\x7A", 4) + std::string(29, '\x11'));
  EXPECT_EQ(EncodeDigest(Parse("sha512:" + std::string(128, 'a'))),
            "\x02" + std::string(64, '\xAA'));
  const std::string other = "sha384:" + std::string(96, 'b');
  EXPECT_EQ(EncodeDigest(Parse(other)), "\xFF" + other);
}

TEST(SqliteCodec, DigestsThereAndBack) {
  for (const std::string& text :
       {"sha256:0123456789abcdef" + std::string(48, 'f'), "sha512:" + std::string(128, '0'),
        "sha384:" + std::string(96, 'b'), "x+y.z:" + std::string(40, '=')}) {
    EXPECT_EQ(DecodeDigest(EncodeDigest(Parse(text))).value().text(), text);
  }
}

TEST(SqliteCodec, BytesThatAreNoDigest) {
  const std::vector<std::string> damaged{
      "",
      "\x01",
      "\x01" + std::string(31, 'a'),
      "\x01" + std::string(33, 'a'),
      "\x02" + std::string(32, 'a'),
      "\x03" + std::string(32, 'a'),
      "\xFF",
      "\xFFsha384:abc",
  };
  for (const std::string& bytes : damaged) {
    const auto digest = DecodeDigest(bytes);
    ASSERT_FALSE(digest) << bytes;
    EXPECT_EQ(digest.error().code, ErrorCode::kInternal);
  }
}

TEST(SqliteCodec, AnnotationsLayout) {
  EXPECT_EQ(EncodeAnnotations({}), "");
  EXPECT_EQ(EncodeAnnotations({{"k", "va"}}), std::string("\0\0\0\1k\0\0\0\2va", 11));
}

TEST(SqliteCodec, AnnotationsThereAndBack) {
  const oci::Annotations annotations{{"b", "1"}, {"a", ""}, {"", std::string(70'000, 'x')}};
  EXPECT_EQ(DecodeAnnotations(EncodeAnnotations(annotations)).value(), annotations);
  EXPECT_TRUE(DecodeAnnotations("")->empty());
}

TEST(SqliteCodec, BytesThatAreNoAnnotations) {
  const std::string sound = EncodeAnnotations({{"key", "value"}});
  for (std::size_t size = 1; size < sound.size(); ++size) {
    const auto cut = DecodeAnnotations(sound.substr(0, size));
    ASSERT_FALSE(cut) << size;
    EXPECT_EQ(cut.error().code, ErrorCode::kInternal);
  }
  EXPECT_FALSE(DecodeAnnotations(sound + std::string(3, '\0')));
  EXPECT_FALSE(DecodeAnnotations("\xFF\xFF\xFF\xFFk"));
}

}  // namespace
}  // namespace portolan::store
