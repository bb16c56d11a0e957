// What may go, and what stays.
#include <algorithm>
#include <utility>

#include "portolan/store/testing/metadata_store_parts.h"
#include "portolan/store/testing/metadata_store_suite.h"

namespace portolan::store {
namespace {

using Digests = std::vector<std::string>;

Digests Of(const std::vector<TestManifest>& manifests) {
  Digests digests;
  for (const TestManifest& manifest : manifests) digests.push_back(manifest.digest.text());
  return digests;
}

Digests Unused(MetadataStore& store, const GarbageTerms& terms) {
  Digests digests;
  for (const UnusedManifest& manifest : store.UnusedManifests(terms, 0, 1000).value()) {
    digests.push_back(manifest.digest.text());
  }
  return digests;
}

}  // namespace

void LinkGarbageTests() {}

TEST_P(MetadataStoreSuite, TaggedManifestsStay) {
  ASSERT_TRUE(Put("a", Image("image"), {"t"}));
  EXPECT_TRUE(Unused(store(), Everything()).empty());
  EXPECT_TRUE(Unused(store(), EverythingUntagged()).empty());
}

TEST_P(MetadataStoreSuite, UntaggedManifestsGoOnlyIfAskedForAndOld) {
  const TestManifest old = Image("old");
  const TestManifest young = Image("young");
  ASSERT_TRUE(Put("a", old));
  const Millis between = now() + 1;
  ASSERT_TRUE(Put("a", young));
  EXPECT_TRUE(Unused(store(), Everything()).empty());
  GarbageTerms terms = Everything();
  terms.untagged_before = between;
  const auto unused = store().UnusedManifests(terms, 0, 10).value();
  ASSERT_EQ(unused.size(), 1U);
  EXPECT_EQ(unused[0].digest, old.digest);
  EXPECT_EQ(unused[0].repository, "a");
  EXPECT_EQ(unused[0].created, between - 1);
  EXPECT_EQ(unused[0].deleted, std::nullopt);
  EXPECT_EQ(Collect(terms), Of({old}));
  EXPECT_EQ(CodeOf(Find("a", old)), ErrorCode::kManifestUnknown);
  EXPECT_TRUE(Find("a", young));
}

TEST_P(MetadataStoreSuite, PushedAgainIsYoungAgain) {
  const TestManifest image = Image("image");
  ASSERT_TRUE(Put("a", image));
  GarbageTerms terms = Everything();
  terms.untagged_before = now() + 1;
  ASSERT_TRUE(Put("a", image));  // a client is at work with it
  EXPECT_TRUE(Unused(store(), terms).empty());
}

TEST_P(MetadataStoreSuite, DeletedManifestsStayRestorableForATime) {
  const TestManifest image = Image("image");
  ASSERT_TRUE(Put("a", image));
  ASSERT_TRUE(DeleteManifest("a", image));
  GarbageTerms terms = EverythingUntagged();
  terms.deleted_before = now();
  EXPECT_TRUE(Unused(store(), terms).empty());
  const auto unused = store().UnusedManifests(Everything(), 0, 10).value();
  ASSERT_EQ(unused.size(), 1U);
  EXPECT_EQ(unused[0].deleted, now());
  EXPECT_EQ(Collect(Everything()), Of({image}));
  EXPECT_EQ(store().UnusedManifests(Everything(), 0, 10)->size(), 0U);
}

TEST_P(MetadataStoreSuite, WhatHistoryNamesStaysForATime) {
  const TestManifest one = Image("one");
  const TestManifest two = Image("two");
  ASSERT_TRUE(Put("a", one, {"t"}));
  ASSERT_TRUE(Put("a", two, {"t"}));
  const Millis moved = now();
  GarbageTerms terms = EverythingUntagged();
  terms.deleted_before = moved;  // the window begins with the move
  EXPECT_TRUE(Unused(store(), terms).empty());
  EXPECT_TRUE(History("a")[0].restorable);
  terms.deleted_before = moved + 1;
  EXPECT_EQ(Unused(store(), terms), Of({one}));
}

TEST_P(MetadataStoreSuite, WhatAnIndexListsStays) {
  const TestManifest child = Image("child");
  const TestManifest index = Index("index", {child});
  ASSERT_TRUE(Put("a", child));
  ASSERT_TRUE(Put("b", child));
  ASSERT_TRUE(Put("a", index, {"t"}));
  const auto unused = store().UnusedManifests(EverythingUntagged(), 0, 10).value();
  ASSERT_EQ(unused.size(), 1U);
  EXPECT_EQ(unused[0].repository, "b");  // where no index lists it
  ASSERT_TRUE(DeleteManifest("a", child));
  EXPECT_TRUE(Unused(store(), Everything()).empty());
  ASSERT_TRUE(DeleteManifest("a", index));
  EXPECT_EQ(Unused(store(), Everything()), Of({index}));
  EXPECT_EQ(Collect(Everything()), Of({index, child}));
}

TEST_P(MetadataStoreSuite, WhatRefersToASubjectStaysWithIt) {
  const TestManifest image = Image("image");
  const TestManifest signature = Referrer("signature", image.digest, "x");
  const TestManifest orphan = Referrer("orphan", DigestOfText("never came"), "x");
  for (const TestManifest& manifest : {image, signature, orphan}) {
    ASSERT_TRUE(Put("a", manifest,
                    manifest.digest == image.digest ? std::vector<std::string>{"t"}
                                                    : std::vector<std::string>()));
  }
  EXPECT_EQ(Unused(store(), EverythingUntagged()), Of({orphan}));
  ASSERT_TRUE(DeleteManifest("a", image));
  EXPECT_EQ(Unused(store(), EverythingUntagged()), Of({image, orphan}));  // it may be restored
  EXPECT_EQ(Collect(EverythingUntagged()), Of({image, orphan, signature}));
}

TEST_P(MetadataStoreSuite, ADeletedReferrerGoesThoughItsSubjectIsThere) {
  const TestManifest image = Image("image");
  const TestManifest signature = Referrer("signature", image.digest, "x");
  ASSERT_TRUE(Put("a", image, {"t"}));
  ASSERT_TRUE(Put("a", signature));
  ASSERT_TRUE(DeleteManifest("a", signature));
  EXPECT_EQ(Collect(Everything()), Of({signature}));
}

TEST_P(MetadataStoreSuite, UnusedManifestsArePaged) {
  std::vector<TestManifest> images;
  for (int i = 0; i < 5; ++i) {
    images.push_back(Image(std::to_string(i)));
    ASSERT_TRUE(Put("a", images.back()));
    ASSERT_TRUE(DeleteManifest("a", images.back()));
  }
  for (const GarbageTerms& terms : {Everything(), EverythingUntagged()}) {
    const auto first = store().UnusedManifests(terms, 0, 2).value();
    ASSERT_EQ(first.size(), 2U);
    EXPECT_LT(first[0].id, first[1].id);
    const auto rest = store().UnusedManifests(terms, first[1].id, 10).value();
    ASSERT_EQ(rest.size(), 3U);
    EXPECT_GT(rest[0].id, first[1].id);
    EXPECT_TRUE(store().UnusedManifests(terms, rest[2].id, 10)->empty());
    EXPECT_TRUE(store().UnusedManifests(terms, 0, 0)->empty());
  }
}

TEST_P(MetadataStoreSuite, ManifestsAreLookedAtAgainBeforeTheyGo) {
  const TestManifest tagged = Image("tagged");
  const TestManifest restored = Image("restored");
  const TestManifest gone = Image("gone");
  for (const TestManifest& image : {tagged, restored, gone}) ASSERT_TRUE(Put("a", image, {"t"}));
  ASSERT_TRUE(DeleteManifest("a", gone));
  ASSERT_TRUE(DeleteManifest("a", restored));
  const GarbageTerms terms = EverythingUntagged();
  std::vector<std::int64_t> ids;
  for (const auto& manifest : store().UnusedManifests(terms, 0, 10).value()) {
    ids.push_back(manifest.id);
  }
  ASSERT_EQ(ids.size(), 3U);
  ASSERT_TRUE(Put("a", tagged, {"new"}));
  ASSERT_TRUE(Put("a", restored));
  EXPECT_EQ(store().RemoveManifests(ids, terms).value(), std::vector{ids[2]});
  EXPECT_TRUE(store().RemoveManifests(ids, terms)->empty());
  EXPECT_TRUE(Find("a", restored));
  EXPECT_TRUE(store().CheckStructure()->empty());
}

TEST_P(MetadataStoreSuite, UnusedLinksAreThoseThatNoManifestNeeds) {
  const oci::Digest config = AddBlob("a", "config");
  const oci::Digest layer = AddBlob("a", "layer");
  const oci::Digest unused = AddBlob("a", "unused");
  AddBlob("b", "layer");
  ASSERT_TRUE(Put("a", Image("image", {config, layer})));
  const auto links = store().UnusedLinks(Everything(), 0, 0, 10).value();
  ASSERT_EQ(links.size(), 2U);
  EXPECT_EQ(links[0].repository, "a");
  EXPECT_EQ(links[0].digest, unused);
  EXPECT_EQ(links[0].size, 6U);
  EXPECT_EQ(links[1].repository, "b");
  EXPECT_EQ(links[1].digest, layer);
  EXPECT_EQ(store().UnusedLinks(Everything(), 0, 0, 1)->size(), 1U);
  const auto rest =
      store().UnusedLinks(Everything(), links[0].repository_id, links[0].blob_id, 10).value();
  ASSERT_EQ(rest.size(), 1U);
  EXPECT_EQ(rest[0].repository, "b");
  EXPECT_EQ(store().RemoveLinks(links, Everything()).value(), 2U);
  EXPECT_FALSE(BlobIsIn("a", unused));
  EXPECT_FALSE(BlobIsIn("b", layer));
  EXPECT_TRUE(BlobIsIn("a", layer));
  const auto doomed = store().DoomedBlobs(10).value();
  ASSERT_EQ(doomed.size(), 1U);  // the layer is a's still
  EXPECT_EQ(doomed[0].digest, unused);
}

TEST_P(MetadataStoreSuite, YoungLinksStay) {
  const oci::Digest old = AddBlob("a", "old");
  GarbageTerms terms = Everything();
  terms.linked_before = now() + 1;
  AddBlob("a", "young");
  const auto links = store().UnusedLinks(terms, 0, 0, 10).value();
  ASSERT_EQ(links.size(), 1U);
  EXPECT_EQ(links[0].digest, old);
  EXPECT_EQ(links[0].linked, terms.linked_before - 1);
  AddBlob("a", "old");  // pushed again
  EXPECT_EQ(store().RemoveLinks(links, terms).value(), 0U);
  EXPECT_TRUE(BlobIsIn("a", old));
}

TEST_P(MetadataStoreSuite, LinksAreLookedAtAgainBeforeTheyGo) {
  const oci::Digest config = AddBlob("a", "config");
  const auto links = store().UnusedLinks(Everything(), 0, 0, 10).value();
  ASSERT_EQ(links.size(), 1U);
  ASSERT_TRUE(Put("a", Image("image", {config})));
  EXPECT_EQ(store().RemoveLinks(links, Everything()).value(), 0U);
  EXPECT_TRUE(BlobIsIn("a", config));
}

TEST_P(MetadataStoreSuite, BlobsGoWithTheLastManifestThatNeedsThem) {
  const oci::Digest shared = AddBlob("a", "shared");
  const TestManifest one = Image("one", {shared, AddBlob("a", "own")});
  const TestManifest two = Image("two", {shared, shared, shared});
  ASSERT_TRUE(Put("a", one));
  ASSERT_TRUE(Put("a", two));
  ASSERT_TRUE(DeleteManifest("a", one));
  EXPECT_TRUE(store().UnusedLinks(Everything(), 0, 0, 10)->empty());  // it may be restored
  Collect(Everything());
  EXPECT_FALSE(BlobIsIn("a", DigestOfText("own")));
  EXPECT_TRUE(BlobIsIn("a", shared));
  ASSERT_TRUE(DeleteManifest("a", two));
  Collect(Everything());
  EXPECT_FALSE(BlobIsIn("a", shared));
  EXPECT_EQ(store().DoomedBlobs(10)->size(), 2U);
  ASSERT_TRUE(store().ForgetBlobs(store().DoomedBlobs(10).value()));
  EXPECT_TRUE(store().DoomedBlobs(10)->empty());
  EXPECT_EQ(store().Count()->blobs, 0U);
  EXPECT_EQ(store().Count()->blob_bytes, 0U);
  EXPECT_TRUE(store().CheckStructure()->empty());
}

TEST_P(MetadataStoreSuite, WhatWasMissingIsNeededWhenItComes) {
  const oci::Digest later = DigestOfText("later");
  TestManifest sparse = Image("sparse", {later});
  ASSERT_TRUE(PutWith({.allow_missing = true}, "a", sparse));
  AddBlob("b", "later");
  AddBlob("a", "later");
  EXPECT_EQ(store().UnusedLinks(Everything(), 0, 0, 10)->size(), 1U);  // b's
  EXPECT_EQ(CodeOf(store().RemoveBlob(Repository("a"), later)), ErrorCode::kUnsupported);
  ASSERT_TRUE(DeleteManifest("a", sparse));
  Collect(Everything());
  EXPECT_FALSE(BlobIsIn("a", later));
  EXPECT_TRUE(store().CheckStructure()->empty());
}

TEST_P(MetadataStoreSuite, ALayerThatASparseIndexListsIsNeededWhenItComes) {
  const oci::Digest later = DigestOfText("later");
  TestManifest cache = Index("cache", {});
  cache.manifest.manifests = {Describe("application/vnd.oci.image.layer.v1.tar+zstd", later)};
  ASSERT_TRUE(PutWith({.allow_missing = true}, "a", cache));
  AddBlob("a", "later");
  Collect(EverythingUntagged());
  ASSERT_TRUE(PutWith({.allow_missing = true}, "a", cache, {"buildcache"}));
  AddBlob("a", "later");
  Collect(EverythingUntagged());
  EXPECT_TRUE(BlobIsIn("a", later));
  EXPECT_TRUE(store().DanglingReferences(10)->empty());
  ASSERT_TRUE(DeleteManifest("a", cache));
  Collect(Everything());
  EXPECT_FALSE(BlobIsIn("a", later));
  EXPECT_TRUE(store().CheckStructure()->empty());
}

TEST_P(MetadataStoreSuite, InlineBlobsAreDoomedWithoutAnObject) {
  const BlobRow blob{.digest = DigestOfText("{}"),
                     .size = 2,
                     .object = {},
                     .content = std::make_shared<const std::string>("{}")};
  ASSERT_TRUE(store().AddBlob(Repository("a"), blob, {}, Now()));
  Collect(Everything());
  const auto doomed = store().DoomedBlobs(10).value();
  ASSERT_EQ(doomed.size(), 1U);
  EXPECT_EQ(doomed[0].object, "");
  EXPECT_EQ(doomed[0].size, 2U);
}

TEST_P(MetadataStoreSuite, OldHistoryIsForgotten) {
  ASSERT_TRUE(Put("a", Image("one"), {"t"}));
  ASSERT_TRUE(Put("a", Image("two"), {"t"}));
  const Millis last = now();
  EXPECT_EQ(store().ForgetHistory(last, 10).value(), 1U);
  EXPECT_EQ(store().ForgetHistory(last, 10).value(), 0U);
  const auto events = History("a");
  ASSERT_EQ(events.size(), 1U);
  EXPECT_EQ(events[0].at, last);
  ASSERT_TRUE(Put("a", Image("three"), {"t"}));
  EXPECT_EQ(store().ForgetHistory(now() + 1, 1).value(), 1U);
  EXPECT_EQ(History("a").size(), 1U);
  EXPECT_EQ(store().ForgetHistory(now() + 1, 1).value(), 1U);
  ASSERT_TRUE(Put("a", Image("four"), {"t"}));
  EXPECT_GT(History("a").at(0).id, events[0].id);  // numbers are not used twice
}

}  // namespace portolan::store
