// What refers to a subject.
#include <utility>

#include "portolan/store/testing/metadata_store_parts.h"
#include "portolan/store/testing/metadata_store_suite.h"

namespace portolan::store {
namespace {

struct Listed {
  std::vector<std::int64_t> ids;
  std::vector<oci::Descriptor> descriptors;
};

Listed List(MetadataStore& store, const oci::Digest& subject, std::string_view type = {},
            std::int64_t after = 0, std::size_t limit = 100, std::string_view repository = "a") {
  Listed listed;
  const Status done = store.ListReferrers(Repository(repository), subject, type, after, limit,
                                          [&](std::int64_t id, const oci::Descriptor& descriptor) {
                                            listed.ids.push_back(id);
                                            listed.descriptors.push_back(descriptor);
                                            return true;
                                          });
  EXPECT_TRUE(done) << done.error().message;
  return listed;
}

std::vector<std::string> Types(const Listed& listed) {
  std::vector<std::string> types;
  for (const oci::Descriptor& descriptor : listed.descriptors) {
    types.push_back(descriptor.artifact_type);
  }
  return types;
}

}  // namespace

void LinkReferrerTests() {}

TEST_P(MetadataStoreSuite, ReferrersEndWhenNoMoreAreWanted) {
  const oci::Digest subject = DigestOfText("subject");
  for (const char* const name : {"one", "two", "three"}) {
    ASSERT_TRUE(Put("a", Referrer(name, subject, "sbom")));
  }
  int visits = 0;
  ASSERT_TRUE(
      store().ListReferrers(Repository("a"), subject, "", 0, 10,
                            [&](std::int64_t, const oci::Descriptor&) { return ++visits < 2; }));
  EXPECT_EQ(visits, 2);
}

TEST_P(MetadataStoreSuite, ReferrersAreListedAsTheyCame) {
  const TestManifest image = Image("image");
  ASSERT_TRUE(Put("a", Referrer("early", image.digest, "sbom")));  // before its subject
  ASSERT_TRUE(Put("a", image));
  ASSERT_TRUE(Put("a", Referrer("second", image.digest, "signature")));
  ASSERT_TRUE(Put("a", Referrer("third", image.digest, "sbom")));
  ASSERT_TRUE(Put("a", Referrer("other", DigestOfText("other"), "sbom")));
  ASSERT_TRUE(Put("b", Referrer("elsewhere", image.digest, "sbom")));
  EXPECT_EQ(Types(List(store(), image.digest)),
            (std::vector<std::string>{"sbom", "signature", "sbom"}));
}

TEST_P(MetadataStoreSuite, ReferrersDescriptorIsFilledIn) {
  const oci::Annotations annotations{
      {"z", "first"}, {"a", ""}, {"", "no key"}, {"long", std::string(70'000, 'x')}};
  const TestManifest referrer = Referrer("r", DigestOfText("s"), "some/type", annotations);
  ASSERT_TRUE(Put("a", referrer));
  ASSERT_TRUE(Put("a", Referrer("bare", DigestOfText("s"), "")));
  const Listed listed = List(store(), DigestOfText("s"));
  ASSERT_EQ(listed.descriptors.size(), 2U);
  const oci::Descriptor& descriptor = listed.descriptors[0];
  EXPECT_EQ(descriptor.media_type, oci::kImageManifestType);
  EXPECT_EQ(descriptor.digest, referrer.digest);
  EXPECT_EQ(descriptor.size, referrer.content.size());
  EXPECT_EQ(descriptor.artifact_type, "some/type");
  EXPECT_EQ(descriptor.annotations, annotations);
  EXPECT_EQ(listed.descriptors[1].annotations, oci::Annotations());
  EXPECT_EQ(listed.descriptors[1].artifact_type, "");
}

TEST_P(MetadataStoreSuite, ReferrersTypeIsTheConfigsWhereNoneIsWritten) {
  TestManifest artifact = Referrer("artifact", DigestOfText("s"), "");
  artifact.manifest.config = Describe("application/vnd.example", AddBlob("a", "config"));
  ASSERT_TRUE(Put("a", artifact));
  EXPECT_EQ(Types(List(store(), DigestOfText("s"), "application/vnd.example")),
            std::vector<std::string>{"application/vnd.example"});
}

TEST_P(MetadataStoreSuite, ReferrersAreFilteredAndPaged) {
  const oci::Digest subject = DigestOfText("s");
  for (int i = 0; i < 9; ++i) {
    ASSERT_TRUE(Put("a", Referrer(std::to_string(i), subject, i % 3 == 0 ? "x" : "y")));
  }
  const Listed first = List(store(), subject, "", 0, 4);
  EXPECT_EQ(Types(first), (std::vector<std::string>{"x", "y", "y", "x"}));
  const Listed second = List(store(), subject, "", first.ids.back(), 4);
  EXPECT_EQ(Types(second), (std::vector<std::string>{"y", "y", "x", "y"}));
  EXPECT_EQ(Types(List(store(), subject, "", second.ids.back(), 4)), std::vector<std::string>{"y"});
  const Listed filtered = List(store(), subject, "x", 0, 2);
  EXPECT_EQ(filtered.ids.size(), 2U);
  EXPECT_EQ(Types(List(store(), subject, "x", filtered.ids.back(), 2)),
            std::vector<std::string>{"x"});
  EXPECT_TRUE(List(store(), subject, "z").ids.empty());
  EXPECT_TRUE(List(store(), subject, "", 0, 0).ids.empty());
}

TEST_P(MetadataStoreSuite, ReferrersOfNothing) {
  EXPECT_TRUE(List(store(), DigestOfText("s"), "", 0, 10, "nobody").ids.empty());
  ASSERT_TRUE(Put("a", Image("image")));
  EXPECT_TRUE(List(store(), Image("image").digest).ids.empty());
}

TEST_P(MetadataStoreSuite, DeletedReferrersAreNotListed) {
  const TestManifest referrer = Referrer("r", DigestOfText("s"), "x");
  ASSERT_TRUE(Put("a", referrer));
  ASSERT_TRUE(DeleteManifest("a", referrer));
  EXPECT_TRUE(List(store(), DigestOfText("s")).ids.empty());
  EXPECT_TRUE(List(store(), DigestOfText("s"), "x").ids.empty());
  ASSERT_TRUE(Put("a", referrer));
  EXPECT_EQ(List(store(), DigestOfText("s")).ids.size(), 1U);
}

}  // namespace portolan::store
