// Times of the metadata store's hot operations, and its durable commits.
// usage: metadata_bench FOLDER [TAGS]   FOLDER: on the disk to be measured; TAGS: 1000000
#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include <fmt/format.h>

#include "portolan/oci/hasher.h"
#include "portolan/store/sqlite_metadata_store.h"

namespace portolan::store {
namespace {

using Instant = std::chrono::steady_clock::time_point;

// Of this thread, in microseconds: what a read costs however busy the machine is.
double CpuTime() {
  timespec time{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) * 1e6 + static_cast<double>(time.tv_nsec) / 1e3;
}

double Microseconds(Instant begin) {
  return std::chrono::duration<double, std::micro>(std::chrono::steady_clock::now() - begin)
      .count();
}

void Require(const Status& status) {
  if (status) return;
  fmt::print(stderr, "{}\n", status.error().message);
  std::exit(1);
}

oci::RepositoryName Repository(std::string_view name) {
  return oci::RepositoryName::Parse(name).value();
}
oci::Digest DigestOf(std::string_view text) {
  return oci::DigestOf(oci::HashAlgorithm::kSha256, text);
}

class Bench {
 public:
  Bench(std::string path, std::size_t tags) : path_(std::move(path)), tags_(tags) { Open(); }

  void Run() {
    const Instant begin = std::chrono::steady_clock::now();
    Fill(large_, tags_);
    Fill(small_, tags_ / 10);
    fmt::print("{:<52} {:>10.1f} s\n", "filling", Microseconds(begin) / 1e6);
    MeasureStart();
    MeasureReads();
    MeasureCommits();
  }

 private:
  void Open() {
    store_.reset();
    store_ = OpenSqliteMetadataStore(path_, {}).value();
  }

  static std::string TagName(std::size_t number) { return fmt::format("v{:08}", number); }

  Status Put(const oci::RepositoryName& repository, const std::string& content,
             std::vector<oci::Tag> tags) {
    oci::Manifest manifest;
    manifest.media_type = oci::kImageManifestType;
    const oci::Digest digest = DigestOf(content);
    PORTOLAN_CHECK(
        store_->PutManifest({.repository = repository,
                             .digest = digest,
                             .manifest = manifest,
                             .content = content,
                             .tags = std::move(tags)},
                            {.principal = "bench", .now = std::chrono::system_clock::now()}));
    return {};
  }

  // A manifest of 1.2 KB for every twenty tags.
  void Fill(const oci::RepositoryName& repository, std::size_t count) {
    constexpr std::size_t kTagsOfOne = 20;
    constexpr std::size_t kThreads = 16;
    std::atomic<std::size_t> next = 0;
    std::vector<std::jthread> threads;
    for (std::size_t thread = 0; thread < kThreads; ++thread) {
      threads.emplace_back([&] {
        for (std::size_t i = next++ * kTagsOfOne; i < count; i = next++ * kTagsOfOne) {
          std::vector<oci::Tag> tags;
          for (std::size_t j = i; j < std::min(count, i + kTagsOfOne); ++j) {
            tags.push_back(oci::Tag::Parse(TagName(j)).value());
          }
          Require(Put(repository, ContentOf(i), std::move(tags)));
        }
      });
    }
  }
  static std::string ContentOf(std::size_t number) {
    return fmt::format("{:<1200}", fmt::format("manifest {}", number));
  }

  // Time and processor time of a call, each the best of five rounds: the machine is shared.
  static void Print(const std::string& name, std::size_t calls,
                    const std::function<void(std::size_t)>& call) {
    double time = 1e18;
    double cpu = 1e18;
    for (int round = 0; round < 5; ++round) {
      const Instant begin = std::chrono::steady_clock::now();
      const double cpu_begin = CpuTime();
      for (std::size_t i = 0; i < calls; ++i) call(i);
      time = std::min(time, Microseconds(begin) / static_cast<double>(calls));
      cpu = std::min(cpu, (CpuTime() - cpu_begin) / static_cast<double>(calls));
    }
    fmt::print("{:<52} {:>10.1f} us {:>10.1f} us CPU\n", name, time, cpu);
  }

