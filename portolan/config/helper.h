// docker's credential-helper protocol: what is said to a `docker-credential-…` program and what it
// answers.
#pragma once

#include <optional>
#include <string>
#include <utility>

#include "portolan/base/result.h"
#include "portolan/config/credentials.h"
#include "portolan/oci/reference.h"

namespace portolan::config {

/// One helper. Cheap to make; `runner` must outlive it. Failures are those of HelperRunner::Run,
/// kIo if the helper says that it failed, kProtocol if its answer cannot be understood. No error
/// text has a secret in it.
class CredentialHelper {
 public:
  CredentialHelper(HelperRunner& runner, std::string name)
      : runner_(runner), name_(std::move(name)) {}

  /// `docker-credential-pass`.
  std::string Program() const { return "docker-credential-" + name_; }

  /// What the helper holds for the registry; nothing if it holds nothing. Docker Hub is asked for
  /// by docker's name, then by podman's.
  Result<std::optional<Credentials>> Get(const oci::RegistryName& registry);

  /// kUnsupported for a registry token, for which the protocol has no place.
  Status Store(const oci::RegistryName& registry, const Credentials& credentials);

  /// Whether there was something to remove.
  Result<bool> Erase(const oci::RegistryName& registry);

 private:
  Result<std::optional<Credentials>> GetOne(const std::string& server);
  // The output; nothing if the helper says that it holds nothing for the server.
  Result<std::optional<std::string>> Call(const std::string& action, const std::string& input);

  HelperRunner& runner_;
  std::string name_;
};

}  // namespace portolan::config
