// portolan serve: a registry.
#include <malloc.h>
#include <signal.h>
#include <sys/resource.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "portolan/admin/commands.h"
#include "portolan/admin/registry_process.h"
#include "portolan/admin/server_log.h"
#include "portolan/admin/storage_settings.h"
#include "portolan/admin/systemd.h"
#include "portolan/settings/settings.h"

namespace portolan::admin {
namespace {

constexpr std::string_view kManual =
#include "portolan/admin/manual/serve.md.inc"
    ;
constexpr std::string_view kAuthManual =
#include "portolan/admin/manual/auth_serve.md.inc"
    ;

// Signals that this process waits for; blocked before any thread starts, so that every thread
// inherits that.
class Signals {
 public:
  Signals() {
    sigemptyset(&set_);
    for (const int signal : {SIGINT, SIGTERM, SIGHUP}) sigaddset(&set_, signal);
    pthread_sigmask(SIG_BLOCK, &set_, &before_);
  }
  Signals(const Signals&) = delete;
  Signals& operator=(const Signals&) = delete;
  ~Signals() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }

  int Wait() const {
    int signal = 0;
    while (sigwait(&set_, &signal) != 0) {
    }
    return signal;
  }
  /// The next one has its ordinary effect: it ends the process. But for SIGHUP, which a log's
  /// rotation may send at any time.
  void LetThemEnd() const {
    sigset_t ending;
    sigemptyset(&ending);
    for (const int signal : {SIGINT, SIGTERM}) sigaddset(&ending, signal);
    pthread_sigmask(SIG_UNBLOCK, &ending, nullptr);
  }

 private:
  sigset_t set_;
  sigset_t before_;
};

// A registry holds a descriptor for each connection and each blob under way.
void RaiseDescriptorLimit() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
}

// Other than a listing (main.cc), a server gives memory back: what a burst of uploads took is not
// needed for the next month.
void TuneHeap() {
  mallopt(M_ARENA_MAX, 4);
  mallopt(M_TRIM_THRESHOLD, 4 << 20);
  mallopt(M_TOP_PAD, 128 << 10);
  mallopt(M_MMAP_THRESHOLD, 4 << 20);
}

// The rule of LoadSettings for addresses, for sockets that were handed over instead.
Status CheckSockets(const settings::ServerSettings& settings, const std::vector<int>& sockets) {
  if (settings.insecure_no_auth || settings.auth.knows_names()) return {};
  if (std::ranges::none_of(sockets, IsOpenToOthers)) return {};
  return Fail(ErrorCode::kConfigInvalid,
              "a socket that was handed over can be reached by others, and nobody needs to log in",
              "give it users with --htpasswd, or say --insecure-no-auth");
}

using Start = Result<std::unique_ptr<RegistryProcess>> (*)(const settings::ServerSettings& settings,
                                                           std::vector<int> sockets,
                                                           const Machine& machine);

// Of a registry, or of a token service alone.
class ServeCommand final : public cli::Command {
 public:
  ServeCommand(std::string_view name, std::string_view manual, Start start)
      : name_(name), manual_(manual), start_(start) {}
  std::string_view name() const override { return name_; }
  std::string_view manual() const override { return manual_; }
  void Declare(CLI::App& app) override;
  Status Run(const cli::World& world, const cli::GlobalFlags& global) override;

 private:
  Status Serve(const settings::ServerSettings& settings, const cli::World& world);
  void Reload(const cli::World& world, RegistryProcess& process, ServerLog& log);

  const std::string_view name_;
  const std::string_view manual_;
  const Start start_;
  StorageFlags flags_;
  bool check_config_ = false;
  bool show_settings_ = false;
};

