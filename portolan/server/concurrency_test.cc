// Several loops, several clients, and the collector all the time: what was acknowledged is there.
// PORTOLAN_SOAK_SECONDS=600 makes it long.
#include <atomic>
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <mutex>
#include <optional>
#include <random>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "portolan/async/pool.h"
#include "portolan/auth/access.h"
#include "portolan/auth/authenticator.h"
#include "portolan/http/server.h"
#include "portolan/http/testing/raw_client.h"
#include "portolan/oci/manifest.h"
#include "portolan/server/registry.h"
#include "portolan/server/testing/test_registry.h"
#include "portolan/store/collector.h"
#include "portolan/store/fsck.h"
#include "portolan/store/storage.h"
#include "portolan/store/testing/temporary_folder.h"

namespace portolan::server {
namespace {

using namespace std::chrono_literals;
using SteadyClock = std::chrono::steady_clock;

constexpr int kClients = 6;
constexpr int kContents = 400;  // so many that each rests about as long as a lease lasts
constexpr std::chrono::seconds kLease{1};
constexpr std::chrono::milliseconds kHalfALease = std::chrono::milliseconds(kLease) / 2;

std::chrono::seconds Length() {
  const char* const seconds = std::getenv("PORTOLAN_SOAK_SECONDS");
  return std::chrono::seconds(seconds == nullptr ? 4 : std::atoi(seconds));
}

// Every third is a file, the others are rows.
std::string ContentOf(int number) {
  std::string text = fmt::format("content {} ", number);
  if (number % 3 == 0) text.append(20'000, static_cast<char>('a' + number % 26));
  return text;
}

// A registry as it is run: a server with several loops, and its collector without a pause.
class Running {
 public:
  Running() {
    const store::StorageOptions options{
        .lease = kLease, .tag_history = 0s, .leased_at_start = false};
    storage_ =
        *store::Storage::Open(folder_.Under("root"), options, SystemClock(), SystemRandom(), log);
    registry_ = NewRegistry({.storage = *storage_,
                             .authenticator = *authenticator_,
                             .rules = rules_,
                             .login_pool = pool_,
                             .pool = pool_,
                             .clock = SystemClock(),
                             .log = log},
                            {});
    http::ServerOptions server;
    server.listen = {"127.0.0.1:0"};
    server.loops = 3;
    server_ = *http::StartServer(std::move(server), *registry_, SystemClock(), log);
    collector_ = std::thread([this] { Collect(); });
  }
  ~Running() {
    if (collector_.joinable()) Stop();
  }

  std::uint16_t port() const {
    const std::string address = server_->addresses().front();
    return static_cast<std::uint16_t>(std::stoi(address.substr(address.rfind(':') + 1)));
  }
  void Stop() {
    ending_ = true;
    collector_.join();
    server_->Stop();
    pool_.Join();  // its threads tell the loops what they have done
  }
  store::Storage& storage() { return *storage_; }
  std::uint64_t collected() const { return collected_; }
  MemoryLog log;

 private:
  void Collect() {
    while (!ending_) {
      store::Collector collector(*storage_, SystemClock(), log);
      const auto report = collector.Run(false, {});
      EXPECT_TRUE(report) << report.error().message;
      if (report) collected_ += report->blobs;
      std::this_thread::sleep_for(5ms);
    }
  }

  store::TemporaryFolder folder_;
  async::Pool pool_{8};
  std::unique_ptr<auth::Authenticator> authenticator_ = auth::NewOpenAuthenticator();
  auth::CurrentRules rules_{auth::AccessRules::Open()};
  std::unique_ptr<store::Storage> storage_;
  std::unique_ptr<http::Service> registry_;
  std::unique_ptr<http::Server> server_;
  std::atomic<bool> ending_ = false;
  std::atomic<std::uint64_t> collected_ = 0;
  std::thread collector_;
};

// One client on a connection of its own. What it was told holds for a lease; where the machine was
// slower than that, nothing is held against the registry.
class Client {
 public:
  Client(std::uint16_t port, int number)
      : connection_(port), number_(number), random_(static_cast<unsigned>(number)) {}

  void Round() {
    ++round_;
    const std::string repository = fmt::format("team/r{}", Pick(3));
    const std::vector<int> layers = {Pick(kContents), Pick(kContents)};
    const auto begin = SteadyClock::now();
    const std::string config = fmt::format("{{\"client\":{},\"round\":{}}}", number_, round_);
    Push(repository, config);
    for (const int layer : layers) Provide(repository, ContentOf(layer));
    const std::string manifest =
        ImageManifest(config, {ContentOf(layers[0]), ContentOf(layers[1])});
    const std::string target = fmt::format("/v2/{}/manifests/", repository);
    const std::string tag = fmt::format("c{}-{}", number_, round_);
    const auto pushed = Ask("PUT", target + tag, manifest, oci::kImageManifestType);
    if (pushed.status == 404 && SteadyClock::now() - begin > kHalfALease) return;
    ASSERT_EQ(pushed.status, 201) << pushed.body;
    ExpectPulled(repository, tag, manifest, layers);
    if (Pick(50) == 0) {
      std::this_thread::sleep_for(kHalfALease);  // without a lease it is the image that holds them
      ExpectPulled(repository, tag, manifest, layers);
    }
    EXPECT_EQ(Ask("GET", fmt::format("/v2/{}/tags/list?n=5", repository)).status, 200);
    EXPECT_EQ(Ask("DELETE", fmt::format("/v2/{}/blobs/{}", repository, Sha256Of(config))).status,
              405)
        << "the image needs it";
    const std::string reference = Pick(2) == 0 ? tag : Sha256Of(manifest);
    EXPECT_EQ(Ask("DELETE", target + reference).status, 202);
    EXPECT_EQ(Ask("GET", target + tag).status, 404);
  }
  int rounds() const { return round_; }

 private:
  int Pick(int below) { return std::uniform_int_distribution(0, below - 1)(random_); }

  http::RawClient::Answer Ask(const std::string& method, const std::string& target,
                              const std::string& body = {}, std::string_view type = {}) {
    std::string head = fmt::format("{} {} HTTP/1.1\r\nHost: r\r\n", method, target);
    if (!type.empty()) head += fmt::format("Content-Type: {}\r\n", type);
    if (method != "GET" && method != "HEAD") {
      head += fmt::format("Content-Length: {}\r\n", body.size());
    }
    auto answer = connection_.Ask(head + "\r\n" + body);
    EXPECT_TRUE(answer && answer->complete) << method << " " << target;
    return answer ? *answer : http::RawClient::Answer();
  }

  void Push(const std::string& repository, const std::string& content) {
    const std::string uploads = fmt::format("/v2/{}/blobs/uploads/", repository);
    const std::string digest = Sha256Of(content);
    if (Pick(2) == 0) {
      const auto created = Ask("POST", uploads + "?digest=" + digest, content);
      EXPECT_EQ(created.status, 201) << created.body;
      return;
    }
    const auto started = Ask("POST", uploads);
    ASSERT_EQ(started.status, 202) << started.body;
    const std::string location = started.Field("Location").value_or("");
    const std::size_t half = content.size() / 2;
    EXPECT_EQ(Ask("PATCH", location, content.substr(0, half)).status, 202);
    EXPECT_EQ(Ask("PUT", location + "?digest=" + digest, content.substr(half)).status, 201);
  }

  // As clients do: asks whether it is there, tries to mount it, else pushes it.
  void Provide(const std::string& repository, const std::string& content) {
    const std::string digest = Sha256Of(content);
    const auto head = Ask("HEAD", fmt::format("/v2/{}/blobs/{}", repository, digest));
    if (head.status == 200) return;
    EXPECT_EQ(head.status, 404);
    if (Pick(2) == 0) {
      const auto mounted = Ask(
          "POST", fmt::format("/v2/{}/blobs/uploads/?mount={}&from=team/r0", repository, digest));
      if (mounted.status == 201) return;
      EXPECT_EQ(mounted.status, 202) << mounted.body;
      EXPECT_EQ(Ask("DELETE", mounted.Field("Location").value_or("")).status, 204);
    }
    Push(repository, content);
  }

  void ExpectPulled(const std::string& repository, const std::string& tag,
                    const std::string& manifest, const std::vector<int>& layers) {
    EXPECT_EQ(Ask("GET", fmt::format("/v2/{}/manifests/{}", repository, tag)).body, manifest);
    for (const int layer : layers) {
      const std::string content = ContentOf(layer);
      const auto blob = Ask("GET", fmt::format("/v2/{}/blobs/{}", repository, Sha256Of(content)));
      EXPECT_EQ(blob.status, 200) << blob.body;
      EXPECT_TRUE(blob.body == content);
    }
  }

  http::RawClient connection_;
  int number_;
  std::mt19937 random_;
  int round_ = 0;
};

TEST(Concurrency, WhatWasAcknowledgedIsThere) {
  Running running;
  std::atomic<int> rounds = 0;
  const auto end = SteadyClock::now() + Length();
  std::vector<std::thread> threads;
  for (int i = 0; i < kClients; ++i) {
    threads.emplace_back([&, i] {
      Client client(running.port(), i);
      while (SteadyClock::now() < end && !testing::Test::HasFailure()) client.Round();
      rounds += client.rounds();
    });
  }
  for (std::thread& thread : threads) thread.join();
  running.Stop();
  EXPECT_GT(rounds, kClients);
  EXPECT_GT(running.collected(), 0U) << "nothing was at stake";
  const auto fsck = store::Fsck(running.storage(), {}, [](const store::Finding& finding) {
    EXPECT_TRUE(finding.kind == store::Finding::Kind::kOrphanObject ||
                finding.kind == store::Finding::Kind::kOrphanStaging)
        << finding.what;
  });
  ASSERT_TRUE(fsck) << fsck.error().message;
  EXPECT_EQ(fsck->damaged, 0U);
  EXPECT_TRUE(running.log.warnings().empty()) << running.log.warnings().front();
  RecordProperty("rounds", rounds);
  RecordProperty("collected", static_cast<int>(running.collected()));
}

}  // namespace
}  // namespace portolan::server
