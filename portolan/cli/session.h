// From flags to a ready client: what every command that talks to registries shares.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "portolan/async/loop.h"
#include "portolan/async/pool.h"
#include "portolan/base/log.h"
#include "portolan/cli/command.h"
#include "portolan/client/registries.h"
#include "portolan/config/credentials.h"
#include "portolan/config/registries.h"

namespace portolan::cli {

/// Flags that skopeo's commands for registries share, under the same names.
struct RegistryFlags {
  std::optional<std::string> authfile;        ///< --authfile
  std::optional<std::string> cert_dir;        ///< --cert-dir
  std::optional<std::string> creds;           ///< --creds USER[:PASSWORD]
  std::optional<std::string> username;        ///< --username
  std::optional<std::string> password;        ///< --password
  bool no_creds = false;                      ///< --no-creds
  std::optional<std::string> registry_token;  ///< --registry-token
  std::optional<bool> tls_verify;             ///< --tls-verify[=BOOL]
  int retry_times = 0;                        ///< --retry-times
  std::optional<std::string> retry_delay;     ///< --retry-delay, a Go duration: 2s, 500ms
  bool no_token_cache = false;                ///< --no-token-cache
  std::optional<std::string> profile;         ///< --profile, as `probe --write-profile` wrote it
  int parallel = 6;                           ///< requests at once to one host; not declared here
};

/// Declares them.
void DeclareRegistryFlags(CLI::App& app, RegistryFlags& flags);
/// Declares `--tls-verify[=BOOL]` alone.
void DeclareTlsVerify(CLI::App& app, std::optional<bool>& tls_verify);
/// What the flags say about credentials and TLS; a password that is missing is asked for. kUsage
/// for flags that exclude each other or are malformed; kIo if there is nobody to ask.
Result<client::Options> ClientOptions(const RegistryFlags& flags, const GlobalFlags& global,
                                      Terminal& terminal);

/// Everything that a command needs to talk to registries, built in the right order from flags and
/// files. Must not be moved.
class Session {
 public:
  /// kUsage for flags that exclude each other or are malformed; kConfigInvalid.
  static Result<std::unique_ptr<Session>> Open(const World& world, const GlobalFlags& global,
                                               const RegistryFlags& flags);

  async::Loop& loop() { return loop_; }
  Log& log() { return *log_; }
  const Limits& limits() const { return limits_; }
  client::Registries& registries() { return *registries_; }
  config::CredentialStore& credentials() { return *credentials_; }
  const config::RegistriesConf& registries_conf() const { return registries_conf_; }

  /// Runs a task that gives a Status or a Result on the loop. Ctrl-C and --command-timeout end it:
  /// their Error then stands in for the task's.
  template <typename T>
  T Run(async::Task<T> task) {
    T result = loop_.Run(std::move(task));
    if (!result && loop_.cancelled()) return *loop_.cancelled();
    return result;
  }
  /// Runs `function`, which blocks (a credential helper may ask the user) and gives a Status or a
  /// Result, beside the loop, so that it ends as a task of Run does.
  template <typename Function>
  auto RunBlocking(Function function) {
    return Run(async::OnPool(pool_, std::move(function)));
  }

 private:
  explicit Session(const World& world);

  Limits limits_;
  async::Loop loop_;
  async::Pool pool_{1};  // one thread: credentials are looked up one after the other
  std::unique_ptr<Log> log_;
  std::unique_ptr<config::HelperRunner> helpers_;
  std::unique_ptr<http::Client> http_;
  config::RegistriesConf registries_conf_;
  std::unique_ptr<config::CredentialStore> credentials_;
  std::unique_ptr<client::Registries> registries_;
};

}  // namespace portolan::cli
