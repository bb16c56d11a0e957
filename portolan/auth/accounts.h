// Users and robots, their API keys and refresh tokens, as auth needs them. Where they are kept is
// for others to say: the account directory of admin keeps them in accounts.db.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "portolan/base/clock.h"
#include "portolan/base/result.h"
#include "portolan/oci/hash.h"

namespace portolan::auth {

/// Whoever has a name of their own in the registry.
struct Account {
  std::string name;
  bool robot = false;
  bool disabled = false;      ///< may not do anything, and nothing that was issued to it counts
  std::string password_hash;  ///< bcrypt; empty: no password is the right one
  /// A token issued to the account must carry this very number (EpochOf).
  std::int64_t epoch = 0;
};

/// A key that counts at present: neither revoked nor expired, its account not disabled.
struct ApiKey {
  std::int64_t id = 0;  ///< never 0
  std::string account;
  std::optional<Clock::WallTime> expires;
};

/// What a refresh token stands for. Its secret is nowhere but with the client.
struct RefreshToken {
  std::string account;
  std::string service;       ///< for which it was issued
  std::string client_id;     ///< that asked for it
  std::int64_t api_key = 0;  ///< the key with which its account was proved (Identity::api_key),
                             ///< with which it ends; 0: a password
  Clock::WallTime expires;
};

/// The accounts, shared by all that prove names and issue tokens. Safe to use from several threads.
/// Each call but Generation may wait for the disk: call it on a pool. Each gives kIo or kInternal
/// where the accounts cannot be read or written.
class Accounts {
 public:
  virtual ~Accounts() = default;

  /// Also a disabled one. Empty: nobody has this name.
  virtual Result<std::optional<Account>> Find(std::string_view name) = 0;
  /// By the SHA-256 of the key's text. Empty for one that does not count (any more). Notes that the
  /// key was used.
  virtual Result<std::optional<ApiKey>> FindKey(const oci::Sha256Bytes& secret) = 0;

  /// Keeps a refresh token by the SHA-256 of its text. kDenied where there is no such account
  /// (a user of an htpasswd file cannot have one: nobody would notice that the user has gone), and
  /// for one that is disabled or whose key does not count any more.
  virtual Status SaveRefreshToken(const oci::Sha256Bytes& secret, const RefreshToken& token) = 0;
  /// Empty for one that is unknown, expired or revoked, by itself or with its account or key.
  virtual Result<std::optional<RefreshToken>> FindRefreshToken(const oci::Sha256Bytes& secret) = 0;
  /// Whether there was one that counted.
  virtual Result<bool> RevokeRefreshToken(const oci::Sha256Bytes& secret) = 0;

  /// The number that a token issued to this account must carry; empty: no token of it counts. It
  /// changes when the account is disabled, its password is changed or a key of it is revoked, and
  /// no two accounts ever have the same, also not one that was removed and added again under its
  /// name. Worth keeping for as long as Generation stays.
  virtual Result<std::optional<std::int64_t>> EpochOf(std::string_view name) = 0;

  /// Changes, within a second, when any account or key has been changed, by whatever process: what
  /// was learnt from Find, FindKey and EpochOf under another number must be asked again. (A key's
  /// or token's own end changes nothing here: look at `expires`.) Never waits.
  virtual std::uint64_t Generation() = 0;
};

}  // namespace portolan::auth
