#include "portolan/settings/settings.h"

#include <algorithm>
#include <set>
#include <utility>

#include <fmt/format.h>

#include "portolan/base/limits.h"
#include "portolan/base/log.h"
#include "portolan/dialect/served.h"
#include "portolan/settings/given.h"
#include "portolan/settings/schema.h"
#include "portolan/settings/value.h"
#include "portolan/settings/yaml.h"

namespace portolan::settings {
namespace {

constexpr std::string_view kAnybody = "anonymous";
constexpr std::string_view kAccountsFile = "accounts.db";

std::string DefaultRoot(const Environment& environment) {
  if (environment.uid == 0) return "/var/lib/portolan";
  const std::string data =
      environment.Get("XDG_DATA_HOME").value_or(JoinPath(environment.home, ".local/share"));
  return JoinPath(data, "portolan/registry");
}

void Apply(Given& given, ServerSettings& settings) {
  for (const Setting& setting : Schema()) {
    const auto it = given.settings.find(setting.info.key);
    if (it == given.settings.end()) continue;
    const std::vector<std::string>& values = it->second.values;
    const Expected expected = setting.set_list != nullptr ? setting.set_list(settings, values)
                                                          : setting.set(settings, values[0]);
    if (expected.empty()) continue;
    given.mistakes.push_back(
        fmt::format("{}: {} is \"{}\": expected {}", it->second.source, setting.info.key,
                    Printable(fmt::format("{}", fmt::join(values, ", "))), expected));
  }
}

// Where a setting was given, for mistakes that concern several; its key if nowhere.
std::string Place(const Given& given, std::string_view key) {
  const auto it = given.settings.find(key);
  return it == given.settings.end() ? std::string(key) : it->second.source;
}

void CheckTls(Given& given) {
  const bool certificate = given.settings.contains("tls.certificate");
  const bool key = given.settings.contains("tls.key");
  if (certificate == key) return;
  given.mistakes.push_back(fmt::format(
      "{}: {} needs {}", Place(given, certificate ? "tls.certificate" : "tls.key"),
      certificate ? "tls.certificate" : "tls.key", certificate ? "tls.key" : "tls.certificate"));
}

// Whoever has made an account wants to be asked for it.
void FindAccounts(const Given& given, Files& files, ServerSettings& settings) {
  if (given.settings.contains("auth.accounts")) return;
  const Result<std::vector<std::string>> names = files.List(settings.root);
  settings.auth.accounts = names && std::ranges::find(*names, kAccountsFile) != names->end();
}

void CheckRules(Given& given, ServerSettings& settings) {
  const bool login = settings.auth.knows_names();
  if (!given.rules) {
    settings.auth.rules = {{.users = {login ? "*" : std::string(kAnybody)},
                            .repositories = {},
                            .allow = auth::ActionSet::All()}};
    // What other registries are known for.
    if (login && !settings.dialect.empty()) {
      auth::ActionSet pull;
      pull.Add(auth::Action::kPull);
      settings.auth.rules.push_back(
          {.users = {std::string(kAnybody)}, .repositories = {}, .allow = pull});
    }
    return;
  }
  settings.auth.rules = *std::move(given.rules);
  const bool named = std::ranges::any_of(settings.auth.rules, [](const auth::Rule& rule) {
    return std::ranges::any_of(rule.users, [](const auto& user) { return user != kAnybody; });
  });
  if (named && !login) {
    given.mistakes.push_back(fmt::format(
        "{}: auth.rules name users, but there are none: nobody can log in", given.rules_source));
  }
}

// Clients must be told where tokens come from, and each issuer be one.
void CheckTokens(Given& given, const ServerSettings& settings) {
  if (settings.auth.token.keys.empty() && !settings.auth.issuers.empty() &&
      !settings.auth.token.realm) {
    given.mistakes.push_back(
        "auth.issuers: without keys of its own (auth.token.keys) the registry must tell clients "
        "where to get tokens: set auth.token.realm");
  }
  std::set<std::string_view> seen = {settings.auth.token.issuer};
  for (const Issuer& issuer : settings.auth.issuers) {
    if (seen.insert(issuer.issuer).second) continue;
    given.mistakes.push_back(
        fmt::format("auth.issuers: there are two issuers \"{}\"", Printable(issuer.issuer)));
  }
}

// Where registries have what is beside V2, so that no path of a host may begin so.
std::set<std::string_view> TakenPaths() {
  std::set<std::string_view> taken = {"v2", "api", "user", "users", "orgs", "auth"};
  for (const dialect::Served* const served : dialect::AllServed()) {
    const std::string_view path = served->tokens.path;  // "/jwt/auth", or empty
    if (!path.empty()) taken.insert(path.substr(1, path.find('/', 1) - 1));
  }
  return taken;
}

// Each must be found by one thing, which no other one is found by.
void CheckHosts(Given& given, const ServerSettings& settings) {
  std::set<std::string_view> names;
  std::set<std::string_view> paths;
  const std::set<std::string_view> taken = TakenPaths();
  const auto mistake = [&](std::string_view key, std::string_view what) {
    given.mistakes.push_back(fmt::format("hosts: {} {}", Printable(key), what));
  };
  for (const Host& host : settings.hosts) {
    for (const std::string& name : host.names) {
      if (!names.insert(name).second) mistake(name, "is there twice");
    }
    if (host.path.empty()) continue;
    if (!paths.insert(host.path).second) mistake(host.path, "is there twice");
    const std::string_view first = std::string_view(host.path).substr(0, host.path.find('/'));
    if (taken.contains(first)) mistake(host.path, "is a path that registries need themselves");
  }
}

// Clients must be told where blobs are.
void CheckBlobs(Given& given, const ServerSettings& settings) {
  if (settings.blob_listen.empty() || settings.blob_url || NamesAHost(settings.blob_listen)) return;
  given.mistakes.push_back(
      fmt::format("{}: blob_listen is {}, which is no address that clients could be sent to: set "
                  "blob_url, too",
                  Place(given, "blob_listen"), settings.blob_listen));
}

void CheckSeeds(Given& given, const ServerSettings& settings) {
  if (settings.seed_tags.empty() || !settings.read_only) return;
  given.mistakes.push_back(fmt::format(
      "{}: seed_tags would write into a registry that is read_only", Place(given, "seed_tags")));
}

void ReadProfile(const std::string& path, Files& files, Given& given, ServerSettings& settings) {
  if (!IsProfileFile(path) || settings.profiles.contains(path)) return;
  const auto read = [&]() -> Result<dialect::ProfileFile> {
    PORTOLAN_TRY(const std::string text, files.Read(path, dialect::kMaxProfileFile));
    return dialect::ReadProfileFile(text);
  };
  const Result<dialect::ProfileFile> profile = read();
  if (profile) {
    settings.profiles[path] = dialect::ServeProfile(*profile);
  } else {
    given.mistakes.push_back(fmt::format("{}: {}", path, profile.error().message));
  }
}

// A registry that the whole network may write to must be meant.
std::string OpenToAll(const Given& given, const ServerSettings& settings) {
  if (settings.insecure_no_auth || settings.auth.knows_names()) return {};
  if (!settings.blob_listen.empty() && !IsLoopback(settings.blob_listen)) {
    return fmt::format("{}: blob_listen is {}, which others can reach, and nobody needs to log in",
                       Place(given, "blob_listen"), settings.blob_listen);
  }
  const auto open = std::ranges::find_if_not(settings.listen, IsLoopback);
  if (open == settings.listen.end()) return {};
  return fmt::format("{}: listen has {}, which others can reach, and nobody needs to log in",
                     Place(given, "listen"), *open);
}

// Else some manifest that is small enough could never be pushed.
void CheckMemory(Given& given, const ServerSettings& settings) {
  if (settings.limits.upload_memory >= settings.limits.manifest_size) return;
  given.mistakes.push_back(fmt::format("{}: limits.upload_memory is less than limits.manifest_size",
                                       Place(given, "limits.upload_memory")));
}

Error ManyMistakes(const std::vector<std::string>& mistakes, std::string hint) {
  std::string message = mistakes.size() == 1
                            ? mistakes[0]
                            : fmt::format("{} mistakes in the settings\n{}", mistakes.size(),
                                          fmt::join(mistakes, "\n"));
  return Fail(ErrorCode::kConfigInvalid, std::move(message), std::move(hint));
}

}  // namespace

bool ServerSettings::has_dialects() const {
  return !dialect.empty() ||
         std::ranges::any_of(hosts, [](const Host& host) { return !host.dialect.empty(); });
}

const dialect::Served* ServerSettings::ServedBy(std::string_view name) const {
  const auto profile = profiles.find(std::string(name));
  return profile != profiles.end() ? &profile->second->served : dialect::FindServed(name);
}

Result<ServerSettings> LoadSettings(const std::optional<std::string>& file,
                                    const Environment& environment,
                                    const std::map<std::string, std::string>& flags, Files& files) {
  Given given;
  if (file) {
    PORTOLAN_TRY(const std::string text, files.Read(*file, Limits().config_file));
    PORTOLAN_TRY(const YamlNode root, ReadYaml(text, *file));
    TakeFile(root, *file, given);
  }
  TakeEnvironment(environment, given);
  TakeFlags(flags, given);

  ServerSettings settings;
  settings.root = DefaultRoot(environment);
  Apply(given, settings);
  settings.auth.issuers = std::move(given.issuers);
  settings.hosts = std::move(given.hosts);
  ReadProfile(settings.dialect, files, given, settings);
  for (const Host& host : settings.hosts) ReadProfile(host.dialect, files, given, settings);
  CheckTokens(given, settings);
  CheckHosts(given, settings);
  CheckBlobs(given, settings);
  CheckSeeds(given, settings);
  FindAccounts(given, files, settings);
  CheckTls(given);
  CheckRules(given, settings);
  CheckMemory(given, settings);
  std::string hint;
  if (std::string open = OpenToAll(given, settings); !open.empty()) {
    given.mistakes.push_back(std::move(open));
    hint =
        "make an account (portolan user add), set auth.htpasswd, listen on 127.0.0.1, or set "
        "insecure_no_auth if this is meant";
  }
  if (!given.mistakes.empty()) return ManyMistakes(given.mistakes, std::move(hint));
  return settings;
}

}  // namespace portolan::settings
