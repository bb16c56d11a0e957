// What an operator can set about a registry: in a file, in the environment, on the command line.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "portolan/auth/access.h"
#include "portolan/auth/jwt.h"
#include "portolan/auth/token_verifier.h"
#include "portolan/base/environment.h"
#include "portolan/base/files.h"
#include "portolan/base/result.h"
#include "portolan/base/url.h"
#include "portolan/dialect/fault.h"
#include "portolan/dialect/profile_file.h"
#include "portolan/http/server.h"
#include "portolan/http/trusted_proxies.h"

namespace portolan::settings {

enum class LogLevel : std::uint8_t { kWarning, kDebug };

/// Another's token service, or an identity provider, whose tokens this registry takes.
struct Issuer {
  std::string issuer;                       ///< `iss`
  std::vector<std::string> audiences;       ///< empty: auth.token.services
  std::string jwks;                         ///< path or http(s) URL of a key set; empty: none
  std::string certificates;                 ///< path of a PEM file; empty: none
  std::vector<auth::Algorithm> algorithms;  ///< empty: all
  std::vector<std::string> repositories;    ///< globs; empty: all
  std::vector<auth::TrustedIssuer::NameRule> names;  ///< of an identity provider
  friend bool operator==(const Issuer&, const Issuer&) = default;
};

/// One of several registries before one storage, found by the host or the path that clients use.
struct Host {
  std::vector<std::string> names;  ///< lower case, without ports; empty: found by `path`
  std::string path;                ///< how its repositories' names begin, without a slash behind
  std::string dialect;             ///< as ServerSettings::dialect
  std::optional<Url> token_realm;  ///< absent: the dialect's path on this host
  friend bool operator==(const Host&, const Host&) = default;
};

/// Everything that can be set, with its defaults; `SettingsTable` describes each by its key. Sizes
/// are bytes.
struct ServerSettings {
  std::vector<std::string> listen = {"127.0.0.1:5000"};  ///< as http::ServerOptions has them
  std::string root;                                      ///< folder of the store, never empty
  std::optional<http::ServerTls> tls;
  http::TrustedProxies trusted_proxies;

  struct Auth {
    std::string htpasswd;  ///< path; empty: none
    /// Whether accounts of `portolan user` may log in. Unless it is said, LoadSettings looks
    /// whether there is an accounts.db in the root.
    bool accounts = false;
    std::string realm = "Portolan";
    /// Never empty after LoadSettings: without rules of the operator's, whoever has logged in (or
    /// everybody, where nobody can log in) may do everything. AccessRules::Make accepts them.
    std::vector<auth::Rule> rules;

    /// The token service of this registry.
    struct Token {
      std::vector<std::string> keys;  ///< paths of PEM files, the signing one first; empty: none
      std::string issuer = "portolan";
      std::vector<std::string> services = {"portolan"};  ///< the registry's own first
      std::optional<Url> realm;                          ///< absent: /token of this registry
      std::chrono::seconds lifetime = std::chrono::minutes(5);
      std::chrono::seconds refresh_lifetime = std::chrono::days(90);
      auth::KidStyle kid = auth::KidStyle::kThumbprint;
    } token;
    std::vector<Issuer> issuers;  ///< whose tokens count beside the registry's own

    /// Whether requests may bring tokens.
    bool takes_tokens() const { return !token.keys.empty() || !issuers.empty(); }
    /// Whether anybody can prove a name, in any way.
    bool knows_names() const { return !htpasswd.empty() || accounts || takes_tokens(); }
  } auth;
  bool insecure_no_auth = false;

  struct Storage {
    std::chrono::seconds tag_history = std::chrono::days(30);
    std::uint64_t manifest_cache = 64U << 20U;
    std::chrono::seconds upload_expiry = std::chrono::days(7);
    std::uint64_t inline_blob_size = 16U << 10U;
    bool sparse_indexes = false;
  } storage;

  struct Gc {
    std::chrono::seconds interval = std::chrono::minutes(10);  ///< 0: never by itself
    std::chrono::seconds lease = std::chrono::hours(1);
    std::optional<std::chrono::seconds> untagged_after;  ///< absent: never
  } gc;

  struct Limits {
    http::ServerLimits http;
    std::uint64_t manifest_size = 4U << 20U;
    std::uint64_t blob_size = 0;  ///< 0: any
    int uploads = 1000;           ///< requests that write at once
    std::uint64_t upload_memory = 64U << 20U;
    int upload_sessions = 10'000;  ///< open at once
  } limits;

  struct Log {
    std::string audit = "off";      ///< off, stderr, or a file's path
    std::string access = "stdout";  ///< stdout, stderr, off, or a file's path
    LogLevel level = LogLevel::kWarning;
  } log;

  struct Metrics {
    std::string listen;  ///< empty: no metrics
  } metrics;

  /// The registry to stand in for, one of dialect::AllServed; empty: none, our own ways.
  std::string dialect;
  std::vector<Host> hosts;        ///< with ways of their own; all others have the registry's
  std::optional<int> pull_limit;  ///< of each client, in a dialect's window; 0: none
  std::string blob_listen;        ///< where dialects give blobs from; empty: where all else is
  std::optional<Url> blob_url;    ///< how clients reach that; absent: by that address
  std::vector<dialect::Fault> faults;
  std::string seed_tags;  ///< path of a list of tags to make at the start; empty: none

  bool read_only = false;
  std::string tcp_congestion;       ///< empty: the system's, and reno on loopback
  std::optional<Url> external_url;  ///< absent: what the request's Host says

  /// Profiles that `dialect` and `hosts` name, by their paths.
  std::map<std::string, std::shared_ptr<const dialect::ServedProfile>> profiles;

  /// Whether any of its registries stands in for another.
  bool has_dialects() const;
  /// What a `dialect` of this or of a host stands for; null for an empty one. Lives as long as the
  /// profiles do.
  const dialect::Served* ServedBy(std::string_view name) const;
};

/// One row of the documentation.
struct SettingInfo {
  std::string_view key;            ///< `storage.tag_history`
  std::string_view type;           ///< "duration", "size", "list of addresses"
  std::string_view default_value;  ///< as it would be written; empty: none
  std::string_view description;    ///< one sentence without its full stop
  bool file_only = false;          ///< cannot be a variable or a flag

  /// `PORTOLAN_STORAGE_TAG_HISTORY`.
  std::string Environment() const;
};

/// Every setting, in the order in which it is documented. Lives as long as the program.
std::span<const SettingInfo> SettingsTable();

/// docs/configuration.md: how settings are given, and the table.
std::string SettingsManual();

/// Reads the settings. A flag (`flags`: key to text) goes before a variable, a variable before the
/// file, the file before the default; lists are replaced as a whole, and divided by commas outside
/// the file. An empty variable counts as unset. Without `file` none is read. kConfigInvalid has a
/// line for every mistake, not only the first, each naming the setting, its value, where that
/// stands (file and line, variable, flag) and what was expected: unknown keys (with the likely
/// one), members that are there twice, values that are not of their type or out of range, `tls`
/// with one half only, less `limits.upload_memory` than `limits.manifest_size`, rules that name
/// users where nobody can log in. Listening on anything but a loopback address or a Unix socket
/// without `auth.htpasswd` is kConfigInvalid unless `insecure_no_auth` says that it is meant. A
/// file that cannot be read gives the error of Files::Read.
Result<ServerSettings> LoadSettings(const std::optional<std::string>& file,
                                    const Environment& environment,
                                    const std::map<std::string, std::string>& flags, Files& files);

}  // namespace portolan::settings
