// Tags and repositories: lists, deletion, history, restoring.
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "portolan/store/testing/metadata_store_parts.h"
#include "portolan/store/testing/metadata_store_suite.h"

namespace portolan::store {

void LinkTagTests() {}

TEST_P(MetadataStoreSuite, TagsAreListedInByteOrderPageByPage) {
  const TestManifest image = Image("image");
  ASSERT_TRUE(Put("a", image, {"b", "B", "_", "1.10", "1.9", "a-b", "a.b", "a_b"}));
  ASSERT_TRUE(Put("ab", image, {"other"}));
  const std::vector<std::string> all{"1.10", "1.9", "B", "_", "a-b", "a.b", "a_b", "b"};
  EXPECT_EQ(Tags("a"), all);
  EXPECT_EQ(Tags("a", "", 3), (std::vector<std::string>{"1.10", "1.9", "B"}));
  EXPECT_EQ(Tags("a", "B", 2), (std::vector<std::string>{"_", "a-b"}));
  EXPECT_EQ(Tags("a", "a-zzz", 1), std::vector<std::string>{"a.b"});  // after one that is not there
  EXPECT_TRUE(Tags("a", "b").empty());
  EXPECT_TRUE(Tags("a", "", 0).empty());
  EXPECT_EQ(Tags("a", "", SIZE_MAX), all);
}

TEST_P(MetadataStoreSuite, TagsAreListedInTheOrderInWhichTheyWereSet) {
  ASSERT_TRUE(Put("a", Image("image"), {"b", "a", "c"}));
  ASSERT_TRUE(Put("b", Image("image"), {"x"}));
  ASSERT_TRUE(Put("a", Image("second"), {"0"}));
  using Places = std::vector<std::pair<std::string, std::int64_t>>;
  const auto list = [&](std::int64_t from, std::size_t limit) {
    Places places;
    EXPECT_TRUE(store().ListTagsByPlace(
        Repository("a"), from, limit,
        [&](std::string_view tag, std::int64_t place) { places.emplace_back(tag, place); }));
    return places;
  };
  const auto names = [](const Places& places) {
    std::string out;
    for (const auto& [tag, place] : places) out += tag;
    return out;
  };
  const Places all = list(INT64_MIN, 10);
  ASSERT_EQ(names(all), "bac0");
  EXPECT_EQ(names(list(INT64_MIN, 2)), "ba");
  EXPECT_EQ(names(list(all[1].second, 2)), "ac");
  EXPECT_EQ(names(list(all[1].second + 1, 1)), "c");
  EXPECT_EQ(store().FindTagPlace(Repository("a"), "c").value(), all[2].second);
  EXPECT_EQ(store().FindTagPlace(Repository("a"), "d").value(), std::nullopt);
  EXPECT_EQ(store().FindTagPlace(Repository("nobody"), "c").value(), std::nullopt);

  ASSERT_TRUE(Put("a", Image("second"), {"b", "0"}));  // b moves, 0 stays as it is
  EXPECT_EQ(names(list(INT64_MIN, 10)), "ac0b");
  ASSERT_TRUE(DeleteManifest("a", Image("image")));
  EXPECT_EQ(names(list(INT64_MIN, 10)), "0b");
  EXPECT_EQ(CodeOf(store().ListTagsByPlace(Repository("nobody"), 0, 1,
                                           [](std::string_view, std::int64_t) {})),
            ErrorCode::kNameUnknown);
}

TEST_P(MetadataStoreSuite, TagsOfARepositoryThatIsNotThere) {
  const auto ignore = [](std::string_view) {};
  EXPECT_EQ(CodeOf(store().ListTags(Repository("nobody"), "", 10, ignore)),
            ErrorCode::kNameUnknown);
  EXPECT_EQ(CodeOf(store().ListTags(Repository("nobody"), "", 0, ignore)), ErrorCode::kNameUnknown);
  AddBlob("a", "layer");
  EXPECT_TRUE(Tags("a").empty());
}

TEST_P(MetadataStoreSuite, AListingsCallbackMayUseTheStore) {
  ASSERT_TRUE(Put("a", Image("image"), {"x", "y"}));
  std::vector<std::string> nested;
  ASSERT_TRUE(store().ListTags(Repository("a"), "", 10, [&](std::string_view) {
    for (std::string& tag : Tags("a")) nested.push_back(std::move(tag));
    EXPECT_TRUE(Put("a", Image("image"), {"z"}));
  }));
  // Each statement sees the last commit when it begins.
  EXPECT_EQ(nested, (std::vector<std::string>{"x", "y", "x", "y", "z"}));
}

TEST_P(MetadataStoreSuite, RepositoriesWithManifestsAreListed) {
  for (const char* const name : {"b", "a/c", "a", "a-b", "c"}) {
    ASSERT_TRUE(Put(name, Image("image")));
  }
  AddBlob("bb", "only a blob");
  EXPECT_EQ(Repositories(), (std::vector<std::string>{"a", "a-b", "a/c", "b", "c"}));
  EXPECT_EQ(Repositories("a", 2), (std::vector<std::string>{"a-b", "a/c"}));
  ASSERT_TRUE(DeleteManifest("b", Image("image")));
  EXPECT_EQ(Repositories("a/c", 2), std::vector<std::string>{"c"});
  EXPECT_TRUE(Repositories("c").empty());
  ASSERT_TRUE(Put("c", Image("second")));
  ASSERT_TRUE(DeleteManifest("c", Image("image")));
  EXPECT_EQ(Repositories("b"), std::vector<std::string>{"c"});
}

TEST_P(MetadataStoreSuite, DeletingATagKeepsItsManifest) {
  const TestManifest image = Image("image");
  ASSERT_TRUE(Put("a", image, {"one", "two"}));
  ASSERT_TRUE(DeleteTag("a", "one"));
  EXPECT_EQ(Tags("a"), std::vector<std::string>{"two"});
  EXPECT_TRUE(Find("a", image));
  EXPECT_EQ(CodeOf(DeleteTag("a", "one")), ErrorCode::kManifestUnknown);
  EXPECT_EQ(CodeOf(DeleteTag("nobody", "one")), ErrorCode::kNameUnknown);
}

TEST_P(MetadataStoreSuite, HistoryTellsWhoDidWhatAndWhen) {
  const TestManifest one = Image("one");
  const TestManifest two = Image("two");
  ASSERT_TRUE(Put("a", one, {"t"}));
  const Millis made = now();
  ASSERT_TRUE(Put("a", two, {"t"}));
  ASSERT_TRUE(store().DeleteTag(Repository("a"), TagNamed("t"), Now("")));
  const auto events = History("a", "t");
  ASSERT_EQ(events.size(), 3U);
  EXPECT_EQ(events[2].before, std::nullopt);
  EXPECT_EQ(events[2].after, one.digest);
  EXPECT_EQ(events[2].principal, "ada");
  EXPECT_EQ(events[2].at, made);
  EXPECT_FALSE(events[2].restorable);
  EXPECT_EQ(events[1].before, one.digest);
  EXPECT_EQ(events[1].after, two.digest);
  EXPECT_TRUE(events[1].restorable);
  EXPECT_EQ(events[0].before, two.digest);
  EXPECT_EQ(events[0].after, std::nullopt);
  EXPECT_EQ(events[0].principal, "");
  EXPECT_GT(events[0].id, events[1].id);
  EXPECT_GT(events[1].id, events[2].id);
  EXPECT_EQ(CodeOf(store().TagHistory(Repository("nobody"), std::nullopt, 0, 1)),
            ErrorCode::kNameUnknown);
  EXPECT_TRUE(History("a", "never").empty());
}

TEST_P(MetadataStoreSuite, HistoryIsPaged) {
  for (int i = 0; i < 6; ++i) {
    ASSERT_TRUE(Put("a", Image(fmt::format("image {}", i)), {i % 2 == 0 ? "even" : "odd"}));
  }
  ASSERT_TRUE(Put("b", Image("image"), {"even"}));
  std::vector<std::string> tags;
  std::int64_t before = 0;
  for (int page = 0; page < 3; ++page) {
    const auto events = store().TagHistory(Repository("a"), std::nullopt, before, 2).value();
    ASSERT_EQ(events.size(), 2U);
    for (const TagEvent& event : events) tags.push_back(event.tag.text());
    before = events.back().id;
  }
  EXPECT_EQ(tags, (std::vector<std::string>{"odd", "even", "odd", "even", "odd", "even"}));
  EXPECT_TRUE(store().TagHistory(Repository("a"), std::nullopt, before, 2)->empty());
  const auto evens = store().TagHistory(Repository("a"), TagNamed("even"), 0, 2).value();
  ASSERT_EQ(evens.size(), 2U);
  EXPECT_EQ(store().TagHistory(Repository("a"), TagNamed("even"), evens[1].id, 2)->size(), 1U);
}

TEST_P(MetadataStoreSuite, RestoringADeletedTag) {
  const TestManifest image = Image("image");
  ASSERT_TRUE(Put("a", image, {"t"}));
  ASSERT_TRUE(DeleteTag("a", "t"));
  const auto restored =
      store().RestoreTag(Repository("a"), TagNamed("t"), {}, true, false, Now("eve"));
  ASSERT_TRUE(restored) << restored.error().message;
  EXPECT_EQ(*restored, image.digest);
  EXPECT_EQ(Find("a", "t")->digest, image.digest);
  const auto events = History("a", "t");
  ASSERT_EQ(events.size(), 3U);
  EXPECT_EQ(events[0].before, std::nullopt);
  EXPECT_EQ(events[0].after, image.digest);
  EXPECT_EQ(events[0].principal, "eve");
}

TEST_P(MetadataStoreSuite, RestoringADeletedManifestWithWhatItLists) {
  const TestManifest child = Image("child", {AddBlob("a", "config")});
  const TestManifest inner = Index("inner", {child});
  const TestManifest index = Index("index", {inner});
  for (const TestManifest& manifest : {child, inner}) ASSERT_TRUE(Put("a", manifest));
  ASSERT_TRUE(Put("a", index, {"t"}));
  for (const TestManifest& manifest : {index, inner, child}) {
    ASSERT_TRUE(DeleteManifest("a", manifest));
  }
  EXPECT_TRUE(Repositories().empty());
  EXPECT_TRUE(History("a", "t")[0].restorable);
  ASSERT_TRUE(store().RestoreTag(Repository("a"), TagNamed("t"), {}, true, true, Now()));
  EXPECT_EQ(Find("a", "t")->digest, index.digest);
  EXPECT_TRUE(Find("a", inner));
  EXPECT_TRUE(Find("a", child));
  EXPECT_EQ(store().Count()->manifests, 3U);
  EXPECT_TRUE(store().CheckStructure()->empty());
}

TEST_P(MetadataStoreSuite, RestoringALiveIndexWhoseChildWasDeleted) {
  const TestManifest child = Image("child", {AddBlob("a", "config")});
  const TestManifest inner = Index("inner", {child});
  const TestManifest index = Index("index", {inner, child});
  for (const TestManifest& manifest : {child, inner}) ASSERT_TRUE(Put("a", manifest));
  ASSERT_TRUE(Put("a", index, {"t"}));
  ASSERT_TRUE(DeleteManifest("a", child));
  // The tag names it already: nothing but what it lists is to be restored.
  ASSERT_TRUE(store().RestoreTag(Repository("a"), TagNamed("t"), index.digest, true, true, Now()));
  EXPECT_TRUE(Find("a", child));
  ASSERT_TRUE(DeleteManifest("a", child));
  ASSERT_TRUE(DeleteManifest("a", index));  // the one between is live
  ASSERT_TRUE(store().RestoreTag(Repository("a"), TagNamed("t"), {}, true, true, Now()));
  EXPECT_TRUE(Find("a", child));
  EXPECT_EQ(store().Count()->manifests, 3U);
  EXPECT_TRUE(store().CheckStructure()->empty());
}

TEST_P(MetadataStoreSuite, RestoringIsBounded) {
  TestManifest index = Index("index", {});
  for (int i = 0; i < 10'001; ++i) {
    const TestManifest child = Image(fmt::format("child {}", i));
    index.manifest.manifests.push_back(Describe(oci::kImageManifestType, child.digest));
    ASSERT_TRUE(Put("a", child));
  }
  ASSERT_TRUE(Put("a", index, {"t"}));
  ASSERT_TRUE(DeleteTag("a", "t"));
  EXPECT_EQ(CodeOf(store().RestoreTag(Repository("a"), TagNamed("t"), {}, true, true, Now())),
            ErrorCode::kUnsupported);
  EXPECT_EQ(CodeOf(Find("a", "t")), ErrorCode::kManifestUnknown);
}

TEST_P(MetadataStoreSuite, RestoringAnEarlierDigest) {
  const TestManifest one = Image("one");
  const TestManifest two = Image("two");
  const TestManifest three = Image("three");
  for (const TestManifest& image : {one, two, three}) ASSERT_TRUE(Put("a", image, {"t"}));
  const auto restore = [&](const std::optional<oci::Digest>& digest) {
    return store().RestoreTag(Repository("a"), TagNamed("t"), digest, true, true, Now());
  };
  EXPECT_EQ(restore(one.digest).value(), one.digest);
  EXPECT_EQ(Find("a", "t")->digest, one.digest);
  EXPECT_EQ(restore({}).value(), three.digest);  // what it had before the restoring
  EXPECT_EQ(History("a", "t").size(), 5U);
  EXPECT_EQ(restore(three.digest).value(), three.digest);  // it names that already
  EXPECT_EQ(History("a", "t").size(), 5U);
}

TEST_P(MetadataStoreSuite, WhatCannotBeRestored) {
  const TestManifest one = Image("one");
  const TestManifest two = Image("two");
  const auto restore = [&](std::string_view repository, const char* tag,
                           const std::optional<oci::Digest>& digest) {
    return CodeOf(
        store().RestoreTag(Repository(repository), TagNamed(tag), digest, true, true, Now()));
  };
  EXPECT_EQ(restore("nobody", "t", {}), ErrorCode::kNameUnknown);
  ASSERT_TRUE(Put("a", one, {"t"}));
  ASSERT_TRUE(Put("a", two, {"other"}));
  EXPECT_EQ(restore("a", "never", {}), ErrorCode::kManifestUnknown);
  EXPECT_EQ(restore("a", "t", {}), ErrorCode::kManifestUnknown);  // nothing before its first event
  EXPECT_EQ(restore("a", "t", two.digest), ErrorCode::kManifestUnknown);  // another tag's
  ASSERT_TRUE(DeleteManifest("a", one));
  ASSERT_EQ(Collect(Everything()), std::vector<std::string>{one.digest.text()});
  EXPECT_FALSE(History("a", "t")[0].restorable);
  EXPECT_EQ(restore("a", "t", {}), ErrorCode::kManifestUnknown);
}

TEST_P(MetadataStoreSuite, RestoringNeedsTheRightsOfPutting) {
  const TestManifest one = Image("one");
  const TestManifest two = Image("two");
  ASSERT_TRUE(Put("a", one, {"t"}));
  ASSERT_TRUE(Put("a", two, {"t"}));
  const auto restore = [&](bool may_create, bool may_overwrite) {
    return CodeOf(store().RestoreTag(Repository("a"), TagNamed("t"), one.digest, may_create,
                                     may_overwrite, Now()));
  };
  EXPECT_EQ(restore(true, false), ErrorCode::kDenied);
  ASSERT_TRUE(DeleteTag("a", "t"));
  ASSERT_TRUE(DeleteManifest("a", one));
  EXPECT_EQ(restore(false, true), ErrorCode::kDenied);
  EXPECT_EQ(CodeOf(Find("a", one)), ErrorCode::kManifestUnknown);  // still hidden
  EXPECT_EQ(restore(true, false), std::nullopt);
}

}  // namespace portolan::store
