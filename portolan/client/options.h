// What a client is built from: the command line's wishes, and its surroundings.
#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "portolan/async/pool.h"
#include "portolan/base/clock.h"
#include "portolan/base/environment.h"
#include "portolan/base/files.h"
#include "portolan/base/limits.h"
#include "portolan/base/log.h"
#include "portolan/base/random.h"
#include "portolan/config/credentials.h"
#include "portolan/config/registries.h"
#include "portolan/http/client.h"
#include "portolan/oci/reference.h"

namespace portolan::client {

/// What one command line says about how to talk to registries.
struct Options {
  /// Credentials given by flags; absent: looked up per registry and repository.
  std::optional<config::Credentials> credentials;
  /// `--no-creds`: never look any up.
  bool anonymous = false;
  /// `--tls-verify`; absent: verified unless registries.conf says insecure. False also allows plain
  /// HTTP where https does not answer.
  std::optional<bool> tls_verify;
  /// `--cert-dir`, instead of certs.d.
  std::optional<std::string> cert_dir;
  /// Additional tries after a failure that may pass, and the first delay (absent: 2 s doubling,
  /// with jitter). 429 is retried by itself, up to five times.
  int retry_times = 0;
  std::optional<std::chrono::milliseconds> retry_delay;
  /// `--profile`: what `portolan probe` wrote of the registry; absent: PORTOLAN_PROFILES.
  std::optional<std::string> profile_file;
  std::string user_agent = "portolan";
  /// Keep tokens on disk between processes, in `${XDG_CACHE_HOME:-~/.cache}/portolan`.
  bool token_cache = true;
  /// Requests at once to one host.
  int max_parallel_per_host = 6;
};

/// A repository of a registry, or the registry as a whole.
struct Target {
  oci::RegistryName registry;
  std::optional<oci::RepositoryName> repository;

  /// `quay.io/a/b` or `quay.io`.
  std::string Name() const;
};

/// Everything that the client needs of the world. All of it must outlive the Registries.
struct Surroundings {
  http::Client& http;
  Files& files;
  const Environment& environment;
  const Clock& clock;
  Random& random;
  Log& log;
  async::Pool& pool;
  config::CredentialStore& credentials;
  const config::RegistriesConf& registries_conf;
  const Limits& limits;
};

}  // namespace portolan::client
