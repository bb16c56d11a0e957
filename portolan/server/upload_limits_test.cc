// What pushes may take of a registry: memory, sizes, sessions, places.
#include <algorithm>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "portolan/async/loop.h"
#include "portolan/async/pool.h"
#include "portolan/http/body.h"
#include "portolan/oci/manifest.h"
#include "portolan/server/testing/test_registry.h"
#include "portolan/server/upload_memory.h"
#include "portolan/server/upload_pump.h"

namespace portolan::server {
namespace {

constexpr std::uint64_t kMiB = 1U << 20U;
const std::string kUploads = "/v2/a/b/blobs/uploads/";

std::string WithDigest(const std::string& target, const std::string& content) {
  return target + "?digest=" + Sha256Of(content);
}

TEST(UploadMemoryTest, IsOneBudget) {
  UploadMemory memory(100);
  {
    const UploadMemory::Share share = memory.Take(60);
    EXPECT_TRUE(share);
    EXPECT_FALSE(memory.Take(41));
    UploadMemory::Share other = memory.Take(40);
    EXPECT_TRUE(other);
    EXPECT_EQ(memory.used(), 100U);
    other = {};
    EXPECT_EQ(memory.used(), 60U);
  }
  EXPECT_EQ(memory.used(), 0U);
}

TEST(UploadMemoryTest, AQuarterIsForWhatIsNeeded) {
  UploadMemory memory(100);
  const UploadMemory::Share spare = memory.TakeSpare(75);
  EXPECT_TRUE(spare);
  EXPECT_FALSE(memory.TakeSpare(1));
  EXPECT_TRUE(memory.Take(25));
}

// Keeps what it gets, and how much memory there was meanwhile.
class RecordingWriter final : public store::UploadWriter {
 public:
  RecordingWriter(const UploadMemory& memory, std::string& content)
      : memory_(memory), content_(content) {}
  std::uint64_t offset() const override { return offset_; }
  void Hash(std::string_view piece) override { offset_ += piece.size(); }
  Status Append(std::string_view piece) override {
    largest = std::max<std::uint64_t>(largest, piece.size());
    most_used = std::max(most_used, memory_.used());
    content_ += piece;
    return {};
  }
  Result<store::UploadState> Acknowledge() override { return store::UploadState(); }
  Status Finish(const oci::Digest&, const store::Actor&) override { return {}; }

  std::uint64_t largest = 0;
  std::uint64_t most_used = 0;

