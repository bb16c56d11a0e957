#include "portolan/wire/reply.h"

#include <string>

#include <boost/json.hpp>
#include <gtest/gtest.h>

namespace portolan::wire {
namespace {

const std::string kDigest = "sha256:" + std::string(64, 'a');

std::string JsonString(std::string_view text) {
  std::string out = "x";
  AppendJsonString(out, text);
  return out.substr(1);
}

TEST(JsonStringTest, IsEscaped) {
  struct Row {
    const char* name;
    std::string text;
    const char* want;
  };
  const Row rows[] = {
      {"empty", "", R"("")"},
      {"plain", "a/b:c", R"("a/b:c")"},
      {"quotes", "a\"b\\c", R"("a\"b\\c")"},
      {"line end and tab", "a\nb\tc\r", R"("a\nb\tc\u000d")"},
      {"NUL", std::string("a\0b", 3), R"("a\u0000b")"},
      {"DEL", "\x7f", R"("\u007f")"},
      {"C1", "\u009b", R"("\u009b")"},
      {"UTF-8", "é€😀", "\"é€😀\""},
      {"not UTF-8",
       "a\xff\xfe"
       "b",
       R"("a\ufffd\ufffdb")"},
      {"cut off", "a\xe2\x82", R"("a\ufffd\ufffd")"},
      {"surrogate", "\xed\xa0\x80", R"("\ufffd\ufffd\ufffd")"},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.name);
    EXPECT_EQ(JsonString(row.text), row.want);
    EXPECT_TRUE(boost::json::parse(JsonString(row.text)).is_string());
  }
}

TEST(ErrorEnvelopeTest, IsWritten) {
  struct Row {
    const char* name;
    Error error;
    const char* detail;
    const char* want;
  };
  const Row rows[] = {
      {"message alone", Fail(ErrorCode::kBlobUnknown, "no blob"), "",
       R"({"errors":[{"code":"BLOB_UNKNOWN","message":"no blob"}]})"},
      {"hint", Fail(ErrorCode::kDenied, "no \"way\"", "log in"), "",
       R"({"errors":[{"code":"DENIED","message":"no \"way\"","detail":{"hint":"log in"}}]})"},
      {"detail", Fail(ErrorCode::kNameUnknown, "m"), R"({"name":"a"})",
       R"({"errors":[{"code":"NAME_UNKNOWN","message":"m","detail":{"name":"a"}}]})"},
      {"both", Fail(ErrorCode::kNameUnknown, "m", "h"), R"( {"name":"a","n":[{}]} )",
       R"({"errors":[{"code":"NAME_UNKNOWN","message":"m","detail":{"name":"a","n":[{}],"hint":"h"}}]})"},
      {"empty detail", Fail(ErrorCode::kNameUnknown, "m"), "{}",
       R"({"errors":[{"code":"NAME_UNKNOWN","message":"m","detail":{}}]})"},
      {"empty detail and hint", Fail(ErrorCode::kNameUnknown, "m", "h"), "{ }",
       R"({"errors":[{"code":"NAME_UNKNOWN","message":"m","detail":{"hint":"h"}}]})"},
      {"too large travels", Fail(ErrorCode::kTooLarge, "m"), "",
       R"({"errors":[{"code":"TOO_LARGE","message":"m"}]})"},
      {"a code that never travels", Fail(ErrorCode::kConfigInvalid, "m"), "",
       R"({"errors":[{"code":"UNKNOWN","message":"m"}]})"},
      {"a defect", Fail(ErrorCode::kInternal, "m"), "",
       R"({"errors":[{"code":"UNKNOWN","message":"m"}]})"},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.name);
    EXPECT_EQ(ErrorEnvelope(row.error, row.detail), row.want);
    EXPECT_TRUE(boost::json::parse(ErrorEnvelope(row.error, row.detail)).is_object());
  }
}

TEST(ListBodyTest, IsWrittenPieceByPiece) {
  ListBody body = ListBody::Tags("a/b");
  EXPECT_EQ(body.Take(), R"({"name":"a/b","tags":[)");
  EXPECT_EQ(body.size(), 0U);
  body.Add("1");
  body.Add("2");
  EXPECT_EQ(body.size(), 7U);
  EXPECT_EQ(body.Take(), R"("1","2")");
  body.Add("3");
  body.End();
  EXPECT_EQ(body.Take(), R"(,"3"]})");
}

TEST(ListBodyTest, MayBeEmpty) {
  ListBody tags = ListBody::Tags("a");
  tags.End();
  EXPECT_EQ(tags.Take(), R"({"name":"a","tags":[]})");
  ListBody repositories = ListBody::Repositories();
  repositories.End();
  EXPECT_EQ(repositories.Take(), R"({"repositories":[]})");
}

TEST(ReferrersBodyTest, IsAnIndex) {
  ReferrersBody body;
  const std::size_t empty = body.size();
  body.Add({.media_type = "a/b", .digest = *oci::Digest::Parse(kDigest), .size = 5});
  EXPECT_GT(body.size(), empty);
  body.Add({.media_type = "c/\"d",
            .digest = *oci::Digest::Parse(kDigest),
            .size = 9223372036854775807U,
            .artifact_type = "x/sbom",
            .annotations = {{"z", "1"}, {"a", "\n"}},
            .platform = oci::Platform{.os = "linux", .architecture = "arm", .variant = "v7"}});
  const std::string text = std::move(body).End();
  EXPECT_EQ(text, R"({"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json",)"
                  R"("manifests":[{"mediaType":"a/b","digest":")" +
                      kDigest + R"(","size":5},{"mediaType":"c/\"d","digest":")" + kDigest +
                      R"(","size":9223372036854775807,"artifactType":"x/sbom",)"
                      R"("annotations":{"z":"1","a":"\n"},)"
                      R"("platform":{"architecture":"arm","os":"linux","variant":"v7"}}]})");
}

TEST(ReferrersBodyTest, IsReadBack) {
  ReferrersBody body;
  const oci::Descriptor descriptor{.media_type = "a/b",
                                   .digest = *oci::Digest::Parse(kDigest),
                                   .size = 5,
                                   .artifact_type = "x/y",
                                   .annotations = {{"k", "v"}}};
  body.Add(descriptor);
  const auto index = oci::Manifest::Parse(std::move(body).End(), oci::kImageIndexType);
  ASSERT_TRUE(index) << index.error().message;
  EXPECT_EQ(index->manifests, std::vector<oci::Descriptor>{descriptor});
  const auto none = oci::Manifest::Parse(ReferrersBody().End(), oci::kImageIndexType);
  ASSERT_TRUE(none) << none.error().message;
  EXPECT_TRUE(none->manifests.empty());
}

}  // namespace
}  // namespace portolan::wire
