// What was learnt of a registry, kept between processes: its challenge, and tokens that still live.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "portolan/base/clock.h"
#include "portolan/base/environment.h"
#include "portolan/base/files.h"
#include "portolan/base/log.h"
#include "portolan/base/random.h"
#include "portolan/base/result.h"
#include "portolan/base/secret.h"
#include "portolan/config/credentials.h"

namespace portolan::client {

/// What one registry told one identity.
struct RegistryMemory {
  struct Token {
    std::string realm;
    std::string service;
    std::vector<std::string> scopes;  ///< as asked for, in that order
    Secret text;
    Clock::Instant use_until{};  ///< on the local monotonic clock
    std::optional<std::chrono::seconds> stated_lifetime;
    bool from_disk = false;  ///< not stored: set by Load
  };
  std::string scheme;  ///< "basic", "bearer", or empty while nothing is known
  std::string realm;   ///< of a bearer challenge
  std::string service;
  std::string challenge_scope;  ///< kept for registries that know only this one
  std::string profile;          ///< dialect::Profile::id
  bool plain_http = false;      ///< https did not answer, and the user allows http
  std::vector<Token> tokens;
};

/// One small file of mode 0600 per registry and identity in
/// `${XDG_CACHE_HOME:-~/.cache}/portolan/tokens`, named by the registry and, where there are
/// credentials, a keyed hash of them: nothing of a user or password can be read off it, and another
/// password never finds it. A cache: what cannot be read, is another boot's, or is not private to
/// this user is as good as absent, and a failure to write is told only to the debug log. For one
/// thread.
class TokenCache {
 public:
  /// All references must outlive the cache. With `enabled` false nothing is read or written.
  TokenCache(Files& files, const Environment& environment, const Clock& clock, Random& random,
             Log& log, bool enabled);

  /// What is known of `registry` (its API host and port) as `credentials`. Tokens that have ended
  /// are left out.
  RegistryMemory Load(std::string_view registry, const config::Credentials& credentials);
  /// Replaces it. At most 64 tokens are kept, those that live longest.
  void Store(std::string_view registry, const config::Credentials& credentials,
             const RegistryMemory& memory);

 private:
  std::optional<std::string> PathOf(std::string_view registry,
                                    const config::Credentials& credentials, bool create_key);
  std::optional<std::string> Key(bool create);
  const std::string& BootId();

  Files& files_;
  const Clock& clock_;
  Random& random_;
  Log& log_;
  bool enabled_;
  std::string folder_;
  std::optional<std::string> key_;
  std::optional<std::string> boot_id_;
};

}  // namespace portolan::client