void ServeCommand::Declare(CLI::App& app) {
  DeclareStorageFlags(app, flags_);
  struct Text {
    const char* flag;
    const char* key;
    const char* about;
    const char* type;
  };
  const Text texts[] = {
      {"--tls-certificate", "tls.certificate", "PEM file with the certificate chain", "FILE"},
      {"--tls-key", "tls.key", "PEM file with its key", "FILE"},
      {"--token-key", "auth.token.keys", "issue tokens, signed with this key", "FILE"},
      {"--htpasswd", "auth.htpasswd", "users and bcrypt hashes of their passwords", "FILE"},
      {"--metrics", "metrics.listen", "address for /metrics, /healthz and /readyz", "ADDRESS"},
      {"--access-log", "log.access", "where requests are logged", "stdout|stderr|off|FILE"},
  };
  const Text registry_texts[] = {
      {"--dialect", "dialect", "answer as this registry does, like hub@2023-03", "NAME"},
      {"--seed-tags", "seed_tags", "make these tags, of lines \"repository tag\"", "FILE"},
  };
  const auto add = [&](const Text& text) {
    app.add_option_function<std::string>(
           text.flag,
           [this, key = text.key](const std::string& value) { flags_.given[key] = value; },
           text.about)
        ->type_name(text.type);
  };
  std::ranges::for_each(texts, add);
  if (start_ == StartRegistry) std::ranges::for_each(registry_texts, add);
  const auto add_list = [&](const Text& text) {
    app.add_option_function<std::vector<std::string>>(
           text.flag,
           [this, key = text.key](const std::vector<std::string>& values) {
             flags_.given[key] = fmt::format("{}", fmt::join(values, ","));
           },
           text.about)
        ->type_name(text.type)
        ->expected(1)
        ->allow_extra_args(false)
        ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  };
  add_list({"--listen", "listen", "address to listen on; repeatable", "ADDRESS"});
  if (start_ == StartRegistry) {
    add_list({"--fault", "faults", "what is to go wrong on purpose; repeatable", "FAULT"});
  }
  app.add_flag_callback(
      "--insecure-no-auth", [this] { flags_.given["insecure_no_auth"] = "true"; },
      "let everybody do everything, on any address");
  app.add_flag_callback(
      "--read-only", [this] { flags_.given["read_only"] = "true"; }, "refuse every change");
  app.add_flag("--check-config", check_config_, "only say whether the settings are right");
  app.add_flag("--show-settings", show_settings_, "only print what can be set, and how");
}

Status ServeCommand::Serve(const settings::ServerSettings& settings, const cli::World& world) {
  TuneHeap();
  RaiseDescriptorLimit();
  Signals signals;
  ServerLog log(world.clock, settings.log.level == settings::LogLevel::kDebug);
  std::vector<int> sockets = HandedSockets(world.environment);
  PORTOLAN_CHECK(CheckSockets(settings, sockets));
  PORTOLAN_TRY(const std::unique_ptr<RegistryProcess> process,
               start_(settings, std::move(sockets),
                      {.files = world.files,
                       .clock = world.clock,
                       .random = world.random,
                       .log = log,
                       .environment = world.environment}));
  log.Info(fmt::format("serving {} on {}", start_ == StartRegistry ? settings.root : "tokens",
                       fmt::join(process->urls(), ", ")));
  for (const std::string& url : process->metrics_urls()) log.Info("metrics on " + url);
  Notify(world.environment, "READY=1");

  int signal = signals.Wait();
  while (signal == SIGHUP) {
    process->ReopenLogs();
    Reload(world, *process, log);
    signal = signals.Wait();
  }
  log.Info("stopping: requests under way may end; a second signal ends them");
  Notify(world.environment, "STOPPING=1");
  signals.LetThemEnd();
  process->Stop();
  log.Info("stopped");
  return {};
}

// SIGHUP: the rules of the settings as they are now.
void ServeCommand::Reload(const cli::World& world, RegistryProcess& process, ServerLog& log) {
  const Result<settings::ServerSettings> settings = SettingsOf(flags_, world);
  const Status reloaded = settings ? process.Reload(*settings) : Status(settings.error());
  if (!reloaded) {
    log.Warn(fmt::format("the access rules of before stay: {}", reloaded.error().message));
  } else {
    log.Info("the access rules were read again");
  }
}

Status ServeCommand::Run(const cli::World& world, const cli::GlobalFlags&) {
  if (show_settings_) {
    PORTOLAN_CHECK(world.terminal.Write(settings::SettingsManual()));
    return world.terminal.Flush();
  }
  PORTOLAN_TRY(const settings::ServerSettings settings, SettingsOf(flags_, world));
  if (!check_config_) return Serve(settings, world);
  PORTOLAN_CHECK(world.terminal.Write("the settings are right\n"));
  return world.terminal.Flush();
}

}  // namespace

std::unique_ptr<cli::Command> NewServeCommand() {
  return std::make_unique<ServeCommand>("serve", kManual, StartRegistry);
}
std::unique_ptr<cli::Command> NewAuthServeCommand() {
  return std::make_unique<ServeCommand>("auth serve", kAuthManual, StartTokenService);
}

}  // namespace portolan::admin
