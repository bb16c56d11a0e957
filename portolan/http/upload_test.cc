#include "portolan/http/upload.h"

#include <array>
#include <string>

#include <gtest/gtest.h>

#include "portolan/async/loop.h"

namespace portolan::http {
namespace {

BodyFactory Text(const std::string& text) {
  return [text] { return NewTextBody(text); };
}

// All that can be taken, pulling where it must, four bytes at a time.
Result<std::string> Drain(async::Loop& loop, Upload& upload) {
  std::string all;
  for (;;) {
    std::array<char, 4> buffer{};
    const auto taken = upload.Take(buffer);
    if (!taken) {
      EXPECT_TRUE(upload.wants_piece());
      PORTOLAN_CHECK(loop.Run(upload.Pull()));
      EXPECT_FALSE(upload.wants_piece());
      continue;
    }
    if (*taken == 0) return all;
    all.append(buffer.data(), *taken);
  }
}

TEST(Upload, GivesTheBodyInSmallPieces) {
  async::Loop loop;
  Upload upload(Text("0123456789"), std::nullopt);
  EXPECT_EQ(Drain(loop, upload).value(), "0123456789");
}

TEST(Upload, CanBeginAnew) {
  async::Loop loop;
  Upload upload(Text("0123456789"), 10);
  EXPECT_EQ(Drain(loop, upload).value(), "0123456789");
  upload.Restart();
  EXPECT_EQ(Drain(loop, upload).value(), "0123456789");
}

TEST(Upload, ChecksTheAnnouncedLength) {
  for (const std::uint64_t length : {9U, 11U}) {
    SCOPED_TRACE(length);
    async::Loop loop;
    Upload upload(Text("0123456789"), length);
    const auto drained = Drain(loop, upload);
    ASSERT_FALSE(drained.has_value());
    EXPECT_EQ(drained.error().code, ErrorCode::kInternal);
  }
}

}  // namespace
}  // namespace portolan::http
