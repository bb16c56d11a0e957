// Many threads at once.
#include <atomic>
#include <chrono>
#include <thread>
#include <utility>

#include <fmt/format.h>

#include "portolan/store/testing/metadata_store_parts.h"
#include "portolan/store/testing/metadata_store_suite.h"

namespace portolan::store {
namespace {

constexpr int kRounds = 30;

Actor Someone(int round) {
  return {.principal = "thread",
          .now = Clock::WallTime(std::chrono::milliseconds(1'000'000 + round))};
}

// One thread's pushing: blob, image, tags; every third image is deleted again. Gives the tags that
// it was told are stored.
std::vector<std::string> Push(MetadataStore& store, const std::string& repository, int thread) {
  std::vector<std::string> kept;
  const oci::RepositoryName name = Repository(repository);
  for (int round = 0; round < kRounds; ++round) {
    const std::string text = fmt::format("{}.{}", thread, round);
    const BlobRow blob{
        .digest = DigestOfText(text), .size = text.size(), .object = text, .content = {}};
    EXPECT_TRUE(store.AddBlob(name, blob, {}, Someone(round)));
    const TestManifest image = Image("image " + text, {blob.digest});
    const std::string tag = "t" + text;
    const NewManifest put{.repository = name,
                          .digest = image.digest,
                          .manifest = image.manifest,
                          .content = image.content,
                          .tags = {TagNamed(tag), TagNamed("latest")}};
    const auto stored = store.PutManifest(put, Someone(round));
    EXPECT_TRUE(stored) << stored.error().message;
    // What was acknowledged is seen by the one who was told.
    const auto found = store.FindManifest(name, TagNamed(tag));
    EXPECT_TRUE(found && found->digest == image.digest);
    if (round % 3 == 0) {
      EXPECT_TRUE(store.DeleteManifest(name, image.digest, Someone(round)));
    } else {
      kept.push_back(tag);
    }
  }
  return kept;
}

}  // namespace

void LinkThreadTests() {}

TEST_P(MetadataStoreSuite, WhatManyThreadsWereToldIsThere) {
  constexpr int kWriters = 6;
  const std::vector<std::string> repositories{"shared", "own"};
  std::vector<std::vector<std::string>> kept(kWriters);
  std::atomic<bool> stop = false;
  {
    std::vector<std::jthread> threads;
    threads.emplace_back([&] {
      while (!stop) {
        std::string last;
        bool ascending = true;
        ASSERT_TRUE(store().ListRepositories("", 10, [](std::string_view) {}));
        (void)store().ListTags(Repository("shared"), "", 1000, [&](std::string_view tag) {
          ascending = ascending && last < tag;
          last = tag;
        });
        EXPECT_TRUE(ascending);
      }
    });
    threads.emplace_back([&] {
      GarbageTerms terms;
      terms.linked_before = 1;  // nothing is so old: the collector only looks
      while (!stop) {
        const auto links = store().UnusedLinks(terms, 0, 0, 100);
        ASSERT_TRUE(links);
        EXPECT_EQ(store().RemoveLinks(*links, terms).value(), 0U);
        ASSERT_TRUE(store().UnusedManifests(terms, 0, 100));
      }
    });
    std::vector<std::jthread> writers;
    for (int i = 0; i < kWriters; ++i) {
      writers.emplace_back([&, i] {
        kept[static_cast<std::size_t>(i)] =
            Push(store(), repositories[static_cast<std::size_t>(i % 2)], i);
      });
    }
    writers.clear();
    stop = true;
  }
  Reopen();
  std::size_t expected = 0;
  for (int i = 0; i < kWriters; ++i) {
    for (const std::string& tag : kept[static_cast<std::size_t>(i)]) {
      EXPECT_TRUE(Find(repositories[static_cast<std::size_t>(i % 2)], tag)) << tag;
      ++expected;
    }
  }
  EXPECT_EQ(store().Count()->manifests, expected);
  EXPECT_TRUE(store().CheckStructure()->empty());
  EXPECT_TRUE(store().DanglingReferences(10)->empty());
}

TEST_P(MetadataStoreSuite, OneOfManyThreadsMakesATag) {
  constexpr std::size_t kThreads = 8;
  std::atomic<int> made = 0;
  std::atomic<int> denied = 0;
  {
    std::vector<std::jthread> threads;
    for (std::size_t i = 0; i < kThreads; ++i) {
      threads.emplace_back([&, i] {
        const oci::RepositoryName name = Repository("a");
        const TestManifest image = Image(std::to_string(i));
        const NewManifest put{.repository = name,
                              .digest = image.digest,
                              .manifest = image.manifest,
                              .content = image.content,
                              .tags = {TagNamed("t")},
                              .may_overwrite = false};
        const auto stored = store().PutManifest(put, Someone(0));
        ++(stored ? made : denied);
        if (!stored) EXPECT_EQ(stored.error().code, ErrorCode::kDenied);
      });
    }
  }
  EXPECT_EQ(made, 1);
  EXPECT_EQ(denied, static_cast<int>(kThreads) - 1);
  EXPECT_EQ(store().Count()->manifests, 1U);
}

TEST_P(MetadataStoreSuite, OneOfManyThreadsAdvancesAnUpload) {
  constexpr std::size_t kThreads = 8;
  UploadRow upload{
      .id = "one", .repository = Repository("a"), .principal = {}, .hash_state = {}, .content = {}};
  ASSERT_TRUE(store().AddUpload(upload));
  upload.offset = 5;
  std::atomic<int> advanced = 0;
  {
    std::vector<std::jthread> threads;
    for (std::size_t i = 0; i < kThreads; ++i) {
      threads.emplace_back([&] {
        if (store().AdvanceUpload(upload, 0)) ++advanced;
      });
    }
  }
  EXPECT_EQ(advanced, 1);
}

TEST_P(MetadataStoreSuite, ThreadsThatComeAndGo) {
  ASSERT_TRUE(Put("a", Image("image"), {"t"}));
  for (int wave = 0; wave < 5; ++wave) {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 40; ++i) {
      threads.emplace_back([&] { EXPECT_TRUE(Find("a", "t")); });
    }
  }
}

}  // namespace portolan::store
