// Upload sessions.
#include <utility>

#include "portolan/store/testing/metadata_store_parts.h"
#include "portolan/store/testing/metadata_store_suite.h"

namespace portolan::store {
namespace {

UploadRow Upload(const std::string& id, Millis changed) {
  return {.id = id,
          .repository = Repository("a/b"),
          .principal = "ada",
          .offset = 0,
          .hash_state = std::string("\0state", 6),
          .content = {},
          .staged = false,
          .created = 1000,
          .changed = changed};
}

void ExpectSame(const UploadRow& got, const UploadRow& expected) {
  EXPECT_EQ(got.id, expected.id);
  EXPECT_EQ(got.repository, expected.repository);
  EXPECT_EQ(got.principal, expected.principal);
  EXPECT_EQ(got.offset, expected.offset);
  EXPECT_EQ(got.hash_state, expected.hash_state);
  EXPECT_EQ(got.content, expected.content);
  EXPECT_EQ(got.staged, expected.staged);
  EXPECT_EQ(got.created, expected.created);
  EXPECT_EQ(got.changed, expected.changed);
}

}  // namespace

void LinkUploadTests() {}

TEST_P(MetadataStoreSuite, UploadIsKeptAsItIs) {
  UploadRow upload = Upload("one", 1000);
  ASSERT_TRUE(store().AddUpload(upload));
  ExpectSame(store().FindUpload("one").value(), upload);
  upload.offset = 4;
  upload.content = std::string("a\0b\xFF", 4);
  upload.hash_state = "next";
  upload.changed = 2000;
  ASSERT_TRUE(store().AdvanceUpload(upload, 0));
  ExpectSame(store().FindUpload("one").value(), upload);
  upload.offset = std::uint64_t{5} << 40U;
  upload.content = {};
  upload.staged = true;
  ASSERT_TRUE(store().AdvanceUpload(upload, 4));
  Reopen();
  ExpectSame(store().FindUpload("one").value(), upload);
  EXPECT_EQ(CodeOf(Find("a/b", "t")), ErrorCode::kNameUnknown);  // an upload is no repository yet
}

TEST_P(MetadataStoreSuite, UploadThatIsNotThere) {
  EXPECT_EQ(CodeOf(store().FindUpload("none")), ErrorCode::kBlobUploadUnknown);
  EXPECT_EQ(CodeOf(store().AdvanceUpload(Upload("none", 1), 0)), ErrorCode::kBlobUploadUnknown);
  EXPECT_TRUE(store().RemoveUpload("none"));
  ASSERT_TRUE(store().AddUpload(Upload("one", 1)));
  ASSERT_TRUE(store().RemoveUpload("one"));
  EXPECT_EQ(CodeOf(store().FindUpload("one")), ErrorCode::kBlobUploadUnknown);
}

TEST_P(MetadataStoreSuite, UploadAdvancesFromItsOffsetOnly) {
  UploadRow upload = Upload("one", 1);
  upload.offset = 10;
  ASSERT_TRUE(store().AddUpload(upload));
  UploadRow next = upload;
  next.offset = 20;
  EXPECT_EQ(CodeOf(store().AdvanceUpload(next, 9)), ErrorCode::kBlobUploadInvalid);
  EXPECT_EQ(store().FindUpload("one")->offset, 10U);
  EXPECT_TRUE(store().AdvanceUpload(next, 10));
  EXPECT_EQ(CodeOf(store().AdvanceUpload(next, 10)), ErrorCode::kBlobUploadInvalid);
}

TEST_P(MetadataStoreSuite, StaleUploads) {
  ASSERT_TRUE(store().AddUpload(Upload("old", 100)));
  ASSERT_TRUE(store().AddUpload(Upload("new", 300)));
  ASSERT_TRUE(store().AddUpload(Upload("older", 50)));
  const auto stale = store().StaleUploads(300, 10).value();
  ASSERT_EQ(stale.size(), 2U);
  EXPECT_EQ(stale[0].id, "older");
  EXPECT_EQ(stale[1].id, "old");
  EXPECT_EQ(store().StaleUploads(1000, 2)->size(), 2U);
  EXPECT_TRUE(store().StaleUploads(50, 10)->empty());
  EXPECT_EQ(store().Count()->uploads, 3U);
}

}  // namespace portolan::store