  void MeasureStart() {
    Print("open, first answer, close", 20, [&](std::size_t) {
      Open();
      Require(store_->ListRepositories("", 1, [](std::string_view) {}));
      store_.reset();
    });
    Open();
  }

  void MeasureReads() {
    // Neither the same row twice nor in order.
    const auto number = [](std::size_t i, std::size_t count) { return i * 7919 % count; };
    std::vector<oci::Tag> tags;
    for (std::size_t i = 0; i < 20'000; ++i) {
      tags.push_back(oci::Tag::Parse(TagName(number(i, tags_))).value());
    }
    Print("FindManifest by tag", tags.size(), [&](std::size_t i) {
      if (!store_->FindManifest(large_, tags[i])) std::abort();
    });
    std::vector<oci::Digest> digests;
    for (std::size_t i = 0; i < 1000; ++i) {
      digests.push_back(DigestOf(ContentOf(number(i, tags_ / 20) * 20)));
    }
    Print("FindManifest by digest", 20'000, [&](std::size_t i) {
      if (!store_->FindManifest(large_, digests[i % digests.size()])) std::abort();
    });
    Print("ReadManifest (1.2 KB)", 20'000, [&](std::size_t i) {
      if (!store_->ReadManifest(large_, digests[i % digests.size()])) std::abort();
    });
    std::size_t bytes = 0;
    const auto visit = [&](std::string_view tag) { bytes += tag.size(); };
    for (const auto& [repository, count] :
         {std::pair(large_, tags_), std::pair(small_, tags_ / 10)}) {
      Print(fmt::format("ListTags page of 100, in the middle of {}", count), 5000,
            [&, total = count](std::size_t i) {
              const std::string last = TagName(total / 2 + number(i, total / 4));
              Require(store_->ListTags(repository, last, 100, visit));
            });
    }
    Print(fmt::format("ListTags, all of {}", tags_ / 10), 5,
          [&](std::size_t) { Require(store_->ListTags(small_, "", SIZE_MAX, visit)); });
  }

  // Threads that each wait for their commit: how many a second.
  void MeasureCommits() {
    for (const std::size_t threads : {1U, 4U, 16U}) {
      constexpr auto kTime = std::chrono::seconds(2);
      double best = 0;
      for (int round = 0; round < 3; ++round) {
        std::vector<std::size_t> commits(threads);
        const Instant begin = std::chrono::steady_clock::now();
        {
          std::vector<std::jthread> running;
          for (std::size_t i = 0; i < threads; ++i) {
            running.emplace_back([&, i] {
              const oci::RepositoryName repository = Repository(fmt::format("busy/{}", i));
              while (std::chrono::steady_clock::now() - begin < kTime) {
                const BlobRow blob{.digest = DigestOf(fmt::format("{} {}", i, serial_++)),
                                   .size = 1000,
                                   .object = "sha256/ab/object-12345678",
                                   .content = {}};
                if (!store_->AddBlob(repository, blob, {}, {})) std::abort();
                ++commits[i];
              }
            });
          }
        }
        std::size_t all = 0;
        for (const std::size_t count : commits) all += count;
        best = std::max(best, static_cast<double>(all) / Microseconds(begin) * 1e6);
      }
      fmt::print("{:<52} {:>10.0f} /s\n", fmt::format("AddBlob, durable, {} threads", threads),
                 best);
    }
  }

  const std::string path_;
  const std::size_t tags_;
  const oci::RepositoryName large_ = Repository("large");
  const oci::RepositoryName small_ = Repository("small");
  std::unique_ptr<MetadataStore> store_;
  std::atomic<std::size_t> serial_ = 0;
};

int Main(int argc, char** argv) {
  if (argc < 2) {
    fmt::print(stderr, "usage: metadata_bench FOLDER [TAGS]\n");
    return 64;
  }
  const std::string path = std::string(argv[1]) + "/metadata_bench.db";
  const std::size_t tags = argc > 2 ? std::strtoull(argv[2], nullptr, 10) : 1'000'000;
  for (const char* const suffix : {"", "-wal", "-shm"}) std::remove((path + suffix).c_str());
  Bench(path, tags).Run();
  return 0;
}

}  // namespace
}  // namespace portolan::store

int main(int argc, char** argv) { return portolan::store::Main(argc, argv); }
