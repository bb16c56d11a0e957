// Credentials that were verified lately, so that bcrypt runs once and not for every request.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <deque>
#include <map>
#include <optional>
#include <string_view>

#include "portolan/auth/access.h"
#include "portolan/base/clock.h"
#include "portolan/base/random.h"
#include "portolan/oci/hash.h"

namespace portolan::auth {

/// Identities by the HMAC of their credentials under a random key of this object: what is
/// remembered is worth nothing outside the process, and comparing it tells nothing by its time. Not
/// for use from several threads.
class Verified {
 public:
  static constexpr std::size_t kMaxEntries = 4096;
  static constexpr Clock::Duration kLifetime = std::chrono::minutes(5);
  using Key = oci::Sha256Bytes;

  explicit Verified(Random& random) { random.Fill(secret_); }

  /// May be called from several threads.
  Key KeyOf(std::string_view credentials) const { return oci::HmacSha256(secret_, credentials); }
  std::optional<Identity> Find(const Key& key, Clock::Instant now) const;
  /// Forgets the oldest if there are too many. An entry that is there keeps its end.
  void Remember(const Key& key, Identity identity, Clock::Instant now,
                Clock::Duration lifetime = kLifetime);
  void Clear();
  std::size_t size() const { return entries_.size(); }

 private:
  struct Entry {
    Identity identity;
    Clock::Instant end;
  };
  std::array<std::byte, 32> secret_{};
  std::map<Key, Entry> entries_;
  std::deque<Key> order_;  // oldest first
};

}  // namespace portolan::auth
