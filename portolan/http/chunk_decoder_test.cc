#include "portolan/http/chunk_decoder.h"

#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

namespace portolan::http {
namespace {

struct Decoded {
  std::string body;
  std::string rest;  // behind the end
  bool done = false;
  bool failed = false;
  friend bool operator==(const Decoded&, const Decoded&) = default;
};

// Fed with pieces of `size` bytes.
Decoded Decode(std::string_view bytes, std::size_t size) {
  ChunkDecoder decoder;
  Decoded decoded;
  while (!bytes.empty() && !decoder.done() && !decoder.failed()) {
    std::string piece(bytes.substr(0, size));
    const ChunkDecoder::Step step = decoder.Decode(piece.data(), piece.size());
    decoded.body += step.data;
    bytes.remove_prefix(step.consumed);
  }
  decoded.rest = bytes;
  decoded.done = decoder.done();
  decoded.failed = decoder.failed();
  return decoded;
}

struct GoodRow {
  std::string_view bytes;
  std::string_view body;
  std::string_view rest;
};

TEST(ChunkDecoder, Decodes) {
  const std::vector<GoodRow> rows = {
      {"0\r\n\r\n", "", ""},
      {"5\r\nhello\r\n0\r\n\r\n", "hello", ""},
      {"5\r\nhello\r\n6\r\n world\r\n0\r\n\r\nGET /", "hello world", "GET /"},
      {"00000a\r\n0123456789\r\n0\r\n\r\n", "0123456789", ""},
      {"A\r\n0123456789\r\n00\r\n\r\n", "0123456789", ""},
      {"2\r\n\r\n\r\n0\r\n\r\n", "\r\n", ""},
      {"1;a=b;c=\"d e\"\r\nx\r\n0;last\r\n\r\n", "x", ""},
      {"1\r\nx\r\n0\r\nX-Trailer: dropped\r\nAnother: one\r\n\r\nrest", "x", "rest"},
  };
  for (const GoodRow& row : rows) {
    const Decoded expected{
        .body = std::string(row.body), .rest = std::string(row.rest), .done = true};
    for (std::size_t size = 1; size <= row.bytes.size(); ++size) {
      EXPECT_EQ(Decode(row.bytes, size), expected) << row.bytes << " in pieces of " << size;
    }
  }
}

TEST(ChunkDecoder, Refuses) {
  const std::vector<std::string> rows = {
      "\r\n",
      "x\r\n",
      ";a\r\n",
      " 5\r\nhello\r\n",
      "5 \r\nhello\r\n",
      "+5\r\nhello\r\n",
      "-5\r\nhello\r\n",
      "0x5\r\nhello\r\n",
      "5\nhello\r\n",
      "5\rhello\r\n",
      "5\r\nhello0\r\n",
      "5\r\nhello\n0\r\n",
      "5\r\nhello\r0\r\n",
      "5;a\nhello\r\n0\r\n\r\n",
      "5;a\rb\r\nhello\r\n0\r\n\r\n",
      std::string("5;a\0\r\nhello\r\n", 13),
      "1000000000000000\r\n",
      "ffffffffffffffff5\r\n",
      "0000000000000005\r\n",
      "1;" + std::string(300, 'x') + "\r\n",
      "0\r\nX: y\nZ: z\r\n\r\n",
      "0\r\nX: y\rZ\r\n\r\n",
      "0\r\n folded\r\n\r\n",
      "0\r\n\rX",
      "0\r\nX: " + std::string(300, 'x') + "\r\n\r\n",
  };
  for (const std::string& row : rows) {
    for (std::size_t size = 1; size <= row.size(); ++size) {
      const Decoded decoded = Decode(row, size);
      EXPECT_TRUE(decoded.failed) << row;
      EXPECT_FALSE(decoded.done) << row;
    }
  }
}

TEST(ChunkDecoder, AllExtensionsTogetherHaveALimit) {
  std::string bytes;
  for (int i = 0; i < 200; ++i) bytes += "1;" + std::string(200, 'x') + "\r\ny\r\n";
  EXPECT_TRUE(Decode(bytes, bytes.size()).failed);
  std::string trailers = "0\r\n";
  for (int i = 0; i < 200; ++i) trailers += "X: " + std::string(200, 'x') + "\r\n";
  EXPECT_TRUE(Decode(trailers, trailers.size()).failed);
}

TEST(ChunkDecoder, WaitsForMore) {
  const Decoded decoded = Decode("5\r\nhel", 100);
  EXPECT_EQ(decoded.body, "hel");
  EXPECT_FALSE(decoded.done);
  EXPECT_FALSE(decoded.failed);
}

}  // namespace
}  // namespace portolan::http
