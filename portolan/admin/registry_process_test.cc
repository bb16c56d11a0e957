// A registry as a process: its servers, its log and its end, with clients all the while.
#include "portolan/admin/registry_process.h"

#include <atomic>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "portolan/admin/server_log.h"
#include "portolan/auth/key.h"
#include "portolan/http/testing/raw_client.h"
#include "portolan/oci/manifest.h"
#include "portolan/store/testing/temporary_folder.h"

namespace portolan::admin {
namespace {

using namespace std::chrono_literals;

std::uint16_t PortOf(const std::string& url) {
  return static_cast<std::uint16_t>(std::stoi(url.substr(url.rfind(':') + 1)));
}

class RegistryProcessTest : public testing::Test {
 protected:
  RegistryProcessTest() {
    settings_.listen = {"127.0.0.1:0"};
    settings_.root = folder_.Under("root");
    settings_.metrics.listen = "127.0.0.1:0";
    settings_.log.access = folder_.Under("access.log");
    settings_.auth.rules = {
        {.users = {"anonymous"}, .repositories = {}, .allow = auth::ActionSet::All()}};
  }
  Machine MachineOf() {
    return {.files = SystemFiles(),
            .clock = SystemClock(),
            .random = SystemRandom(),
            .log = log_,
            .environment = environment_};
  }
  std::unique_ptr<RegistryProcess> Start() {
    auto process = StartRegistry(settings_, {}, MachineOf());
    EXPECT_TRUE(process) << (process ? "" : process.error().message);
    return process ? *std::move(process) : nullptr;
  }
  // Asks on one connection until the server ends it; counts what was answered well.
  static void KeepAsking(http::RawClient& client, const std::string& target,
                         std::atomic<int>& served) {
    const std::string request = fmt::format("GET {} HTTP/1.1\r\nHost: r\r\n\r\n", target);
    while (const auto answer = client.Ask(request)) {
      EXPECT_EQ(answer->status, 200) << target;
      ++served;
      if (answer->Field("Connection") == "close") return;
    }
  }

  store::TemporaryFolder folder_;
  settings::ServerSettings settings_;
  ServerLog log_{SystemClock(), false};
  const Environment environment_;
};

// Logs are rotated while requests come: every line is in one of the files, and none in two.
TEST_F(RegistryProcessTest, AReopenedLogLosesNoLine) {
  auto process = Start();
  ASSERT_TRUE(process);
  const std::uint16_t port = PortOf(process->urls().front());
  std::atomic<bool> ending = false;
  std::atomic<std::size_t> answered = 0;
  std::vector<std::thread> clients;
  for (int i = 0; i < 4; ++i) {
    clients.emplace_back([&] {
      http::RawClient client(port);
      while (!ending) {
        const auto answer = client.Ask("GET /v2/ HTTP/1.1\r\nHost: r\r\n\r\n");
        ASSERT_TRUE(answer && answer->status == 200);
        ++answered;
      }
    });
  }
  std::vector<std::string> files = {"access.log"};
  for (int i = 0; i < 20; ++i) {
    std::this_thread::sleep_for(20ms);
    const std::string rotated = fmt::format("access.log.{}", i);
    std::filesystem::rename(folder_.Under("access.log"), folder_.Under(rotated));
    files.push_back(rotated);
    process->ReopenLogs();
    while (!std::filesystem::exists(folder_.Under("access.log"))) std::this_thread::sleep_for(1ms);
  }
  ending = true;
  for (std::thread& client : clients) client.join();
  process->Stop();
  process.reset();  // what is left is written
  std::size_t lines = 0;
  for (const std::string& file : files) {
    std::ifstream text(folder_.Under(file));
    for (std::string line; std::getline(text, line); ++lines) {
      EXPECT_TRUE(line.starts_with("{\"time\":") && line.ends_with("}")) << line;
    }
  }
  EXPECT_EQ(lines, answered);
}

// Metrics ask for what is being taken down.
TEST_F(RegistryProcessTest, MetricsAreAskedForFromTheFirstMomentToTheLast) {
  for (int i = 0; i < 5; ++i) {
    auto process = Start();
    ASSERT_TRUE(process);
    const std::uint16_t port = PortOf(process->urls().front());
    const std::uint16_t metrics = PortOf(process->metrics_urls().front());
    std::atomic<int> served = 0;
    std::list<http::RawClient> connected;  // all of them, before the end may come
    std::vector<std::thread> clients;
    const auto ask = [&](std::uint16_t where, const char* target) {
      http::RawClient& client = connected.emplace_back(where);
      clients.emplace_back([&client, target, &served] { KeepAsking(client, target, served); });
    };
    for (const char* target : {"/metrics", "/readyz", "/metrics"}) ask(metrics, target);
    ask(port, "/v2/_catalog");
    while (served < 100) std::this_thread::sleep_for(1ms);
    if (i % 2 == 0) process->Stop();
    process.reset();
    for (std::thread& client : clients) client.join();
  }
}

TEST_F(RegistryProcessTest, OneProcessAFolder) {
  auto process = Start();
  ASSERT_TRUE(process);
  const auto second = StartRegistry(settings_, {}, MachineOf());
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, ErrorCode::kIo) << second.error().message;
  process.reset();
  EXPECT_TRUE(Start());
}

class AuditTest : public RegistryProcessTest {
 protected:
  AuditTest() { settings_.log.audit = folder_.Under("audit.log"); }
  // The lines' events and what is behind them.
  std::string Noted() const {
    std::string noted;
    std::ifstream lines(folder_.Under("audit.log"));
    for (std::string line; std::getline(lines, line);) {
      noted += line.substr(line.find("\"event\"")) + "\n";
    }
    return noted;
  }
};

TEST_F(AuditTest, APushSaysWhatBecameOfTheTag) {
  auto process = Start();
  ASSERT_TRUE(process);
  http::RawClient client(PortOf(process->urls().front()));
  const auto push = [&](std::string_view annotation) {
    const std::string body = fmt::format(
        R"({{"schemaVersion":2,"mediaType":"{}","manifests":[],"annotations":{{"a":"{}"}}}})",
        oci::kImageIndexType, annotation);
    const auto answer =
        client.Ask(fmt::format("PUT /v2/a/manifests/t HTTP/1.1\r\nHost: r\r\nContent-Type: {}\r\n"
                               "Content-Length: {}\r\n\r\n{}",
                               oci::kImageIndexType, body.size(), body));
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->status, 201) << answer->body;
  };
  for (const char* const annotation : {"one", "two", "two"}) push(annotation);
  const std::string line =
      "\"event\":\"manifest.push\",\"outcome\":\"done\",\"peer\":\"127.0.0.1\","
      "\"repository\":\"a\",\"subject\":\"t\",\"tags\":\"t ";
  EXPECT_EQ(Noted(), line + "created\"}\n" + line + "overwritten\"}\n" + line + "unchanged\"}\n");
}

