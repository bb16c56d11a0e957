#include <utility>

#include <fmt/format.h>

#include "portolan/config/auth_places.h"
#include "portolan/config/registries.h"
#include "portolan/config/registries_reader.h"

namespace portolan::config {
namespace {

constexpr const char* kSystemFolder = "/etc/containers";

// Whose file it is. A user's file that this process may not read (a service with somebody's HOME)
// is passed over with a warning; the system's rules are never passed over.
enum class Owner { kSystem, kUser };

class Loader {
 public:
  Loader(Files& files, const Limits& limits, Log& log, RegistriesConf& conf)
      : files_(files), limits_(limits), log_(log), conf_(conf) {}

  /// Whether there is such a file; then it is merged.
  Result<bool> File(const std::string& path, Owner owner) {
    const auto text = files_.Read(path, limits_.config_file);
    if (text) {
      if (log_.debugging()) log_.Debug(fmt::format("reading {}", path));
      PORTOLAN_CHECK(RegistriesConfReader::Merge(*text, path, conf_));
      return true;
    }
    PORTOLAN_CHECK(Missing(text.error(), owner));
    return false;
  }

  Status DropIns(const std::string& folder, Owner owner) {
    const auto names = files_.List(folder);
    if (!names) return Missing(names.error(), owner);
    for (const std::string& name : *names) {
      if (!name.ends_with(".conf")) continue;
      PORTOLAN_CHECK(File(JoinPath(folder, name), owner));
    }
    return {};
  }

 private:
  Status Missing(const Error& error, Owner owner) {
    if (error.code == ErrorCode::kNameUnknown) return {};
    if (owner == Owner::kSystem || error.code != ErrorCode::kIo) return error;
    log_.Warn(fmt::format("{}; going on without it", error.message));
    return {};
  }

  Files& files_;
  const Limits& limits_;
  Log& log_;
  RegistriesConf& conf_;
};

// Where podman writes down what its user answered when a short name was ambiguous.
std::string RecordedAliases(const Environment& environment) {
  constexpr const char* kName = "containers/short-name-aliases.conf";
  if (environment.uid == 0) return JoinPath("/var/cache", kName);
  if (const auto cache = environment.Get("XDG_CACHE_HOME")) return JoinPath(*cache, kName);
  return JoinPath(JoinPath(environment.home, ".cache"), kName);
}

}  // namespace

Result<RegistriesConf> RegistriesConf::Load(Files& files, const Environment& environment,
                                            const std::optional<std::string>& path,
                                            const Limits& limits, Log& log) {
  RegistriesConf conf;
  Loader loader(files, limits, log, conf);
  const auto named = path ? path : environment.Get("CONTAINERS_REGISTRIES_CONF");
  if (named) {
    PORTOLAN_TRY(const bool found, loader.File(*named, Owner::kSystem));
    if (found) return conf;
    return Fail(ErrorCode::kConfigInvalid, fmt::format("{} does not exist", *named));
  }
  const std::string user_folder = UserContainersFolder(environment);
  PORTOLAN_TRY(const bool found,
               loader.File(JoinPath(user_folder, "registries.conf"), Owner::kUser));
  if (!found) {
    PORTOLAN_CHECK(loader.File(JoinPath(kSystemFolder, "registries.conf"), Owner::kSystem));
  }
  PORTOLAN_CHECK(loader.DropIns(JoinPath(kSystemFolder, "registries.conf.d"), Owner::kSystem));
  PORTOLAN_CHECK(loader.DropIns(JoinPath(user_folder, "registries.conf.d"), Owner::kUser));
  PORTOLAN_CHECK(loader.File(RecordedAliases(environment), Owner::kUser));
  return conf;
}

}  // namespace portolan::config