 private:
  const UploadMemory& memory_;
  std::string& content_;
  std::uint64_t offset_ = 0;
};

struct Pumped {
  std::string content;
  std::uint64_t largest = 0;
  std::uint64_t most_used = 0;
};

// Pumps the text in pieces of 100,000 bytes.
Pumped Pump(UploadMemory& memory, const std::string& text) {
  class Pieces final : public http::BodyReader {
   public:
    explicit Pieces(std::string_view text) : left_(text) {}
    async::Task<Result<std::string_view>> Next() override {
      const std::string_view piece = left_.substr(0, 100'000);
      left_.remove_prefix(piece.size());
      co_return piece;
    }

   private:
    std::string_view left_;
  };
  Pumped pumped;
  async::Loop loop;
  async::Pool pool(2);  // ends first: its threads tell the loop what they have done
  const auto writer = std::make_shared<RecordingWriter>(memory, pumped.content);
  UploadPump pump(writer, pool, memory);
  Pieces pieces(text);
  EXPECT_TRUE(loop.Run(pump.Run(pieces, 0)));
  pumped.content += pump.tail();
  pumped.largest = writer->largest;
  pumped.most_used = writer->most_used;
  return pumped;
}

std::string LongText(std::size_t size) {
  std::string text;
  for (int i = 0; text.size() < size; ++i) text += std::to_string(i) + ' ';
  text.resize(size);
  return text;
}

TEST(UploadPumpTest, TakesAMegabyteAtATimeWhereThereIsRoom) {
  UploadMemory memory(64 * kMiB);
  const std::string text = LongText(5'000'000);
  const Pumped pumped = Pump(memory, text);
  EXPECT_EQ(pumped.content, text);
  EXPECT_EQ(pumped.largest, kMiB);
  EXPECT_EQ(pumped.most_used, 2 * kMiB);
  EXPECT_EQ(memory.used(), 0U);
}

TEST(UploadPumpTest, GoesOnWithLessWhereThereIsNone) {
  const std::string text = LongText(5'000'000);
  for (const std::uint64_t limit : {std::uint64_t{0}, kMiB}) {
    UploadMemory memory(limit);
    const Pumped pumped = Pump(memory, text);
    EXPECT_EQ(pumped.content, text);
    EXPECT_EQ(pumped.largest, UploadMemory::kFree);
    EXPECT_EQ(pumped.most_used, 0U);
  }
  UploadMemory for_one(kMiB * 3 / 2);  // a large buffer beside a small one
  const Pumped pumped = Pump(for_one, text);
  EXPECT_EQ(pumped.content, text);
  EXPECT_EQ(pumped.largest, kMiB);
  EXPECT_EQ(pumped.most_used, kMiB);
}

TEST(UploadLimitsTest, LargeManifestsNeedMemory) {
  TestRegistry registry({.upload_memory = 200'000});
  const std::string type(oci::kImageIndexType);
  const auto put = [&](std::size_t size, bool chunked) {
    const std::string text = R"({"schemaVersion":2,"manifests":[],"annotations":{"a":")" +
                             std::string(size, 'x') + "\"}}";
    return registry.Send({.method = "PUT",
                          .target = "/v2/a/b/manifests/t",
                          .headers = {{"Content-Type", type}},
                          .body = text,
                          .chunked = chunked});
  };
  EXPECT_EQ(put(150'000, false).status, 201);
  const Answered refused = put(250'000, false);
  EXPECT_EQ(refused.status, 429);
  EXPECT_EQ(refused.Header("Retry-After"), "1");
  EXPECT_NE(refused.body.find("TOOMANYREQUESTS"), std::string::npos) << refused.body;
  EXPECT_EQ(put(10, true).status, 429) << "it may be as large as a manifest may be";
  EXPECT_EQ(put(10, false).status, 201);
  EXPECT_EQ(put(150'000, false).status, 201) << "given back";
}

TEST(UploadLimitsTest, TooLargeABlobIsRefused) {
  TestRegistry registry({.blob_size = 1000});
  const std::string content = LongText(1001);
  const auto too_large = [](const Answered& answered) {
    EXPECT_EQ(answered.status, 413);
    EXPECT_NE(answered.body.find("more than the 1000 bytes"), std::string::npos) << answered.body;
  };
  const std::string location = registry.Post(kUploads).Header("Location");
  const std::string part = content.substr(0, 600);
  ASSERT_EQ(registry.Patch(location, part).status, 202);
  for (const bool chunked : {false, true}) {
    const auto send = [&](std::string method, std::string target, std::string body) {
      return registry.Send({.method = std::move(method),
                            .target = std::move(target),
                            .headers = {},
                            .body = std::move(body),
                            .chunked = chunked});
    };
    too_large(send("POST", WithDigest(kUploads, content), content));
    too_large(send("PATCH", location, content.substr(600)));
    too_large(send("PUT", WithDigest(location, content), content.substr(600)));
  }
  EXPECT_EQ(registry.Get(location).Header("Range"), "0-599") << "the session goes on";
  const std::string fits = content.substr(0, 1000);
  EXPECT_EQ(registry.Put(WithDigest(location, fits), fits.substr(600)).status, 201);
  EXPECT_EQ(registry.Post(WithDigest(kUploads, fits), fits).status, 201);
}

TEST(UploadLimitsTest, ALengthThatIsTooLargeIsRefusedUnread) {
  TestRegistry registry({.blob_size = 1000});
  const std::string content = LongText(1001);
  const std::string location = registry.Post(kUploads).Header("Location");
  // Whoever read this body would find no client.
  const auto send = [&](std::string method, std::string target) {
    return registry.Send({.method = std::move(method),
                          .target = std::move(target),
                          .headers = {},
                          .body = content,
                          .break_after = 0});
  };
  EXPECT_EQ(send("POST", WithDigest(kUploads, content)).status, 413);
  EXPECT_EQ(send("PATCH", location).status, 413);
  EXPECT_EQ(send("PUT", WithDigest(location, content)).status, 413);
  EXPECT_EQ(registry.Get(location).status, 204) << "nobody holds it";
}

TEST(UploadLimitsTest, SessionsThatNobodyEnds) {
  TestRegistry registry({.upload_sessions = 2});
  const std::string location = registry.Post(kUploads).Header("Location");
  ASSERT_EQ(registry.Post("/v2/c/d/blobs/uploads/").status, 202);
  for (const std::string& target : {kUploads, kUploads + "?mount=" + Sha256Of("x")}) {
    const Answered refused = registry.Post(target);
    EXPECT_EQ(refused.status, 429);
    EXPECT_EQ(refused.Header("Retry-After"), "1");
    EXPECT_NE(refused.body.find("TOOMANYREQUESTS"), std::string::npos) << refused.body;
  }
  EXPECT_EQ(registry.Post(WithDigest(kUploads, "x"), "x").status, 201) << "needs no session";
  EXPECT_EQ(registry.Put(WithDigest(location, "y"), "y").status, 201) << "goes on";
  EXPECT_EQ(registry.Post(kUploads).status, 202);
}

TEST(UploadLimitsTest, MoreAtOnceThanAllowedAreToldToWait) {
  TestRegistry registry({.uploads = 0});
  const Answered answered = registry.Post(WithDigest(kUploads, "x"), "x");
  EXPECT_EQ(answered.status, 429);
  EXPECT_EQ(answered.Header("Retry-After"), "1");
  EXPECT_NE(answered.body.find("TOOMANYREQUESTS"), std::string::npos);
}

}  // namespace
}  // namespace portolan::server
