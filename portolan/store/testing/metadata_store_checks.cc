// Going through everything, and reopening.
#include <utility>

#include "portolan/store/testing/metadata_store_parts.h"
#include "portolan/store/testing/metadata_store_suite.h"

namespace portolan::store {

void LinkCheckTests() {}

TEST_P(MetadataStoreSuite, EveryBlobIsVisited) {
  std::vector<std::string> expected;
  for (int i = 0; i < 300; ++i) expected.push_back("object of " + std::to_string(i));
  for (int i = 0; i < 300; ++i) AddBlob("a", std::to_string(i));
  const std::string big(700'000, 'x');
  for (const std::string& content : {big + "1", big + "2", big + "3"}) {
    const BlobRow blob{.digest = DigestOfText(content),
                       .size = content.size(),
                       .object = {},
                       .content = std::make_shared<const std::string>(content)};
    ASSERT_TRUE(store().AddBlob(Repository("a"), blob, {}, Now()));
    expected.push_back(content.substr(content.size() - 1));
  }
  ASSERT_TRUE(PutWith({.allow_missing = true}, "a", Image("holes", {DigestOfText("nowhere")})));
  const oci::Digest doomed = AddBlob("a", "doomed");
  ASSERT_TRUE(store().RemoveBlob(Repository("a"), doomed));
  std::vector<std::string> visited;
  ASSERT_TRUE(store().ForEachBlob([&](const BlobRow& blob) -> Status {
    visited.push_back(blob.content ? blob.content->substr(blob.content->size() - 1) : blob.object);
    return {};
  }));
  EXPECT_EQ(visited, expected);
}

TEST_P(MetadataStoreSuite, EveryManifestIsVisited) {
  const TestManifest deleted = Image("deleted");
  ASSERT_TRUE(Put("a", Image("one")));
  ASSERT_TRUE(Put("b", deleted));
  ASSERT_TRUE(DeleteManifest("b", deleted));
  ASSERT_TRUE(Put("c", Image("three")));
  std::vector<std::string> visited;
  ASSERT_TRUE(store().ForEachManifest(
      [&](const oci::RepositoryName& repository, const StoredManifest& manifest) -> Status {
        EXPECT_EQ(manifest.digest, DigestOfText(*manifest.content));
        EXPECT_EQ(manifest.media_type, oci::kImageManifestType);
        visited.push_back(repository.text() + " " + *manifest.content);
        return {};
      }));
  EXPECT_EQ(visited, (std::vector<std::string>{"a one", "b deleted", "c three"}));
}

TEST_P(MetadataStoreSuite, AnErrorEndsAVisit) {
  AddBlob("a", "one");
  AddBlob("a", "two");
  ASSERT_TRUE(Put("a", Image("one")));
  ASSERT_TRUE(Put("a", Image("two")));
  int visits = 0;
  const auto fail = [&]() -> Status {
    ++visits;
    return Fail(ErrorCode::kCancelled, "enough");
  };
  EXPECT_EQ(CodeOf(store().ForEachBlob([&](const BlobRow&) { return fail(); })),
            ErrorCode::kCancelled);
  EXPECT_EQ(CodeOf(store().ForEachManifest([&](const auto&, const auto&) { return fail(); })),
            ErrorCode::kCancelled);
  EXPECT_EQ(visits, 2);
}

TEST_P(MetadataStoreSuite, ADroppedBlobIsMissedAndCanBePushedAgain) {
  const oci::Digest config = AddBlob("a", "config");
  const TestManifest image = Image("image", {config});
  ASSERT_TRUE(Put("a", image, {"t"}));
  EXPECT_TRUE(store().DanglingReferences(10)->empty());
  ASSERT_TRUE(store().DropBlob(config));
  ASSERT_TRUE(store().DropBlob(DigestOfText("never")));
  EXPECT_FALSE(BlobIsIn("a", config));
  EXPECT_TRUE(store().DoomedBlobs(10)->empty());
  EXPECT_EQ(store().DanglingReferences(10).value(),
            std::vector<std::string>{"a " + image.digest.text() + " → " + config.text()});
  EXPECT_EQ(CodeOf(Put("a", image)), ErrorCode::kManifestBlobUnknown);
  EXPECT_TRUE(store().CheckStructure()->empty());
  AddBlob("a", "config");
  EXPECT_TRUE(store().DanglingReferences(10)->empty());
  EXPECT_TRUE(store().UnusedLinks(Everything(), 0, 0, 10)->empty());  // needed as before
  EXPECT_TRUE(Put("a", image));
}

TEST_P(MetadataStoreSuite, DanglingChildren) {
  const TestManifest child = Image("child");
  const TestManifest index = Index("index", {child, Image("other")});
  ASSERT_TRUE(Put("a", child));
  ASSERT_TRUE(Put("a", Image("other")));
  ASSERT_TRUE(Put("a", index));
  ASSERT_TRUE(DeleteManifest("a", child));
  EXPECT_EQ(store().DanglingReferences(10).value(),
            std::vector<std::string>{"a " + index.digest.text() + " → " + child.digest.text()});
  ASSERT_TRUE(DeleteManifest("a", Image("other")));
  EXPECT_EQ(store().DanglingReferences(10)->size(), 2U);
  EXPECT_EQ(store().DanglingReferences(1)->size(), 1U);
}

TEST_P(MetadataStoreSuite, Counts) {
  AddBlob("a", "12345");
  AddBlob("b", "12345");
  AddBlob("b", "123");
  ASSERT_TRUE(Put("a", Image("one"), {"x", "y"}));
  ASSERT_TRUE(Put("a", Image("two"), {"y", "z"}));
  const StoreCounts counts = store().Count().value();
  EXPECT_EQ(counts.repositories, 1U);
  EXPECT_EQ(counts.manifests, 2U);
  EXPECT_EQ(counts.tags, 3U);
  EXPECT_EQ(counts.blobs, 2U);
  EXPECT_EQ(counts.blob_bytes, 8U);
  EXPECT_EQ(counts.uploads, 0U);
}

TEST_P(MetadataStoreSuite, EverythingIsThereAfterReopening) {
  const oci::Digest config = AddBlob("a", "config");
  const TestManifest image = Image("image", {config});
  const TestManifest signature = Referrer("signature", image.digest, "x", {{"key", "value"}});
  ASSERT_TRUE(Put("a", image, {"one", "two"}));
  ASSERT_TRUE(Put("a", signature));
  ASSERT_TRUE(DeleteTag("a", "two"));
  Reopen();
  EXPECT_EQ(Find("a", "one")->digest, image.digest);
  EXPECT_EQ(Tags("a"), std::vector<std::string>{"one"});
  EXPECT_EQ(Repositories(), std::vector<std::string>{"a"});
  EXPECT_EQ(History("a").size(), 3U);
  EXPECT_TRUE(BlobIsIn("a", config));
  int referrers = 0;
  ASSERT_TRUE(store().ListReferrers(Repository("a"), image.digest, "", 0, 10,
                                    [&](std::int64_t, const oci::Descriptor& descriptor) {
                                      EXPECT_EQ(descriptor.annotations[0].second, "value");
                                      ++referrers;
                                      return true;
                                    }));
  EXPECT_EQ(referrers, 1);
  EXPECT_TRUE(store().CheckStructure()->empty());
}

}  // namespace portolan::store
