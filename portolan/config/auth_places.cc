#include "portolan/config/auth_places.h"

#include <fmt/format.h>

namespace portolan::config {
namespace {

std::string RuntimeAuthFile(const Environment& environment) {
  if (const auto runtime = environment.Get("XDG_RUNTIME_DIR")) {
    return JoinPath(*runtime, "containers/auth.json");
  }
  return fmt::format("/run/containers/{}/auth.json", environment.uid);
}

std::string UserAuthFile(const Environment& environment) {
  return JoinPath(UserContainersFolder(environment), "auth.json");
}

std::string DockerConfigFile(const Environment& environment) {
  if (const auto folder = environment.Get("DOCKER_CONFIG")) return JoinPath(*folder, "config.json");
  return JoinPath(environment.home, ".docker/config.json");
}

}  // namespace

std::optional<std::string> ExclusiveAuthFile(const Environment& environment,
                                             const CredentialOptions& options) {
  return options.authfile ? options.authfile : environment.Get("REGISTRY_AUTH_FILE");
}

std::vector<AuthPlace> AuthPlaces(const Environment& environment) {
  return {{.path = RuntimeAuthFile(environment)},
          {.path = UserAuthFile(environment)},
          {.path = DockerConfigFile(environment)},
          {.path = JoinPath(environment.home, ".dockercfg"), .format = AuthFile::Format::kLegacy}};
}

std::string DefaultAuthTarget(Files& files, const Environment& environment) {
  std::string runtime = RuntimeAuthFile(environment);
  return files.CanCreateIn(runtime.substr(0, runtime.rfind('/'))) ? runtime
                                                                  : UserAuthFile(environment);
}

std::vector<std::string> HelpersOf(const CredentialOptions& options) {
  return options.helpers.empty() ? std::vector<std::string>{kAuthFilesHelper} : options.helpers;
}

std::string UserContainersFolder(const Environment& environment) {
  if (const auto folder = environment.Get("XDG_CONFIG_HOME")) {
    return JoinPath(*folder, "containers");
  }
  return JoinPath(environment.home, ".config/containers");
}

}  // namespace portolan::config