TEST_F(AuditTest, TheTokenServicesToo) {
  const auto key = auth::SigningKey::Generate(auth::Algorithm::kEdDsa, "test", 1'700'000'000);
  ASSERT_TRUE(key);
  folder_.Write("key.pem", std::string(key->ToPem().Reveal()));
  settings_.auth.token.keys = {folder_.Under("key.pem")};
  for (const auto start : {StartRegistry, StartTokenService}) {
    const auto process = start(settings_, {}, MachineOf());
    ASSERT_TRUE(process) << process.error().message;
    http::RawClient client(PortOf((*process)->urls().front()));
    const auto refused = [&] {
      const std::string form = "grant_type=refresh_token&refresh_token=x";
      const auto answer =
          client.Ask(fmt::format("POST /token HTTP/1.1\r\nHost: r\r\nContent-Length: {}\r\n"
                                 "Content-Type: application/x-www-form-urlencoded\r\n\r\n{}",
                                 form.size(), form));
      EXPECT_TRUE(answer && answer->status == 401);
    };
    refused();
    EXPECT_TRUE(Noted().starts_with("\"event\":\"token.refuse\"")) << Noted();
    std::filesystem::remove(folder_.Under("audit.log"));
    (*process)->ReopenLogs();
    refused();
    EXPECT_TRUE(Noted().starts_with("\"event\":\"token.refuse\"")) << Noted();
  }
}

// What a setting says reaches the part that it is about.
TEST_F(RegistryProcessTest, LimitsAreTheSettings) {
  settings_.limits.blob_size = 10;
  settings_.limits.upload_sessions = 1;
  auto process = Start();
  ASSERT_TRUE(process);
  http::RawClient client(PortOf(process->urls().front()));
  const auto post = [&](const std::string& query, const std::string& body) {
    return client
        .Ask(fmt::format("POST /v2/a/blobs/uploads/{} HTTP/1.1\r\nHost: r\r\nContent-Length: {}"
                         "\r\n\r\n{}",
                         query, body.size(), body))
        .value_or(http::RawClient::Answer())
        .status;
  };
  EXPECT_EQ(post("?digest=sha256:" + std::string(64, 'a'), "01234567890"), 413);
  EXPECT_EQ(post("", ""), 202);
  EXPECT_EQ(post("", ""), 429);
}

// However many registries stand before the storage.
TEST_F(RegistryProcessTest, LimitsAreOfAllHostsTogether) {
  settings_.limits.uploads = 1;
  settings_.hosts = {{.names = {"one"}}, {.names = {"two"}}};
  auto process = Start();
  ASSERT_TRUE(process);
  const std::uint16_t port = PortOf(process->urls().front());
  http::RawClient slow(port);
  const auto begun =
      slow.Ask("POST /v2/a/blobs/uploads/ HTTP/1.1\r\nHost: one\r\nContent-Length: 0\r\n\r\n");
  ASSERT_TRUE(begun && begun->status == 202);
  (void)slow.Send(
      fmt::format("PATCH {} HTTP/1.1\r\nHost: one\r\nContent-Length: 100\r\n"
                  "Expect: 100-continue\r\n\r\n",
                  begun->Field("Location").value_or("")));
  const auto told = slow.Read();  // it holds its place now
  ASSERT_TRUE(told && told->status == 100);
  http::RawClient other(port);
  const auto refused =
      other.Ask(fmt::format("POST /v2/a/blobs/uploads/?digest=sha256:{} HTTP/1.1\r\nHost: two\r\n"
                            "Content-Length: 1\r\n\r\nx",
                            std::string(64, 'a')));
  ASSERT_TRUE(refused);
  EXPECT_EQ(refused->status, 429);
}

}  // namespace
}  // namespace portolan::admin
