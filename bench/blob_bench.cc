// How fast content becomes durable: blob_bench FOLDER [MiB].
//
// Large: one upload, hashed on this thread, written by another with four buffers of 1 MB, as the
// server does it; from the first byte to the end of Finish. Small: blobs of 500 bytes from 16
// threads. FOLDER must be on the disk that is meant; a storage is made in it and stays there. A
// large blob is removed after its round.
#include <sys/resource.h>

#include <array>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include <fmt/format.h>

#include "portolan/base/clock.h"
#include "portolan/base/log.h"
#include "portolan/base/random.h"
#include "portolan/store/collector.h"
#include "portolan/store/storage.h"

namespace portolan::store {
namespace {

constexpr std::size_t kBuffer = 1U << 20U;
constexpr std::size_t kBuffers = 4;
constexpr std::size_t kAlignment = 4096;  // so that writes may go past the page cache
constexpr std::size_t kHashPiece = 256U << 10U;
constexpr int kThreads = 16;
constexpr int kSmallBlobs = 500;  // of each thread

double CpuSeconds() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) * 1e-6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

struct Stopwatch {
  std::chrono::steady_clock::time_point start = std::chrono::steady_clock::now();
  double cpu_start = CpuSeconds();
  double Seconds() const {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  }
  double Cpu() const { return CpuSeconds() - cpu_start; }
};

[[noreturn]] void Die(const Error& error) {
  fmt::print(stderr, "{}\n", error.message);
  std::exit(1);
}

void Check(const Status& status) {
  if (!status) Die(status.error());
}

// Buffers go round between the thread that fills them and the one that writes.
class Ring {
 public:
  void WaitForSpace(std::size_t number) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return number < written_ + kBuffers; });
  }
  void WaitForWork(std::size_t number) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return number < filled_; });
  }
  void Filled() { Count(filled_); }
  void Written() { Count(written_); }

 private:
  void Count(std::size_t& counter) {
    {
      const std::lock_guard lock(mutex_);
      ++counter;
    }
    changed_.notify_all();
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  std::size_t filled_ = 0;
  std::size_t written_ = 0;
};

void PushLarge(Storage& storage, const oci::RepositoryName& repository, std::size_t buffers) {
  const std::unique_ptr<char, decltype(&std::free)> memory(
      static_cast<char*>(std::aligned_alloc(kAlignment, kBuffers * kBuffer)), std::free);
  std::array<std::string_view, kBuffers> ring;
  for (std::size_t i = 0; i < kBuffers; ++i) {
    const std::span buffer(memory.get() + (i * kBuffer), kBuffer);
    SystemRandom().Fill(std::as_writable_bytes(buffer));
    ring[i] = {buffer.data(), buffer.size()};
  }
  // Known beforehand, as a client knows it, so that it is not measured.
  oci::Hasher expected(oci::HashAlgorithm::kSha256);
  for (std::size_t i = 0; i < buffers; ++i) expected.Update(ring[i % kBuffers]);

  const Stopwatch watch;
  auto writer = storage.WriteBlob(repository, oci::HashAlgorithm::kSha256);
  if (!writer) Die(writer.error());
  Ring turns;
  std::thread disk([&] {
    for (std::size_t i = 0; i < buffers; ++i) {
      turns.WaitForWork(i);
      Check((*writer)->Append(ring[i % kBuffers]));
      turns.Written();
    }
  });
  for (std::size_t i = 0; i < buffers; ++i) {
    turns.WaitForSpace(i);
    const std::string_view buffer = ring[i % kBuffers];
    for (std::size_t at = 0; at < kBuffer; at += kHashPiece) {
      (*writer)->Hash(buffer.substr(at, kHashPiece));
    }
    turns.Filled();
  }
  disk.join();
  const double received = watch.Seconds();
  const oci::Digest digest = expected.Finish();
  Check((*writer)->Finish(digest, {.principal = {}, .now = SystemClock().WallNow()}));
  const double seconds = watch.Seconds();
  const double bytes = static_cast<double>(buffers) * kBuffer;
  fmt::print("large: {} MiB in {:.3f} s: {:.2f} GB/s durable, {:.2f} CPU-s/GiB, Finish {:.1f} ms\n",
             buffers, seconds, bytes / seconds / 1e9,
             watch.Cpu() / (bytes / static_cast<double>(1U << 30U)), (seconds - received) * 1e3);
  writer->reset();
  Check(storage.metadata().RemoveBlob(repository, digest));
  NullLog log;
  const auto report = Collector(storage, SystemClock(), log).Run(false, {});
  if (!report) Die(report.error());
}

void PushSmall(Storage& storage, const oci::RepositoryName& repository) {
  const Stopwatch watch;
  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back([&] {
      std::string content(500, '\0');
      for (int blob = 0; blob < kSmallBlobs; ++blob) {
        SystemRandom().Fill(std::as_writable_bytes(std::span(content)));
        const auto writer = storage.WriteBlob(repository, oci::HashAlgorithm::kSha256);
        if (!writer) Die(writer.error());
        (*writer)->Hash(content);
        Check((*writer)->Append(content));
        Check((*writer)->Finish(oci::DigestOf(oci::HashAlgorithm::kSha256, content),
                                {.principal = {}, .now = SystemClock().WallNow()}));
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  const double count = kThreads * kSmallBlobs;
  fmt::print("small: {} blobs from {} threads: {:.0f}/s durable, {:.0f} us of CPU each\n", count,
             kThreads, count / watch.Seconds(), watch.Cpu() / count * 1e6);
}

int Main(int argc, char** argv) {
  if (argc < 2) {
    fmt::print(stderr, "usage: blob_bench FOLDER [MiB]\n");
    return 2;
  }
  const std::size_t buffers = argc > 2 ? std::strtoul(argv[2], nullptr, 10) : 256;
  NullLog log;
  const auto storage = Storage::Open(argv[1], {}, SystemClock(), SystemRandom(), log);
  if (!storage) Die(storage.error());
  const auto repository = oci::RepositoryName::Parse("bench/blobs");
  for (int i = 0; i < 5; ++i) PushLarge(**storage, *repository, buffers);
  for (int i = 0; i < 3; ++i) PushSmall(**storage, *repository);
  return 0;
}

}  // namespace
}  // namespace portolan::store

int main(int argc, char** argv) { return portolan::store::Main(argc, argv); }
