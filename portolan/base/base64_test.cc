#include "portolan/base/base64.h"

#include <string>

#include <gtest/gtest.h>

namespace portolan {
namespace {

struct Row {
  const char* name;
  std::string bytes;
  std::string text;
};

// Spec: RFC 4648 §10, and what the alphabets differ in.
const Row kRows[] = {
    {"nothing", "", ""},
    {"one byte", "f", "Zg=="},
    {"two bytes", "fo", "Zm8="},
    {"three bytes", "foo", "Zm9v"},
    {"four bytes", "foob", "Zm9vYg=="},
    {"five bytes", "fooba", "Zm9vYmE="},
    {"six bytes", "foobar", "Zm9vYmFy"},
    {"credentials", "user:pass:word", "dXNlcjpwYXNzOndvcmQ="},
    {"NUL", std::string(2, '\0'), "AAA="},
    {"high bits", "\xff\xff\xfe", "///+"},
};

TEST(Base64Test, Encodes) {
  for (const Row& row : kRows) {
    SCOPED_TRACE(row.name);
    EXPECT_EQ(Base64Encode(row.bytes), row.text);
  }
}

TEST(Base64Test, DecodesWithAndWithoutPadding) {
  for (const Row& row : kRows) {
    SCOPED_TRACE(row.name);
    for (const std::string& text : {row.text, row.text.substr(0, row.text.find('='))}) {
      SCOPED_TRACE(text);
      const Result<std::string> bytes = Base64Decode(text);
      ASSERT_TRUE(bytes) << bytes.error().message;
      EXPECT_EQ(*bytes, row.bytes);
    }
  }
}

TEST(Base64Test, DecodesTheUrlAlphabet) { EXPECT_EQ(*Base64Decode("__-_"), "\xff\xff\xbf"); }

TEST(Base64Test, EveryByteComesBack) {
  std::string bytes;
  for (int i = 0; i < 256; ++i) bytes += static_cast<char>(i);
  for (std::size_t size = 0; size <= bytes.size(); ++size) {
    const Result<std::string> back = Base64Decode(Base64Encode(bytes.substr(0, size)));
    ASSERT_TRUE(back);
    EXPECT_EQ(*back, bytes.substr(0, size));
  }
}

TEST(Base64Test, Refuses) {
  const std::string rows[] = {
      "Z",    "Zm9vZ",    "Zg=",  "Zm9v=", "Zm9v==", "=",    "==",      "====",
      "Z===", "Zg==Zg==", "Zm=v", "Zm 9v", "Zm9v\n", "Zm9*", "Zm9\xff", std::string("Zm9\0", 4)};
  for (const std::string& row : rows) {
    SCOPED_TRACE(row);
    const Result<std::string> bytes = Base64Decode(row);
    ASSERT_FALSE(bytes);
    EXPECT_EQ(bytes.error().code, ErrorCode::kProtocol);
  }
}

}  // namespace
}  // namespace portolan
