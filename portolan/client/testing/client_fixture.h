// What every test of the client starts from: an ordinary user with nothing, and a world of fakes.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "portolan/async/loop.h"
#include "portolan/async/pool.h"
#include "portolan/client/registries.h"
#include "portolan/client/testing/fake_registry.h"
#include "portolan/config/testing/fake_helper_runner.h"

namespace portolan::client {

/// A listing as its caller got it.
struct Listed {
  std::vector<std::vector<std::string>> pages;
  Result<repo::ListSummary> summary;

  /// The tags of all pages.
  std::vector<std::string> tags() const;
  bool ok() const { return summary.has_value(); }
  /// kInternal if there was none, which no test expects.
  ErrorCode code() const { return ok() ? ErrorCode::kInternal : summary.error().code; }
  std::string message() const { return ok() ? std::string() : summary.error().message; }
  std::string hint() const { return ok() ? std::string() : summary.error().hint; }
};

/// One user's machine. Change the members before the first listing; Restart is a new process of the
/// same user.
class ClientFixture {
 public:
  ClientFixture();
  ClientFixture(const ClientFixture&) = delete;
  ClientFixture& operator=(const ClientFixture&) = delete;
  ~ClientFixture();

  FakeRegistry registry;
  MemoryFiles files;
  ManualClock clock;
  FixedRandom random;
  MemoryLog log;
  Environment environment{.variables = {}, .home = "/home/u", .uid = 1000};
  config::FakeHelperRunner runner;
  Limits limits;
  Options options;
  /// Real time instead of `clock`, for tests that really wait.
  bool real_time = false;
  async::Loop loop;

  /// Replaces registries.conf.
  void Configure(std::string_view text);
  /// A login in ~/.docker/config.json.
  void LogIn(std::string_view key, std::string_view user, std::string_view password);
  /// `options.credentials` of the command line.
  void UsePassword(std::string user, std::string password);

  /// Requests to this origin fail before they are sent.
  FailingClient& network() { return network_; }
  Registries& registries();
  void Restart() { registries_.reset(); }

  Listed List(std::string_view reference, const repo::ListOptions& list_options = {});
  Listed ListRepositories(std::string_view registry_name);
  /// The listing as a task, for several at once.
  async::Task<Listed> ListTask(std::string reference, repo::ListOptions list_options);

  /// Whether a warning with this text was given.
  bool Warned(std::string_view part);
  /// All of the debug log and warnings in one text.
  std::string LogText();
  /// Paths of the token cache's files, without the key.
  std::vector<std::string> CacheFiles() const;

 private:
  std::unique_ptr<http::Client> memory_client_;
  FailingClient network_;
  async::Pool pool_{1};
  std::optional<config::CredentialStore> credentials_;
  config::RegistriesConf registries_conf_;
  std::unique_ptr<Registries> registries_;
};

inline constexpr const char* kAuthConfig = "/home/u/.docker/config.json";
inline constexpr const char* kRegistriesConf = "/etc/containers/registries.conf";
inline constexpr const char* kBootIdFile = "/proc/sys/kernel/random/boot_id";

}  // namespace portolan::client
