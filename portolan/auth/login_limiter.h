// How often somebody may be wrong about a password.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <list>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "portolan/base/clock.h"

namespace portolan::auth {

/// Counts failed logins and says when the next one may be tried. What counts is first of all the
/// name together with the address it is tried from, so that nobody can keep another out from
/// elsewhere: 5 failures are free, then each doubles the wait, from a second to 15 minutes. Whoever
/// tries many names from one address waits after 100 failures, and a name that is tried from many
/// addresses waits after 1,000, up to a minute; neither of these two concerns an address from which
/// the name was right before. Counts halve every hour. At most 65,536 are kept: the one that nobody
/// touched for longest goes. Thread-safe. `clock` must outlive it.
class LoginLimiter {
 public:
  static constexpr std::size_t kMaxEntries = 65'536;

  explicit LoginLimiter(const Clock& clock) : clock_(clock) {}

  /// How long to wait before a login is looked at, in whole seconds, at least one; nothing: not at
  /// all. `address` as http::Request::peer_address has it; of an IPv6 address the network (/64)
  /// counts.
  std::optional<std::chrono::seconds> RetryAfter(std::string_view name, std::string_view address);
  /// The login was wrong. Not to be called for one that was refused because of RetryAfter.
  void Failed(std::string_view name, std::string_view address);
  /// The login was right: what this name has failed from this address is forgotten.
  void Succeeded(std::string_view name, std::string_view address);

  std::size_t size();

 private:
  struct Policy;
  struct Entry {
    std::string key;
    std::uint32_t failures = 0;
    Clock::Instant halved;  ///< when the count was last halved, or begun
    Clock::Instant until;   ///< nothing before this
    bool proved = false;    ///< the name was right from the address
  };
  using Entries = std::list<Entry>;  // the one touched last comes first

  static const Policy kPair;
  static const Policy kAddress;
  static const Policy kName;

  Entry* Find(const std::string& key);
  Entry& Touch(const std::string& key);
  void Count(const std::string& key, const Policy& policy);
  std::optional<std::chrono::seconds> WaitOf(const std::string& key);

  const Clock& clock_;
  std::mutex mutex_;
  Entries entries_;                                                // guarded by mutex_
  std::unordered_map<std::string_view, Entries::iterator> index_;  // guarded; views into entries_
};

/// What stands for an address: the /64 of an IPv6 address, else the address itself. An IPv4 address
/// in IPv6's clothes (`::ffff:192.0.2.1`) is the IPv4 one.
std::string NetworkOf(std::string_view address);

}  // namespace portolan::auth
