// Tests of a MetadataStore: facts of tags and repositories.
#include <string>
#include <vector>

#include "portolan/store/testing/metadata_store_parts.h"
#include "portolan/store/testing/metadata_store_suite.h"

namespace portolan::store {
namespace {

using Names = std::vector<std::string>;

Names NamesOf(const Result<std::vector<TagRow>>& tags) {
  Names names;
  if (!tags) return {tags.error().message};
  for (const TagRow& tag : *tags) names.push_back(tag.name);
  return names;
}

}  // namespace

void LinkFactTests() {}

TEST_P(MetadataStoreSuite, TagsAreDescribedInEveryOrder) {
  ASSERT_TRUE(Put("a", Image("one"), {"b", "A-1", "c"}));
  const Millis first = now();
  ASSERT_TRUE(Put("a", Image("two"), {"a-2"}));
  ASSERT_TRUE(Put("other", Image("one"), {"x"}));
  const auto list = [&](const TagQuery& query) {
    return NamesOf(store().DescribeTags(Repository("a"), query));
  };
  using Order = TagQuery::Order;
  EXPECT_EQ(list({.order = Order::kName, .limit = 10}), (Names{"A-1", "a-2", "b", "c"}));
  EXPECT_EQ(list({.order = Order::kNameDown, .limit = 2}), (Names{"c", "b"}));
  EXPECT_EQ(list({.order = Order::kNewest, .limit = 10}), (Names{"a-2", "c", "A-1", "b"}));
  EXPECT_EQ(list({.order = Order::kOldest, .offset = 1, .limit = 2}), (Names{"A-1", "c"}));
  EXPECT_EQ(list({.order = Order::kName, .contains = "a-", .limit = 10}), (Names{"A-1", "a-2"}));
  EXPECT_EQ(store().CountTags(Repository("a"), "").value(), 4U);
  EXPECT_EQ(store().CountTags(Repository("a"), "a-").value(), 2U);
  EXPECT_EQ(CodeOf(store().DescribeTags(Repository("nobody"), {})), ErrorCode::kNameUnknown);
  EXPECT_EQ(CodeOf(store().CountTags(Repository("nobody"), "")), ErrorCode::kNameUnknown);

  const TagRow tag = store().DescribeTag(Repository("a"), "b").value();
  EXPECT_EQ(tag.manifest.digest, Image("one").digest);
  EXPECT_EQ(tag.set, first);
  EXPECT_EQ(tag.pushed, first);
  EXPECT_EQ(tag.principal, "ada");
  EXPECT_EQ(CodeOf(store().DescribeTag(Repository("a"), "z")), ErrorCode::kManifestUnknown);

  ASSERT_TRUE(Put("a", Image("one"), {"b"}));  // stays where it is
  EXPECT_EQ(store().DescribeTag(Repository("a"), "b")->set, first);
  EXPECT_EQ(store().DescribeTag(Repository("a"), "b")->pushed, now());
  ASSERT_TRUE(DeleteManifest("a", Image("one")));
  EXPECT_EQ(list({.order = Order::kName, .limit = 10}), Names{"a-2"});
}

TEST_P(MetadataStoreSuite, LivesOfTags) {
  ASSERT_TRUE(Put("a", Image("one"), {"t"}));
  const Millis first = now();
  ASSERT_TRUE(Put("a", Image("two"), {"t", "u"}));
  const Millis second = now();
  ASSERT_TRUE(DeleteTag("a", "u"));
  const Millis third = now();
  const auto list = [&](const TagLifeQuery& query) {
    Names out;
    for (const TagLife& life : store().TagLives(Repository("a"), query).value()) {
      out.push_back(life.tag + (life.digest == Image("one").digest ? " one " : " two ") +
                    std::to_string(life.start - first) + " " +
                    (life.end ? std::to_string(*life.end - first) : "on") +
                    (life.media_type.empty() ? " gone" : ""));
    }
    return out;
  };
  const std::string to_second = std::to_string(second - first);
  const std::string to_third = std::to_string(third - first);
  EXPECT_EQ(list({.limit = 10}), (Names{"u two " + to_second + " " + to_third,
                                        "t two " + to_second + " on", "t one 0 " + to_second}));
  EXPECT_EQ(list({.offset = 1, .limit = 1}), Names{"t two " + to_second + " on"});
  EXPECT_EQ(list({.tag = "t", .offset = 1, .limit = 9}), Names{"t one 0 " + to_second});
  EXPECT_EQ(list({.contains = "u", .limit = 9}), Names{"u two " + to_second + " " + to_third});

  // What history has forgotten: of the tag that lasts, its manifest's push is the beginning.
  ASSERT_TRUE(store().ForgetHistory(now() + 1, 100));
  EXPECT_EQ(list({.limit = 10}), Names{"t two " + to_second + " on"});
  EXPECT_EQ(list({.tag = "t", .limit = 10}), Names{"t two " + to_second + " on"});
  EXPECT_EQ(store().DescribeTag(Repository("a"), "t")->principal, "");
  EXPECT_EQ(CodeOf(store().TagLives(Repository("nobody"), {})), ErrorCode::kNameUnknown);
}

TEST_P(MetadataStoreSuite, RepositoriesAreDescribed) {
  const oci::Digest blob = AddBlob("a", "four");
  ASSERT_TRUE(Put("a", Image("one", {blob}), {"t"}));
  const Millis first = now();
  ASSERT_TRUE(Put("a", Image("two"), {"t"}));
  const RepositoryRow row = store().DescribeRepository(Repository("a")).value();
  EXPECT_NE(row.id, 0);
  EXPECT_EQ(row.manifests, 2U);
  EXPECT_EQ(row.first, first);
  EXPECT_EQ(row.last, now());
  EXPECT_EQ(store().CountBytes(Repository("a")).value(), 4U);
  EXPECT_EQ(store().CountBytes(Repository("nobody")).value(), 0U);

  ASSERT_TRUE(store().ForgetHistory(now() + 1, 100));
  EXPECT_EQ(store().DescribeRepository(Repository("a"))->last, now());
  ASSERT_TRUE(Put("untagged", Image("one")));
  EXPECT_EQ(store().DescribeRepository(Repository("untagged"))->first, now());
  AddBlob("empty", "x");
  EXPECT_EQ(CodeOf(store().DescribeRepository(Repository("empty"))), ErrorCode::kNameUnknown);
}

TEST_P(MetadataStoreSuite, Versions) {
  ASSERT_TRUE(Put("a", Image("one"), {"t", "s"}));
  const Millis first = now();
  ASSERT_TRUE(Put("a", Image("two"), {"u"}));
  ASSERT_TRUE(Put("other", Image("one"), {"t"}));
  const auto list = [&](const VersionQuery& query) {
    return store().ListVersions(Repository("a"), query).value();
  };
  const std::vector<VersionRow> all = list({.limit = 10, .tags = 10});
  ASSERT_EQ(all.size(), 2U);
  EXPECT_EQ(all[0].manifest.digest, Image("two").digest);
  EXPECT_EQ(all[1].manifest.digest, Image("one").digest);
  EXPECT_EQ(all[1].tags, (Names{"s", "t"}));
  EXPECT_EQ(all[1].created, first);
  EXPECT_EQ(list({.limit = 10, .tags = 2})[1].tags, Names{"s"});  // of both together
  ASSERT_EQ(list({.offset = 1, .limit = 1}).size(), 1U);
  EXPECT_EQ(list({.offset = 1, .limit = 1})[0].id, all[1].id);
  EXPECT_TRUE(list({.deleted = true, .limit = 10}).empty());
  EXPECT_TRUE(store().HasTagBeside(Repository("a"), all[0].id).value());

  ASSERT_TRUE(DeleteManifest("a", Image("one")));
  const Millis then = now();
  EXPECT_FALSE(store().HasTagBeside(Repository("a"), all[0].id).value());
  const std::vector<VersionRow> deleted = list({.deleted = true, .limit = 10, .tags = 10});
  ASSERT_EQ(deleted.size(), 1U);
  EXPECT_EQ(deleted[0].deleted, then);
  EXPECT_TRUE(deleted[0].tags.empty());
  EXPECT_EQ(store().FindVersion(Repository("a"), all[1].id, 1)->deleted, then);
  EXPECT_EQ(CodeOf(store().FindVersion(Repository("other"), all[1].id, 1)),
            ErrorCode::kManifestUnknown);
  EXPECT_EQ(CodeOf(store().FindVersion(Repository("nobody"), all[1].id, 1)),
            ErrorCode::kNameUnknown);
  EXPECT_EQ(CodeOf(store().ListVersions(Repository("nobody"), {})), ErrorCode::kNameUnknown);
}

TEST_P(MetadataStoreSuite, ManifestsAreRestoredWithTheirTags) {
  ASSERT_TRUE(Put("a", Image("child")));
  ASSERT_TRUE(Put("a", Index("index", {Image("child")}), {"t", "u", "v"}));
  ASSERT_TRUE(DeleteTag("a", "v"));
  ASSERT_TRUE(DeleteManifest("a", Index("index", {Image("child")})));
  ASSERT_TRUE(DeleteManifest("a", Image("child")));
  ASSERT_TRUE(Put("a", Image("other"), {"u"}));
  const oci::Digest digest = Index("index", {Image("child")}).digest;
  ASSERT_TRUE(store().RestoreManifest(Repository("a"), digest, Now()));
  EXPECT_EQ(Tags("a"), (Names{"t", "u"}));
  EXPECT_EQ(Find("a", "t")->digest, digest);
  EXPECT_EQ(Find("a", "u")->digest, Image("other").digest);
  EXPECT_TRUE(Find("a", Image("child")));
  EXPECT_EQ(CodeOf(store().RestoreManifest(Repository("a"), digest, Now())),
            ErrorCode::kManifestUnknown);
  EXPECT_EQ(CodeOf(store().RestoreManifest(Repository("nobody"), digest, Now())),
            ErrorCode::kNameUnknown);
}

}  // namespace portolan::store
