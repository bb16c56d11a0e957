// What every test of credentials starts from: an ordinary user with nothing.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "portolan/base/environment.h"
#include "portolan/base/files.h"
#include "portolan/base/limits.h"
#include "portolan/config/credentials.h"
#include "portolan/config/testing/fake_helper_runner.h"

namespace portolan::config {

/// Home /home/u, user id 1000, XDG_RUNTIME_DIR /run/user/1000.
struct CredentialFixture {
  MemoryFiles files;
  Environment environment{
      .variables = {{"XDG_RUNTIME_DIR", "/run/user/1000"}}, .home = "/home/u", .uid = 1000};
  FakeHelperRunner runner;
  CredentialOptions options;
  Limits limits;

  CredentialStore Store() { return {files, environment, runner, options, limits}; }

  void Write(const std::string& path, std::string_view content) {
    files.files[path].content = content;
  }
  std::string Text(const std::string& path) const {
    const auto it = files.files.find(path);
    return it == files.files.end() ? std::string("(absent)") : it->second.content;
  }
};

inline constexpr const char* kRuntimeAuth = "/run/user/1000/containers/auth.json";
inline constexpr const char* kUserAuth = "/home/u/.config/containers/auth.json";
inline constexpr const char* kDockerAuth = "/home/u/.docker/config.json";
inline constexpr const char* kDockerCfg = "/home/u/.dockercfg";

/// `quay.io`, or `quay.io/ns/repo`.
struct Scope {
  oci::RegistryName registry;
  std::optional<oci::RepositoryName> repository;
};
inline Scope ScopeOf(std::string_view name) {
  const std::size_t slash = name.find('/');
  Scope scope{.registry = *oci::RegistryName::Parse(name.substr(0, slash)), .repository = {}};
  if (slash != std::string_view::npos) {
    scope.repository = *oci::RepositoryName::Parse(name.substr(slash + 1));
  }
  return scope;
}

}  // namespace portolan::config
