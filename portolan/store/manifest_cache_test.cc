#include "portolan/store/manifest_cache.h"

#include <string>
#include <thread>

#include <gtest/gtest.h>

#include "portolan/oci/hasher.h"

namespace portolan::store {
namespace {

oci::Digest DigestNumber(int number) {
  return oci::DigestOf(oci::HashAlgorithm::kSha256, std::to_string(number));
}

std::shared_ptr<const std::string> Content(std::size_t size) {
  return std::make_shared<const std::string>(size, 'x');
}

TEST(ManifestCache, FindsWhatWasInserted) {
  ManifestCache cache(1U << 20U);
  EXPECT_EQ(cache.Find(DigestNumber(1)), nullptr);
  const auto content = Content(100);
  cache.Insert(DigestNumber(1), content);
  EXPECT_EQ(cache.Find(DigestNumber(1)), content);
  cache.Insert(DigestNumber(1), Content(100));  // the same bytes by definition
  EXPECT_EQ(cache.Find(DigestNumber(1)), content);
  EXPECT_EQ(cache.counts().hits, 2U);
  EXPECT_EQ(cache.counts().misses, 1U);
}

TEST(ManifestCache, StaysWithinItsCapacity) {
  ManifestCache cache(1U << 20U);
  for (int i = 0; i < 1000; ++i) {
    cache.Insert(DigestNumber(i), Content(5000));
    ASSERT_LE(cache.counts().bytes, 1U << 20U);
  }
  EXPECT_GT(cache.counts().bytes, 800'000U);
}

TEST(ManifestCache, ForgetsTheLeastRecentlyUsed) {
  ManifestCache cache(1U << 20U);
  cache.Insert(DigestNumber(0), Content(5000));
  for (int i = 1; i < 1000; ++i) {
    cache.Insert(DigestNumber(i), Content(5000));
    ASSERT_NE(cache.Find(DigestNumber(0)), nullptr) << i;  // used all the time
  }
  EXPECT_EQ(cache.Find(DigestNumber(1)), nullptr);
}

TEST(ManifestCache, DoesNotKeepWhatIsTooLarge) {
  ManifestCache cache(1U << 20U);
  cache.Insert(DigestNumber(1), Content(1U << 20U));
  EXPECT_EQ(cache.Find(DigestNumber(1)), nullptr);
  EXPECT_EQ(cache.counts().bytes, 0U);
}

TEST(ManifestCache, ManyThreads) {
  ManifestCache cache(200'000);
  const auto work = [&] {
    for (int i = 0; i < 5000; ++i) {
      const oci::Digest digest = DigestNumber(i % 97);
      const auto content = cache.Find(digest);
      if (content == nullptr) {
        cache.Insert(digest, Content(2000));
      } else {
        ASSERT_EQ(content->size(), 2000U);
      }
    }
  };
  std::thread other(work);
  work();
  other.join();
  EXPECT_EQ(cache.counts().hits + cache.counts().misses, 10000U);
}

}  // namespace
}  // namespace portolan::store
