// One credentials file (auth.json, docker's config.json, the old .dockercfg) as a value, and the
// changes made to its text.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "portolan/base/result.h"
#include "portolan/base/secret.h"
#include "portolan/config/credentials.h"
#include "portolan/oci/reference.h"

namespace portolan::config {

/// A member of `auths`, as it is written.
struct AuthEntry {
  std::string key;
  std::string username;
  Secret auth;  ///< base64 of `user:password`
  Secret password;
  Secret identity_token;
  Secret registry_token;

  /// Nothing that could be shown to a registry. Docker leaves `{}` where a helper holds the secret.
  bool empty() const {
    return auth.empty() && username.empty() && identity_token.empty() && registry_token.empty();
  }
};

struct AuthFile {
  enum class Format {
    kCurrent,  ///< an object with `auths`, `credHelpers` and `credsStore`
    kLegacy,   ///< .dockercfg: what `auths` is today, with URLs as keys
  };

  Format format = Format::kCurrent;
  std::vector<AuthEntry> auths;
  std::vector<std::pair<std::string, std::string>> cred_helpers;  ///< registry, helper
  std::string creds_store;  ///< helper; empty if there is none

  /// kConfigInvalid, naming `place`, for text that is not JSON or has another type where one of
  /// these members is expected.
  static Result<AuthFile> Parse(std::string_view text, std::string_view place,
                                Format format = Format::kCurrent);

  /// The entry for a registry or one repository of it: the longest of `host/ns/repo`, `host/ns`,
  /// `host`; else a key that means the same registry (`https://host/v1/`; docker.io's old names).
  /// Empty entries never match. Null if there is none.
  const AuthEntry* Match(const oci::RegistryName& registry,
                         const std::optional<oci::RepositoryName>& repository) const;

  /// The `credHelpers` entry of the registry: its key and helper. Null if there is none.
  const std::pair<std::string, std::string>* HelperFor(const oci::RegistryName& registry) const;
};

/// What the entry says. kConfigInvalid, naming the key and `place` but no secret, if `auth` cannot
/// be decoded.
Result<Credentials> DecodeEntry(const AuthEntry& entry, std::string_view place);

/// Whether `key` of `auths`, without a namespace, stands for the registry.
bool KeyMeansRegistry(std::string_view key, const oci::RegistryName& registry);

/// The registry that `key` of `auths` or `credHelpers` stands for; nothing if it has a namespace or
/// no registry's name.
std::optional<oci::RegistryName> RegistryOfKey(std::string_view key);

/// The key under which an entry is written. With `docker_format` Docker Hub has docker's key.
std::string KeyToWrite(const oci::RegistryName& registry,
                       const std::optional<oci::RepositoryName>& repository, bool docker_format);

/// `text` with the entry at `key`, or with docker's mark that a helper holds it (`credentials`
/// absent). An entry of another key in `shadowing` is removed. All else stays. Errors as
/// AuthFile::Parse.
Result<std::string> WithEntry(std::string_view text, std::string_view place, const std::string& key,
                              const Credentials* credentials, const std::string& shadowing);

/// `text` without the members of `auths` that are named.
Result<std::string> WithoutEntries(std::string_view text, std::string_view place,
                                   const std::vector<std::string>& keys);

}  // namespace portolan::config
