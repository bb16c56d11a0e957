// Storing, finding and deleting manifests.
#include "portolan/oci/hasher.h"
#include "portolan/store/testing/metadata_store_parts.h"
#include "portolan/store/testing/metadata_store_suite.h"

namespace portolan::store {

void LinkManifestTests() {}

TEST_P(MetadataStoreSuite, ManifestIsFoundByTagAndDigest) {
  const oci::Digest config = AddBlob("a/b", "config");
  const oci::Digest layer = AddBlob("a/b", "layer");
  const TestManifest image = Image("image", {config, layer});
  ASSERT_TRUE(Put("a/b", image, {"latest", "1.0"}));
  for (const auto& found : {Find("a/b", "latest"), Find("a/b", "1.0"), Find("a/b", image)}) {
    ASSERT_TRUE(found) << found.error().message;
    EXPECT_EQ(found->digest, image.digest);
    EXPECT_EQ(found->media_type, oci::kImageManifestType);
    EXPECT_EQ(found->size, image.content.size());
  }
  const auto read = store().ReadManifest(Repository("a/b"), image.digest);
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(read->digest, image.digest);
  EXPECT_EQ(read->media_type, oci::kImageManifestType);
  EXPECT_EQ(*read->content, image.content);
}

TEST_P(MetadataStoreSuite, ManifestThatIsNotThere) {
  const TestManifest image = Image("image");
  EXPECT_EQ(CodeOf(Find("nobody", "latest")), ErrorCode::kNameUnknown);
  EXPECT_EQ(CodeOf(Find("nobody", image)), ErrorCode::kNameUnknown);
  EXPECT_EQ(CodeOf(store().ReadManifest(Repository("nobody"), image.digest)),
            ErrorCode::kNameUnknown);
  AddBlob("a", "layer");
  EXPECT_EQ(CodeOf(Find("a", "latest")), ErrorCode::kManifestUnknown);
  EXPECT_EQ(CodeOf(Find("a", image)), ErrorCode::kManifestUnknown);
  EXPECT_EQ(CodeOf(store().ReadManifest(Repository("a"), image.digest)),
            ErrorCode::kManifestUnknown);
  const auto missing = Find("a", "latest");
  EXPECT_EQ(missing.error().message, "repository a has no tag latest");
}

TEST_P(MetadataStoreSuite, OtherRepositoriesManifestsAreNotSeen) {
  const TestManifest image = Image("image");
  ASSERT_TRUE(Put("a", image, {"latest"}));
  AddBlob("b", "layer");
  EXPECT_EQ(CodeOf(Find("b", image)), ErrorCode::kManifestUnknown);
  EXPECT_EQ(CodeOf(Find("b", "latest")), ErrorCode::kManifestUnknown);
  ASSERT_TRUE(Put("b", image));
  EXPECT_TRUE(Find("b", image));
  ASSERT_TRUE(DeleteManifest("a", image));
  EXPECT_TRUE(Find("b", image));
}

TEST_P(MetadataStoreSuite, DigestsOfEveryKind) {
  const std::vector<std::string> digests{
      oci::DigestOf(oci::HashAlgorithm::kSha512, "x").text(),
      "sha384:" + std::string(96, 'a'),
      "blake3:" + std::string(64, '0'),
      "some+thing:ABC_def-=" + std::string(30, 'x'),
  };
  for (const std::string& text : digests) {
    TestManifest image = Image("of " + text);
    image.digest = oci::Digest::Parse(text).value();
    ASSERT_TRUE(Put("a", image, {"t"})) << text;
    EXPECT_EQ(Find("a", "t")->digest.text(), text);
    EXPECT_TRUE(Find("a", image)) << text;
    const BlobRow blob{.digest = image.digest, .size = 3, .object = text, .content = {}};
    ASSERT_TRUE(store().AddBlob(Repository("a"), blob, {}, Now())) << text;
    EXPECT_EQ(store().FindBlob(Repository("a"), image.digest)->object, text);
  }
}

TEST_P(MetadataStoreSuite, ManifestNeedsItsBlobs) {
  const oci::Digest config = AddBlob("a", "config");
  const oci::Digest missing = AddBlob("elsewhere", "layer");
  const TestManifest image = Image("image", {config, missing, DigestOfText("another")});
  const Status put = Put("a", image, {"latest"});
  ASSERT_EQ(CodeOf(put), ErrorCode::kManifestBlobUnknown);
  EXPECT_NE(put.error().message.find(missing.text()), std::string::npos) << put.error().message;
  EXPECT_EQ(CodeOf(Find("a", "latest")), ErrorCode::kManifestUnknown);
  EXPECT_TRUE(Tags("a").empty());
  EXPECT_TRUE(History("a").empty());
}

TEST_P(MetadataStoreSuite, AFailedPutMakesNoRepository) {
  EXPECT_EQ(CodeOf(Put("a", Image("image", {DigestOfText("config")}))),
            ErrorCode::kManifestBlobUnknown);
  EXPECT_EQ(CodeOf(Find("a", "latest")), ErrorCode::kNameUnknown);
}

TEST_P(MetadataStoreSuite, ManifestNeedsItsChildren) {
  const TestManifest one = Image("one");
  const TestManifest two = Image("two");
  const TestManifest index = Index("index", {one, two});
  ASSERT_TRUE(Put("a", one));
  ASSERT_TRUE(Put("elsewhere", two));
  const Status put = Put("a", index, {"latest"});
  ASSERT_EQ(CodeOf(put), ErrorCode::kManifestBlobUnknown);
  EXPECT_NE(put.error().message.find(two.digest.text()), std::string::npos);
  ASSERT_TRUE(Put("a", two));
  EXPECT_TRUE(Put("a", index, {"latest"}));
  ASSERT_TRUE(DeleteManifest("a", two));
  EXPECT_EQ(CodeOf(Put("a", index, {"latest"})), ErrorCode::kManifestBlobUnknown);
}

TEST_P(MetadataStoreSuite, AnIndexMayListBlobsOfOtherTypes) {
  const oci::Digest layer = AddBlob("a", "layer");
  TestManifest cache = Index("cache", {});
  cache.manifest.manifests.push_back(
      Describe("application/vnd.oci.image.layer.v1.tar+gzip", layer));
  EXPECT_TRUE(Put("a", cache, {"cache"}));
  EXPECT_TRUE(Collect(EverythingUntagged()).empty());
  EXPECT_TRUE(BlobIsIn("a", layer));
  // Called a manifest, it must be one.
  TestManifest wrong = Index("wrong", {});
  wrong.manifest.manifests.push_back(Describe(oci::kImageManifestType, layer));
  EXPECT_EQ(CodeOf(Put("a", wrong)), ErrorCode::kManifestBlobUnknown);
}

TEST_P(MetadataStoreSuite, WhatMayBeMissing) {
  const oci::Digest config = AddBlob("a", "config");
  TestManifest foreign = Image("foreign", {config, DigestOfText("foreign layer")});
  foreign.manifest.layers[0].media_type =
      "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip";
  EXPECT_TRUE(Put("a", foreign));
  TestManifest elsewhere = Image("elsewhere", {config, DigestOfText("other layer")});
  elsewhere.manifest.layers[0].has_urls = true;
  EXPECT_TRUE(Put("a", elsewhere));
  EXPECT_TRUE(Put("a", Referrer("signature", DigestOfText("no such subject"), "type")));
  EXPECT_TRUE(
      PutWith({.allow_missing = true}, "a", Index("sparse", {Image("missing child")}), {"sparse"}));
  EXPECT_TRUE(PutWith({.allow_missing = true}, "a", Image("holes", {DigestOfText("nowhere")})));
  EXPECT_EQ(store().DanglingReferences(10).value(), std::vector<std::string>());
}

TEST_P(MetadataStoreSuite, APutTagIsDeniedByWhatIsThere) {
  const TestManifest one = Image("one");
  const TestManifest two = Image("two");
  ASSERT_EQ(CodeOf(PutWith({.may_create = false}, "a", one, {"new"})), ErrorCode::kDenied);
  EXPECT_EQ(CodeOf(Find("a", one)), ErrorCode::kNameUnknown);  // nothing was stored
  ASSERT_TRUE(PutWith({.may_overwrite = false}, "a", one, {"t"}));
  const Status moved = PutWith({.may_overwrite = false}, "a", two, {"other", "t"});
  ASSERT_EQ(CodeOf(moved), ErrorCode::kDenied);
  EXPECT_EQ(moved.error().message, "tag t of repository a exists, and moving it is not allowed");
  EXPECT_EQ(CodeOf(Find("a", two)), ErrorCode::kManifestUnknown);
  EXPECT_EQ(Tags("a"), std::vector<std::string>{"t"});
  // The digest that it has already needs no right, and is no event.
  EXPECT_TRUE(PutWith({.may_create = false, .may_overwrite = false}, "a", one, {"t"}));
  EXPECT_EQ(History("a").size(), 1U);
  EXPECT_TRUE(PutWith({.may_create = false}, "a", two, {"t"}));
  EXPECT_EQ(Find("a", "t")->digest, two.digest);
}

TEST_P(MetadataStoreSuite, APutSaysWhatBecameOfItsTags) {
  using enum TagOutcome;
  ASSERT_TRUE(Put("a", Image("one"), {"t", "u"}));
  EXPECT_EQ(outcomes(), (std::vector{kCreated, kCreated}));
  ASSERT_TRUE(Put("a", Image("two"), {"new", "t"}));
  EXPECT_EQ(outcomes(), (std::vector{kCreated, kOverwritten}));
  ASSERT_TRUE(Put("a", Image("two"), {"t"}));
  EXPECT_EQ(outcomes(), std::vector{kUnchanged});
  ASSERT_TRUE(DeleteTag("a", "t"));
  ASSERT_TRUE(Put("a", Image("one"), {"t"}));
  EXPECT_EQ(outcomes(), std::vector{kCreated});
}

TEST_P(MetadataStoreSuite, PuttingAgainChangesNothing) {
  const TestManifest image = Image("image");
  ASSERT_TRUE(Put("a", image, {"t"}));
  ASSERT_TRUE(Put("a", image));
  ASSERT_TRUE(Put("a", image, {"t"}));
  EXPECT_EQ(store().Count()->manifests, 1U);
  EXPECT_EQ(History("a").size(), 1U);
}

TEST_P(MetadataStoreSuite, DeletingAManifestHidesItAndItsTags) {
  const TestManifest image = Image("image");
  const TestManifest other = Image("other");
  ASSERT_TRUE(Put("a", image, {"one", "two"}));
  ASSERT_TRUE(Put("a", other, {"three"}));
  ASSERT_TRUE(DeleteManifest("a", image));
  EXPECT_EQ(CodeOf(Find("a", image)), ErrorCode::kManifestUnknown);
  EXPECT_EQ(CodeOf(Find("a", "one")), ErrorCode::kManifestUnknown);
  EXPECT_EQ(CodeOf(store().ReadManifest(Repository("a"), image.digest)),
            ErrorCode::kManifestUnknown);
  EXPECT_EQ(Tags("a"), std::vector<std::string>{"three"});
  const auto events = History("a");
  ASSERT_EQ(events.size(), 5U);
  EXPECT_EQ(events[0].tag.text(), "two");
  EXPECT_EQ(events[0].before, image.digest);
  EXPECT_EQ(events[0].after, std::nullopt);
  EXPECT_EQ(events[1].tag.text(), "one");
  EXPECT_EQ(CodeOf(DeleteManifest("a", image)), ErrorCode::kManifestUnknown);
  EXPECT_EQ(CodeOf(DeleteManifest("nobody", image)), ErrorCode::kNameUnknown);
}

TEST_P(MetadataStoreSuite, PuttingTakesBackADeletion) {
  const TestManifest image = Image("image", {AddBlob("a", "config")});
  ASSERT_TRUE(Put("a", image, {"t"}));
  ASSERT_TRUE(DeleteManifest("a", image));
  EXPECT_TRUE(Repositories().empty());
  ASSERT_TRUE(Put("a", image));
  EXPECT_TRUE(Find("a", image));
  EXPECT_EQ(CodeOf(Find("a", "t")), ErrorCode::kManifestUnknown);
  EXPECT_EQ(Repositories(), std::vector<std::string>{"a"});
  EXPECT_TRUE(Collect(Everything()).empty());
}

TEST_P(MetadataStoreSuite, ManifestsOfFourMebibytes) {
  const TestManifest image = Image(std::string(4U << 20U, 'x'));
  ASSERT_TRUE(Put("a", image, {"big"}));
  EXPECT_EQ(*store().ReadManifest(Repository("a"), image.digest)->content, image.content);
}

}  // namespace portolan::store
