#include "portolan/auth/login_limiter.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <iterator>

#include "portolan/oci/hash.h"

namespace portolan::auth {

struct LoginLimiter::Policy {
  std::uint32_t free;            // failures without a wait
  std::chrono::seconds longest;  // that a wait becomes
};

const LoginLimiter::Policy LoginLimiter::kPair = {5, std::chrono::minutes(15)};
const LoginLimiter::Policy LoginLimiter::kAddress = {100, std::chrono::minutes(15)};
const LoginLimiter::Policy LoginLimiter::kName = {1000, std::chrono::minutes(1)};

namespace {

constexpr Clock::Duration kHalving = std::chrono::hours(1);

// The keys of the three tables. A hash, so that each takes the same little memory however long the
// name is.
std::string KeyOf(char table, std::string_view name, std::string_view network) {
  std::string text(1, table);
  text += network;
  text += '\0';
  text += name;
  const oci::Sha256Bytes hash = oci::Sha256(text);
  return {reinterpret_cast<const char*>(hash.data()), 16};
}

struct Keys {
  Keys(std::string_view name, std::string_view address) {
    const std::string network = NetworkOf(address);
    pair = KeyOf('p', name, network);
    by_address = KeyOf('a', {}, network);
    by_name = KeyOf('n', name, {});
  }
  std::string pair;
  std::string by_address;
  std::string by_name;
};

}  // namespace

std::string NetworkOf(std::string_view address) {
  const std::string text(address.substr(0, address.find('%')));  // without its interface
  in6_addr bytes{};
  if (inet_pton(AF_INET6, text.c_str(), &bytes) != 1) return std::string(address);
  std::array<char, INET6_ADDRSTRLEN> shown{};
  if (IN6_IS_ADDR_V4MAPPED(&bytes)) {
    return inet_ntop(AF_INET, &bytes.s6_addr[12], shown.data(), shown.size());
  }
  std::memset(&bytes.s6_addr[8], 0, 8);
  return std::string(inet_ntop(AF_INET6, &bytes, shown.data(), shown.size())) + "/64";
}

std::optional<std::chrono::seconds> LoginLimiter::RetryAfter(std::string_view name,
                                                             std::string_view address) {
  const Keys keys(name, address);
  const std::lock_guard lock(mutex_);
  if (const auto wait = WaitOf(keys.pair)) return wait;
  const Entry* const pair = Find(keys.pair);
  if (pair != nullptr && pair->proved) return std::nullopt;
  return std::max(WaitOf(keys.by_address), WaitOf(keys.by_name));
}

void LoginLimiter::Failed(std::string_view name, std::string_view address) {
  const Keys keys(name, address);
  const std::lock_guard lock(mutex_);
  Count(keys.by_name, kName);
  Count(keys.by_address, kAddress);
  Count(keys.pair, kPair);
}

void LoginLimiter::Succeeded(std::string_view name, std::string_view address) {
  const Keys keys(name, address);
  const std::lock_guard lock(mutex_);
  Entry& entry = Touch(keys.pair);
  entry.failures = 0;
  entry.until = {};
  entry.proved = true;
}

std::size_t LoginLimiter::size() {
  const std::lock_guard lock(mutex_);
  return entries_.size();
}

LoginLimiter::Entry* LoginLimiter::Find(const std::string& key) {
  const auto it = index_.find(key);
  return it == index_.end() ? nullptr : &*it->second;
}

LoginLimiter::Entry& LoginLimiter::Touch(const std::string& key) {
  if (const auto it = index_.find(key); it != index_.end()) {
    entries_.splice(entries_.begin(), entries_, it->second);
    return entries_.front();
  }
  if (entries_.size() >= kMaxEntries) {
    index_.erase(entries_.back().key);
    entries_.pop_back();
  }
  entries_.push_front({.key = key, .halved = clock_.Now(), .until = {}});
  index_.emplace(entries_.front().key, entries_.begin());
  return entries_.front();
}

void LoginLimiter::Count(const std::string& key, const Policy& policy) {
  Entry& entry = Touch(key);
  const Clock::Instant now = clock_.Now();
  const auto hours = (now - entry.halved) / kHalving;
  entry.failures = hours < 32 ? entry.failures >> static_cast<unsigned>(hours) : 0;
  entry.halved += hours * kHalving;
  ++entry.failures;
  if (entry.failures < policy.free) return;
  const std::uint32_t doublings = std::min(entry.failures - policy.free, 20U);
  entry.until = now + std::min(std::chrono::seconds(1LL << doublings), policy.longest);
}

std::optional<std::chrono::seconds> LoginLimiter::WaitOf(const std::string& key) {
  const Entry* const entry = Find(key);
  if (entry == nullptr) return std::nullopt;
  const Clock::Duration left = entry->until - clock_.Now();
  if (left <= Clock::Duration::zero()) return std::nullopt;
  return std::chrono::ceil<std::chrono::seconds>(left);
}

}  // namespace portolan::auth
