#include "portolan/client/repository_cache.h"

#include <string>

#include <gtest/gtest.h>

#include "portolan/oci/hasher.h"

namespace portolan::client {
namespace {

oci::Digest DigestOf(std::string_view text) {
  return oci::DigestOf(oci::HashAlgorithm::kSha256, text);
}

class RepositoryCacheTest : public testing::Test {
 protected:
  static constexpr const char* kContent = "/home/u/.cache/portolan/content/r.test_5000/a+b";
  static constexpr const char* kTags = "/home/u/.cache/portolan/tags/r.test_5000/a+b";

  RepositoryCache Open(std::string_view name = "r.test:5000/a/b", bool enabled = true) {
    return RepositoryCache(files_, environment_, clock_, log_, name, enabled);
  }
  // What another process finds.
  bool Has(std::string_view text) { return Open().Find(DigestOf(text)) != nullptr; }

  MemoryFiles files_;
  Environment environment_{.variables = {}, .home = "/home/u", .uid = 1000};
  ManualClock clock_;
  MemoryLog log_;
};

TEST_F(RepositoryCacheTest, KeepsContentBetweenProcesses) {
  const std::string text("{\n \0\xff}\n", 7);
  {
    RepositoryCache cache = Open();
    cache.Keep(DigestOf(text), "application/json", text);
    cache.Keep(DigestOf(""), "", "");
    cache.Store();
  }
  RepositoryCache cache = Open();
  const RepositoryCache::Content* const found = cache.Find(DigestOf(text));
  ASSERT_NE(found, nullptr);
  EXPECT_EQ(found->text, text);
  EXPECT_EQ(found->media_type, "application/json");
  EXPECT_NE(cache.Find(DigestOf("")), nullptr);
  EXPECT_EQ(cache.Find(DigestOf("other")), nullptr);
  EXPECT_EQ(files_.files.at(kContent).mode, 0600U);
}

TEST_F(RepositoryCacheTest, WhatIsDamagedIsNotThere) {
  RepositoryCache cache = Open();
  cache.Keep(DigestOf("first"), "t", "first");
  cache.Keep(DigestOf("second"), "t", "second");
  cache.Store();
  std::string& file = files_.files.at(kContent).content;
  const std::string whole = file;
  file.replace(file.find("\nfirst\n"), 7, "\nfixst\n");
  EXPECT_FALSE(Has("first"));
  EXPECT_TRUE(Has("second"));
  // Cut anywhere, what is left is either right or absent.
  for (std::size_t size = 0; size < whole.size(); ++size) {
    file = whole.substr(0, size);
    const bool first = Has("first");
    EXPECT_FALSE(first && size + 1 < whole.size());
  }
  for (const char* nonsense : {"portolan content 1\nr.test:5000/a/b\nx 99999999999999999999 t\n",
                               "portolan content 1\nr.test:5000/a/b\nx -1 t\n\n",
                               "portolan content 2\nr.test:5000/a/b\n", "\n\n\n", ""}) {
    file = nonsense;
    EXPECT_FALSE(Has("first"));
  }
}

TEST_F(RepositoryCacheTest, WhatOthersCanReadIsNotUsed) {
  RepositoryCache cache = Open();
  cache.Keep(DigestOf("first"), "t", "first");
  cache.KeepTag("t", DigestOf("first"), "t");
  cache.Store();
  files_.files.at(kContent).mode = 0644;
  files_.files.at(kTags).mode = 0644;
  EXPECT_FALSE(Has("first"));
  EXPECT_EQ(Open().FindTag("t"), nullptr);
}

TEST_F(RepositoryCacheTest, AnotherRepositorysFileIsNotUsed) {
  RepositoryCache cache = Open("r.test_5000/a/b");  // the same file
  cache.Keep(DigestOf("first"), "t", "first");
  cache.Store();
  EXPECT_TRUE(files_.files.contains(kContent));
  EXPECT_FALSE(Has("first"));
}

TEST_F(RepositoryCacheTest, SwitchedOffItKeepsForThisProcessAlone) {
  RepositoryCache cache = Open("r.test:5000/a/b", false);
  cache.Keep(DigestOf("first"), "t", "first");
  EXPECT_NE(cache.Find(DigestOf("first")), nullptr);
  cache.Store();
  EXPECT_TRUE(files_.files.empty());
}

TEST_F(RepositoryCacheTest, TagsHaveTheTimeAtWhichTheyWereSeen) {
  RepositoryCache cache = Open();
  const auto then = clock_.WallNow();
  cache.KeepTag("1.0", DigestOf("a"), "application/vnd.oci.image.index.v1+json");
  cache.KeepTag("gone", DigestOf("a"), "a type with spaces\n");
  cache.ForgetTag("gone");
  cache.KeepTag("odd", DigestOf("b"), "a type with spaces\n");
  cache.Store();
  clock_.Advance(std::chrono::hours(1));
  RepositoryCache later = Open();
  const RepositoryCache::SeenTag* const seen = later.FindTag("1.0");
  ASSERT_NE(seen, nullptr);
  EXPECT_EQ(seen->digest, DigestOf("a"));
  EXPECT_EQ(seen->media_type, "application/vnd.oci.image.index.v1+json");
  EXPECT_EQ(seen->seen, then);
  EXPECT_EQ(later.FindTag("gone"), nullptr);
  EXPECT_EQ(later.FindTag("odd")->media_type, "");
}

TEST_F(RepositoryCacheTest, LargeContentIsNotKept) {
  RepositoryCache cache = Open();
  const std::string large(RepositoryCache::kMaxEntry + 1, 'x');
  cache.Keep(DigestOf(large), "t", large);
  EXPECT_EQ(cache.Find(DigestOf(large)), nullptr);
}

TEST_F(RepositoryCacheTest, TheLeastUsedGoesWhereThereIsNoRoom) {
  RepositoryCache cache = Open();
  const auto text = [](int i) { return std::to_string(i) + std::string(1'000'000, 'x'); };
  const std::string first = text(0);
  for (int i = 0; i < 70; ++i) {
    cache.Keep(DigestOf(text(i)), "t", text(i));
    EXPECT_NE(cache.Find(DigestOf(first)), nullptr);  // used again and again
  }
  cache.Store();
  EXPECT_LE(files_.files.at(kContent).content.size(), RepositoryCache::kMaxFile);
  EXPECT_TRUE(Has(first));
  EXPECT_FALSE(Has(text(1)));
  EXPECT_TRUE(Has(text(69)));
}

TEST_F(RepositoryCacheTest, AllRepositoriesTogetherHaveALimit) {
  const std::string use = "/home/u/.cache/portolan/use";
  files_.files["/home/u/.cache/portolan/content/old.test/x"].content = "old";
  files_.files["/home/u/.cache/portolan/content/new.test/x"].content = "new";
  files_.files["/etc/passwd"].content = "root";
  files_.files[use].content =
      "portolan use 1\n1 300000000 old.test/x\n2 300000000 new.test/x\n1 1 "
      "../../../../etc/passwd\n";
  RepositoryCache cache = Open();
  cache.Keep(DigestOf("first"), "t", "first");
  cache.Store();
  EXPECT_FALSE(files_.files.contains("/home/u/.cache/portolan/content/old.test/x"));
  EXPECT_TRUE(files_.files.contains("/home/u/.cache/portolan/content/new.test/x"));
  EXPECT_TRUE(files_.files.contains("/etc/passwd"));
  EXPECT_FALSE(files_.files.at(use).content.contains("old.test"));
  EXPECT_TRUE(files_.files.at(use).content.contains("r.test_5000/a+b"));
}

TEST_F(RepositoryCacheTest, AFolderThatCannotBeWrittenIsNoFailure) {
  files_.read_only.emplace_back("/home/u");
  RepositoryCache cache = Open();
  cache.Keep(DigestOf("first"), "t", "first");
  cache.Store();
  EXPECT_TRUE(files_.files.empty());
}

}  // namespace
}  // namespace portolan::client
