#include "portolan/auth/verified.h"

#include <utility>

namespace portolan::auth {

std::optional<Identity> Verified::Find(const Key& key, Clock::Instant now) const {
  const auto it = entries_.find(key);
  if (it == entries_.end() || it->second.end <= now) return std::nullopt;
  return it->second.identity;
}

void Verified::Remember(const Key& key, Identity identity, Clock::Instant now,
                        Clock::Duration lifetime) {
  while (!order_.empty() &&
         (entries_.size() >= kMaxEntries || entries_.at(order_.front()).end <= now)) {
    entries_.erase(order_.front());
    order_.pop_front();
  }
  const Entry entry{.identity = std::move(identity), .end = now + lifetime};
  if (entries_.emplace(key, entry).second) order_.push_back(key);
}

void Verified::Clear() {
  entries_.clear();
  order_.clear();
}

}  // namespace portolan::auth
