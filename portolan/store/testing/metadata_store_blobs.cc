// Blobs and the repositories that have them.
#include <algorithm>
#include <utility>

#include "portolan/store/testing/metadata_store_parts.h"
#include "portolan/store/testing/metadata_store_suite.h"

namespace portolan::store {

void LinkBlobTests() {}

TEST_P(MetadataStoreSuite, BlobIsFoundInItsRepositoryOnly) {
  const oci::Digest layer = AddBlob("a", "layer");
  const auto found = store().FindBlob(Repository("a"), layer);
  ASSERT_TRUE(found) << found.error().message;
  EXPECT_EQ(found->digest, layer);
  EXPECT_EQ(found->size, 5U);
  EXPECT_EQ(found->object, "object of layer");
  EXPECT_EQ(found->content, nullptr);
  AddBlob("b", "other");
  EXPECT_EQ(CodeOf(store().FindBlob(Repository("b"), layer)), ErrorCode::kBlobUnknown);
  EXPECT_EQ(CodeOf(store().FindBlob(Repository("nobody"), layer)), ErrorCode::kBlobUnknown);
}

TEST_P(MetadataStoreSuite, InlineBlobs) {
  for (const std::string& content : {std::string("{}"), std::string(), std::string(20'000, '\0')}) {
    const BlobRow blob{.digest = DigestOfText(content),
                       .size = content.size(),
                       .object = {},
                       .content = std::make_shared<const std::string>(content)};
    const auto added = store().AddBlob(Repository("a"), blob, {}, Now());
    ASSERT_TRUE(added) << added.error().message;
    const auto found = store().FindBlob(Repository("a"), blob.digest);
    ASSERT_TRUE(found) << found.error().message;
    EXPECT_EQ(found->object, "");
    ASSERT_NE(found->content, nullptr);
    EXPECT_EQ(*found->content, content);
  }
}

TEST_P(MetadataStoreSuite, TheFirstObjectOfADigestStays) {
  const oci::Digest layer = AddBlob("a", "layer");
  const BlobRow again{.digest = layer, .size = 5, .object = "second object", .content = {}};
  const auto standing = store().AddBlob(Repository("b"), again, {}, Now());
  ASSERT_TRUE(standing) << standing.error().message;
  EXPECT_EQ(standing->object, "object of layer");
  EXPECT_EQ(store().FindBlob(Repository("b"), layer)->object, "object of layer");
  EXPECT_EQ(store().Count()->blobs, 1U);
  EXPECT_EQ(store().Count()->blob_bytes, 5U);
}

TEST_P(MetadataStoreSuite, AddingABlobEndsItsUpload) {
  const UploadRow upload{.id = "0123456789abcdef0123456789abcdef",
                         .repository = Repository("a"),
                         .principal = "ada",
                         .hash_state = {},
                         .content = {}};
  ASSERT_TRUE(store().AddUpload(upload));
  const BlobRow blob{.digest = DigestOfText("x"), .size = 1, .object = "o", .content = {}};
  ASSERT_TRUE(store().AddBlob(Repository("a"), blob, upload.id, Now()));
  EXPECT_EQ(CodeOf(store().FindUpload(upload.id)), ErrorCode::kBlobUploadUnknown);
}

TEST_P(MetadataStoreSuite, MountingABlob) {
  const oci::Digest layer = AddBlob("a", "layer");
  const auto mount = [&](std::string_view from, std::string_view to, const oci::Digest& digest) {
    return CodeOf(store().MountBlob(Repository(from), Repository(to), digest, Now()));
  };
  EXPECT_EQ(mount("nobody", "b", layer), ErrorCode::kBlobUnknown);
  EXPECT_EQ(mount("a", "b", DigestOfText("other")), ErrorCode::kBlobUnknown);
  EXPECT_EQ(CodeOf(Find("b", "t")), ErrorCode::kNameUnknown);  // a mount that failed made nothing
  EXPECT_EQ(mount("a", "b", layer), std::nullopt);
  EXPECT_EQ(mount("a", "b", layer), std::nullopt);
  EXPECT_EQ(store().FindBlob(Repository("b"), layer)->object, "object of layer");
  EXPECT_EQ(mount("b", "c", layer), std::nullopt);
}

TEST_P(MetadataStoreSuite, RepositoriesThatHaveABlob) {
  const oci::Digest layer = AddBlob("a", "layer");
  AddBlob("b", "layer");
  AddBlob("c/d", "layer");
  AddBlob("e", "other");
  auto repositories = store().RepositoriesWithBlob(layer, 10).value();
  std::ranges::sort(repositories);
  EXPECT_EQ(repositories, (std::vector{Repository("a"), Repository("b"), Repository("c/d")}));
  EXPECT_EQ(store().RepositoriesWithBlob(layer, 2)->size(), 2U);
  EXPECT_TRUE(store().RepositoriesWithBlob(DigestOfText("none"), 2)->empty());
}

TEST_P(MetadataStoreSuite, RemovingABlobFromARepository) {
  const oci::Digest layer = AddBlob("a", "layer");
  AddBlob("b", "layer");
  EXPECT_EQ(CodeOf(store().RemoveBlob(Repository("nobody"), layer)), ErrorCode::kBlobUnknown);
  EXPECT_EQ(CodeOf(store().RemoveBlob(Repository("a"), DigestOfText("x"))),
            ErrorCode::kBlobUnknown);
  ASSERT_TRUE(store().RemoveBlob(Repository("a"), layer));
  EXPECT_FALSE(BlobIsIn("a", layer));
  EXPECT_TRUE(BlobIsIn("b", layer));
  EXPECT_TRUE(store().DoomedBlobs(10)->empty());
  EXPECT_EQ(CodeOf(store().RemoveBlob(Repository("a"), layer)), ErrorCode::kBlobUnknown);
  ASSERT_TRUE(store().RemoveBlob(Repository("b"), layer));
  const auto doomed = store().DoomedBlobs(10).value();
  ASSERT_EQ(doomed.size(), 1U);
  EXPECT_EQ(doomed[0].digest, layer);
  EXPECT_EQ(doomed[0].object, "object of layer");
  EXPECT_EQ(doomed[0].size, 5U);
}

TEST_P(MetadataStoreSuite, ABlobThatAManifestNeedsIsNotRemoved) {
  const oci::Digest config = AddBlob("a", "config");
  AddBlob("b", "config");
  const TestManifest image = Image("image", {config});
  ASSERT_TRUE(Put("a", image));
  const Status removed = store().RemoveBlob(Repository("a"), config);
  ASSERT_EQ(CodeOf(removed), ErrorCode::kUnsupported);
  EXPECT_NE(removed.error().message.find(image.digest.text()), std::string::npos);
  EXPECT_TRUE(store().RemoveBlob(Repository("b"), config));  // b's manifests do not
  ASSERT_TRUE(DeleteManifest("a", image));
  EXPECT_EQ(CodeOf(store().RemoveBlob(Repository("a"), config)), ErrorCode::kUnsupported);
  Collect(Everything());
  EXPECT_FALSE(BlobIsIn("a", config));
}

TEST_P(MetadataStoreSuite, ADoomedBlobCanBePushedAnew) {
  const oci::Digest layer = AddBlob("a", "layer");
  ASSERT_TRUE(store().RemoveBlob(Repository("a"), layer));
  EXPECT_EQ(CodeOf(Put("a", Image("image", {layer}))), ErrorCode::kManifestBlobUnknown);
  const BlobRow anew{.digest = layer, .size = 5, .object = "new object", .content = {}};
  EXPECT_EQ(store().AddBlob(Repository("a"), anew, {}, Now())->object, "new object");
  const auto doomed = store().DoomedBlobs(10).value();
  ASSERT_EQ(doomed.size(), 1U);
  EXPECT_EQ(doomed[0].object, "object of layer");
  ASSERT_TRUE(store().ForgetBlobs(doomed));
  EXPECT_TRUE(store().DoomedBlobs(10)->empty());
  EXPECT_EQ(store().FindBlob(Repository("a"), layer)->object, "new object");
  EXPECT_TRUE(Put("a", Image("image", {layer})));
}

}  // namespace portolan::store
