// What is known of tokens, found by their text.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "portolan/auth/access.h"
#include "portolan/base/clock.h"
#include "portolan/base/guarded.h"
#include "portolan/oci/hash.h"

namespace portolan::auth {

/// A table of tokens that have been believed or issued, bounded in number and bytes: the oldest go
/// first. Thread-safe; never waits.
///
/// How long a look-up takes tells nothing of a secret: an entry is found by the SHA-256 of its
/// token's end, and its signature (what follows the last dot, or all) is compared in constant time.
/// A hash of the whole would say the same for twice the price of the request that it guards: tokens
/// have two thousand characters and come with every request.
class TokenTable {
 public:
  struct Entry {
    Identity identity;
    Clock::WallTime end;           ///< from when on it is not found
    std::uint64_t generation = 0;  ///< of the accounts (Accounts::Generation) that it rests on
    std::optional<std::int64_t> epoch = {};  ///< of its account (Accounts::EpochOf); where its
                                             ///< owner wants to know
  };

  /// `max_bytes` counts the tokens' own: about what their grants take.
  TokenTable(std::size_t max_tokens, std::size_t max_bytes)
      : max_tokens_(max_tokens), max_bytes_(max_bytes) {}

  /// By which all tables find a token.
  using Key = oci::Sha256Bytes;
  static Key KeyOf(std::string_view token);

  std::optional<Entry> Find(std::string_view token, Clock::WallTime now) {
    return Find(KeyOf(token), token, now);
  }
  /// The same, where the key is known.
  std::optional<Entry> Find(const Key& key, std::string_view token, Clock::WallTime now);
  /// In place of what was kept for it. Those that have ended go first where they are the oldest.
  void Keep(std::string_view token, Entry entry, Clock::WallTime now);
  std::size_t size() { return state_.Lock()->kept.size(); }

 private:
  struct Kept {
    std::string token;
    Entry entry;
  };
  struct State {
    std::map<Key, Kept> kept;
    std::deque<Key> order;  // oldest first
    std::size_t bytes = 0;
  };
  const std::size_t max_tokens_;
  const std::size_t max_bytes_;
  Guarded<State> state_;
};

}  // namespace portolan::auth
