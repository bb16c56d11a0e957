// Who we are to a registry: the union of podman's and docker's credential files and helpers.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "portolan/base/environment.h"
#include "portolan/base/files.h"
#include "portolan/base/limits.h"
#include "portolan/base/result.h"
#include "portolan/base/secret.h"
#include "portolan/oci/reference.h"

namespace portolan::config {

/// What a registry can be shown. Exactly one kind is set, or none: user and password; an identity
/// (refresh) token, with which access tokens are fetched; a registry token, which is itself sent as
/// Bearer.
struct Credentials {
  std::string username;
  Secret password;
  Secret identity_token;
  Secret registry_token;

  bool empty() const {
    return username.empty() && password.empty() && identity_token.empty() && registry_token.empty();
  }
  friend bool operator==(const Credentials&, const Credentials&) = default;
};

/// Runs `docker-credential-<name>` programs (docker's credential-helper protocol). Calls block.
class HelperRunner {
 public:
  virtual ~HelperRunner() = default;
  struct Output {
    int exit_status = 0;
    std::string standard_output;
  };
  /// Runs `docker-credential-<name> <action>` found on PATH with `input` on standard input.
  /// kNameUnknown if there is no such program, kTimeout, kCancelled, kTooLarge and kIo as their
  /// names say. A non-zero exit status is not an Error.
  virtual Result<Output> Run(const std::string& name, const std::string& action,
                             const std::string& input) = 0;
};

/// Runs them as child processes, with `limits.helper_timeout` and `limits.helper_output`. `name`
/// must be a plain word (letters, digits, `.`, `_`, `-`): kConfigInvalid otherwise. A helper that
/// runs when `cancel_descriptor` becomes readable is killed: kCancelled.
class ProcessHelperRunner final : public HelperRunner {
 public:
  explicit ProcessHelperRunner(const Limits& limits, int cancel_descriptor = -1)
      : limits_(limits), cancel_descriptor_(cancel_descriptor) {}
  Result<Output> Run(const std::string& name, const std::string& action,
                     const std::string& input) override;

 private:
  Limits limits_;
  int cancel_descriptor_;
};

/// Where to look, beyond the environment.
struct CredentialOptions {
  /// `--authfile`, exclusive like REGISTRY_AUTH_FILE: no other file is read. Must exist for
  /// reading.
  std::optional<std::string> authfile;
  /// `credential-helpers` of registries.conf: `containers-auth.json` stands for the files. Empty
  /// means that default.
  std::vector<std::string> helpers;
};

/// One place that was looked at, for `auth explain` and `--debug`.
struct LookupStep {
  enum class Outcome { kAbsent, kNoMatch, kMatch, kShadowed, kError };
  std::string
      place;  ///< "/root/.docker/config.json", "helper docker-credential-pass (credsStore of …)"
  Outcome outcome = Outcome::kAbsent;
  std::string detail;  ///< the key that matched, or what went wrong; never a secret
  friend bool operator==(const LookupStep&, const LookupStep&) = default;
};

struct CredentialLookup {
  Credentials credentials;  ///< empty if nothing matched
  std::string
      source;  ///< "auths[\"quay.io/ns\"] of /root/.config/containers/auth.json"; empty if nothing
  std::vector<LookupStep> steps;  ///< every place in the order in which it was looked at
  /// Only to explain: the Error with which the search ends otherwise. Nothing is used then.
  std::optional<Error> failure;
};

/// Reads and writes credentials. All calls block (files are small; helpers may ask the user).
class CredentialStore {
 public:
  /// `files`, `environment` and `runner` must outlive the store.
  CredentialStore(Files& files, const Environment& environment, HelperRunner& runner,
                  CredentialOptions options, const Limits& limits);

  /// The credentials for a registry, or for one repository of it (longest namespace first). The
  /// order of places is in docs/credentials.md; the first place that matches wins. A file that
  /// cannot be parsed is kConfigInvalid; one that cannot be read, or a helper that fails, is a step
  /// with kError and the search goes on; kCancelled if a helper was interrupted. With `explain` the
  /// search goes to the end: later matches are kShadowed, and what would stop it is a step and
  /// `failure`.
  Result<CredentialLookup> Find(const oci::RegistryName& registry,
                                const std::optional<oci::RepositoryName>& repository,
                                bool explain = false);

  /// The same without asking any helper program: absent if one would have to be asked, because that
  /// may take its time.
  std::optional<Result<CredentialLookup>> FindInFiles(
      const oci::RegistryName& registry, const std::optional<oci::RepositoryName>& repository);

  struct Written {
    std::string place;  ///< the file or helper that now holds (or no longer holds) the entry
  };
  /// Stores an entry where podman login would: `authfile`, REGISTRY_AUTH_FILE, a helper of
  /// `helpers`, else
  /// `$XDG_RUNTIME_DIR/containers/auth.json` or `/run/containers/$UID/auth.json`, or, where neither
  /// can be made,
  /// `~/.config/containers/auth.json`. A credHelpers or credsStore entry of the target file is
  /// honoured. Other members of the file are kept as they are; mode 0600. With `compat_file` that
  /// docker-format file is written instead, with docker's key for Docker Hub.
  Result<Written> Save(const oci::RegistryName& registry,
                       const std::optional<oci::RepositoryName>& repository,
                       const Credentials& credentials,
                       const std::optional<std::string>& compat_file = std::nullopt);

  /// Removes the entry from the file where Save would put it, and from its helper. kNameUnknown if
  /// there was none; if another place still holds one the hint says where.
  Result<Written> Erase(const oci::RegistryName& registry,
                        const std::optional<oci::RepositoryName>& repository,
                        const std::optional<std::string>& compat_file = std::nullopt);
  /// Removes every entry of that file. The number removed.
  Result<int> EraseAll(const std::optional<std::string>& compat_file = std::nullopt);

 private:
  Files& files_;
  const Environment& environment_;
  HelperRunner& runner_;
  CredentialOptions options_;
  Limits limits_;
};

}  // namespace portolan::config
