// Clients push, mount, ask, pull and delete while the collector runs without a pause and the clock
// leaps: nothing that a client was told of, or has a manifest for, may ever be unknown.
//
// PORTOLAN_RACE_SECONDS=300 portolan_store_test --gtest_filter='CollectionRace*' looks for longer.
#include <array>
#include <atomic>
#include <cstdlib>
#include <map>
#include <mutex>
#include <optional>
#include <random>
#include <shared_mutex>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "portolan/store/collector.h"
#include "portolan/store/fsck.h"
#include "portolan/store/testing/storage_fixture.h"

namespace portolan::store {
namespace {

constexpr std::chrono::seconds kTerm(60);
constexpr int kClients = 4;
constexpr std::array kRepositories = {"a", "b", "c"};

// The machine's clock takes hours for what this one does in a leap.
class LeapingClock final : public Clock {
 public:
  Instant Now() const override { return Instant(Seconds()); }
  WallTime WallNow() const override {
    return WallTime(std::chrono::seconds(1'700'000'000) + Seconds());
  }
  void Leap() { seconds_ += (kTerm + std::chrono::seconds(2)).count(); }

 private:
  std::chrono::seconds Seconds() const { return std::chrono::seconds(seconds_.load()); }
  std::atomic<std::int64_t> seconds_ = 1000;
};

// Keeps the clock from leaping while a client relies on a promise. A leap goes first: a shared
// mutex alone would let the clients starve it.
class Windows {
 public:
  [[nodiscard]] std::shared_lock<std::shared_mutex> Open() {
    const std::lock_guard turn(turnstile_);
    return std::shared_lock(mutex_);
  }
  [[nodiscard]] std::unique_lock<std::shared_mutex> Close() {
    const std::lock_guard turn(turnstile_);
    return std::unique_lock(mutex_);
  }

 private:
  std::mutex turnstile_;
  std::shared_mutex mutex_;
};

std::vector<std::string> SharedContents() {
  std::vector<std::string> contents;
  for (std::uint64_t i = 0; i < 6; ++i) contents.push_back("small " + std::to_string(i));
  for (std::uint64_t i = 0; i < 6; ++i) contents.push_back(RandomContent(2000 + i * 3000, i));
  return contents;
}

class CollectionRace : public testing::Test {
 protected:
  CollectionRace() {
    options_.inline_blob_size = 16;
    options_.lease = kTerm;
    options_.tag_history = kTerm;
    options_.untagged_after = kTerm;
    options_.upload_expiry = kTerm;
    auto storage = Storage::Open(folder_.Under("registry"), options_, clock_, SystemRandom(), log_);
    EXPECT_TRUE(storage) << storage.error().message;
    storage_ = *std::move(storage);
  }

  Actor Now() const { return {.principal = "client", .now = clock_.WallNow()}; }
  void CollectOnce() {
    Collector collector(*storage_, clock_, log_);
    const auto report = collector.Run(false, {});
    ASSERT_TRUE(report) << report.error().message;
    total_.manifests += report->manifests;
    total_.links += report->links;
    total_.blobs += report->blobs;
    total_.leased += report->leased;
  }

  TemporaryFolder folder_;
  LeapingClock clock_;
  NullLog log_;
  StorageOptions options_;
  std::unique_ptr<Storage> storage_;
  Windows windows_;
  const std::vector<std::string> contents_ = SharedContents();
  std::atomic<bool> done_ = false;
  CollectionReport total_;  // of the collector's thread

  friend class Client;
};

// Blobs are everybody's, manifests and tags a client's own, so that it knows what must be there.
class Client {
 public:
  Client(CollectionRace& race, int number)
      : race_(race), storage_(*race.storage_), number_(number), random_(number) {}

  void Run() {
    while (!race_.done_ && !testing::Test::HasFatalFailure()) {
      const auto window = race_.windows_.Open();
      const std::string repository = kRepositories[Below(kRepositories.size())];
      switch (Below(6)) {
        case 0:
          ASSERT_NO_FATAL_FAILURE(DeleteOne());
          break;
        case 1:
          ASSERT_NO_FATAL_FAILURE(PushAndRemove(repository));
          break;
        case 2:
          ASSERT_NO_FATAL_FAILURE(PullAll());
          break;
        default:
          ASSERT_NO_FATAL_FAILURE(PushImage(repository));
      }
    }
  }

  void DeleteAll() {
    while (!tags_.empty()) ASSERT_NO_FATAL_FAILURE(DeleteOne());
  }
  int images() const { return images_; }

 private:
  using Place = std::pair<std::string, std::string>;  // repository and tag
  struct Image {
    std::string manifest;
    std::vector<std::string> blobs;
  };

  std::size_t Below(std::size_t limit) { return random_() % limit; }

  // What a client does that pushes: asks, mounts if it can, sends if it must.
  void Provide(const std::string& repository, const std::string& content) {
    const oci::RepositoryName name = RepositoryNamed(repository);
    const oci::Digest digest = Sha256Of(content);
    const auto known = storage_.StatBlob(name, digest, kPoolPatience);
    if (known) return;
    ASSERT_EQ(known.error().code, ErrorCode::kBlobUnknown) << known.error().message;
    if (Below(2) == 0) {
      const auto from = RepositoryNamed(kRepositories[Below(kRepositories.size())]);
      const Status mounted = storage_.MountBlob(from, name, digest, race_.Now());
      if (mounted) return;
      ASSERT_EQ(mounted.error().code, ErrorCode::kBlobUnknown) << mounted.error().message;
    }
    const Status pushed =
        Below(2) == 0 ? Send(name, content) : PushBlob(storage_, repository, content, race_.Now());
    ASSERT_TRUE(pushed) << pushed.error().message;
  }

  Status Send(const oci::RepositoryName& name, const std::string& content) {
    const Actor actor = race_.Now();
    PORTOLAN_TRY(const UploadState upload,
                 storage_.StartUpload(name, oci::HashAlgorithm::kSha256, actor));
    const std::size_t half = content.size() / 2;
    {
      PORTOLAN_TRY(const auto writer, storage_.ContinueUpload(name, upload.id, actor));
      PORTOLAN_CHECK(Feed(*writer, std::string_view(content).substr(0, half)));
      PORTOLAN_CHECK(writer->Acknowledge());
    }
    PORTOLAN_TRY(const auto writer, storage_.ContinueUpload(name, upload.id, actor));
    PORTOLAN_CHECK(Feed(*writer, std::string_view(content).substr(half)));
    return writer->Finish(Sha256Of(content), actor);
  }

  void Pull(const std::string& repository, const std::string& content) {
    const auto pulled = PullBlob(storage_, repository, Sha256Of(content));
    ASSERT_TRUE(pulled) << pulled.error().message;
    ASSERT_TRUE(*pulled == content);
  }

  void PushImage(const std::string& repository) {
    const std::string config = "config " + std::to_string(number_);
    std::vector<std::string> layers;
    for (std::size_t i = Below(3); i < 3; ++i) {
      layers.push_back(race_.contents_[Below(race_.contents_.size())]);
    }
    std::vector<std::string> blobs = layers;
    blobs.push_back(config);
    for (const std::string& blob : blobs) ASSERT_NO_FATAL_FAILURE(Provide(repository, blob));
    if (Below(4) == 0) ASSERT_NO_FATAL_FAILURE(Pull(repository, layers.front()));
    const std::string manifest = ImageManifest(config, layers);
    const std::string tag = "client" + std::to_string(number_) + "." + std::to_string(Below(3));
    const Status pushed = PushManifest(storage_, repository, manifest, {TagOf(tag)}, race_.Now());
    ASSERT_TRUE(pushed) << pushed.error().message;
    tags_[{repository, tag}] = {.manifest = manifest, .blobs = blobs};
    ++images_;
  }

  void PullAll() {
    for (const auto& [place, image] : tags_) {
      const auto manifest =
          storage_.GetManifest(RepositoryNamed(place.first), TagOf(place.second), kPoolPatience);
      ASSERT_TRUE(manifest) << manifest.error().message;
      ASSERT_EQ(*manifest->content, image.manifest);
      for (const std::string& blob : image.blobs) {
        ASSERT_NO_FATAL_FAILURE(Pull(place.first, blob));
      }
    }
  }

  // The manifest, or the tag alone; then its manifest stays until nothing names it.
  void DeleteOne() {
    if (tags_.empty()) return;
    const auto chosen = std::next(tags_.begin(), static_cast<std::ptrdiff_t>(Below(tags_.size())));
    const auto [place, image] = *chosen;
    const oci::RepositoryName name = RepositoryNamed(place.first);
    if (Below(2) == 0) {
      const Status deleted = storage_.metadata().DeleteTag(name, TagOf(place.second), race_.Now());
      ASSERT_TRUE(deleted) << deleted.error().message;
      tags_.erase(chosen);
      return;
    }
    const Status deleted =
        storage_.metadata().DeleteManifest(name, Sha256Of(image.manifest), race_.Now());
    ASSERT_TRUE(deleted) << deleted.error().message;
    std::erase_if(tags_, [&](const auto& item) {
      return item.first.first == place.first && item.second.manifest == image.manifest;
    });
  }

  void PushAndRemove(const std::string& repository) {
    const std::string content = RandomContent(1000, 100 + static_cast<std::uint64_t>(number_));
    ASSERT_NO_FATAL_FAILURE(Provide(repository, content));
    ASSERT_NO_FATAL_FAILURE(Pull(repository, content));
    const Status removed =
        storage_.metadata().RemoveBlob(RepositoryNamed(repository), Sha256Of(content));
    ASSERT_TRUE(removed) << removed.error().message;
  }

  CollectionRace& race_;
  Storage& storage_;
  const int number_;
  std::minstd_rand random_;
  std::map<Place, Image> tags_;
  int images_ = 0;
};

std::chrono::seconds Duration() {
  const char* text = std::getenv("PORTOLAN_RACE_SECONDS");
  return std::chrono::seconds(text != nullptr ? std::atoi(text) : 2);
}

TEST_F(CollectionRace, NothingPromisedIsEverUnknown) {
  std::vector<std::unique_ptr<Client>> clients;
  std::vector<std::thread> threads;
  for (int i = 0; i < kClients; ++i) {
    clients.push_back(std::make_unique<Client>(*this, i));
    threads.emplace_back([client = clients.back().get()] { client->Run(); });
  }
  threads.emplace_back([&] {
    while (!done_ && !HasFatalFailure()) CollectOnce();
  });
  const auto end = std::chrono::steady_clock::now() + Duration();
  while (std::chrono::steady_clock::now() < end && !HasFatalFailure()) {
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
    const auto window = windows_.Close();
    clock_.Leap();
  }
  done_ = true;
  for (std::thread& thread : threads) thread.join();
  ASSERT_FALSE(HasFatalFailure());

  // It was a race: clients pushed, and the collector removed under their feet.
  for (const auto& client : clients) EXPECT_GT(client->images(), 0);
  EXPECT_GT(total_.manifests, 0U);
  EXPECT_GT(total_.links, 0U);
  EXPECT_GT(total_.blobs, 0U);
  RecordProperty("links", std::to_string(total_.links));
  RecordProperty("leased", std::to_string(total_.leased));

  const auto checked =
      Fsck(*storage_, {}, [](const Finding& finding) { ADD_FAILURE() << finding.what; });
  ASSERT_TRUE(checked) << checked.error().message;

  // When everything has been deleted, nothing is left.
  for (const auto& client : clients) client->DeleteAll();
  for (int i = 0; i < 3; ++i) {
    clock_.Leap();
    CollectOnce();
  }
  const auto counts = storage_->metadata().Count();
  EXPECT_EQ(counts->manifests, 0U);
  EXPECT_EQ(counts->blobs, 0U);
  EXPECT_TRUE(storage_->blobs().ForEach([](const std::string& key) -> Status {
    ADD_FAILURE() << key << " is left";
    return {};
  }));
}

}  // namespace
}  // namespace portolan::store
