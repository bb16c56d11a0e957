#include "portolan/store/lease_table.h"

#include <array>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>
#include <unordered_map>
#include <utility>

namespace portolan::store {
namespace {

constexpr std::size_t kShards = 16;

struct Entry {
  Clock::Instant until;  // of the promise; the clock's beginning: none
  std::uint32_t holds = 0;
  bool condemned = false;
};

struct Shard {
  mutable std::mutex mutex;
  std::condition_variable released;
  std::unordered_map<std::string, Entry> entries;  // by the digest's text; guarded by mutex
};

}  // namespace

struct LeaseTable::State {
  State(std::chrono::seconds its_term, const Clock& its_clock, bool leased_at_start)
      : term(its_term),
        clock(its_clock),
        open_from(leased_at_start ? its_clock.Now() + its_term : its_clock.Now()) {}

  Shard& ShardOf(const oci::Digest& digest) {
    return shards[std::hash<std::string>()(digest.text()) % kShards];
  }

  const std::chrono::seconds term;
  const Clock& clock;
  const Clock::Instant open_from;  // before it, everything counts as promised
  std::array<Shard, kShards> shards;
};

LeaseTable::LeaseTable(std::chrono::seconds term, const Clock& clock, bool leased_at_start)
    : state_(std::make_unique<State>(term, clock, leased_at_start)) {}

LeaseTable::~LeaseTable() = default;

bool LeaseTable::Take(const oci::Digest& digest) {
  Shard& shard = state_->ShardOf(digest);
  const std::lock_guard lock(shard.mutex);
  Entry& entry = shard.entries[digest.text()];
  if (entry.condemned) return false;
  ++entry.holds;
  return true;
}

void LeaseTable::Keep(const oci::Digest& digest) {
  const Clock::Instant until = state_->clock.Now() + state_->term;
  Shard& shard = state_->ShardOf(digest);
  const std::lock_guard lock(shard.mutex);
  Entry& entry = shard.entries[digest.text()];
  --entry.holds;
  entry.until = std::max(entry.until, until);
}

void LeaseTable::Drop(const oci::Digest& digest) {
  Shard& shard = state_->ShardOf(digest);
  const std::lock_guard lock(shard.mutex);
  const auto entry = shard.entries.find(digest.text());
  if (entry == shard.entries.end()) return;
  if (--entry->second.holds == 0 && entry->second.until == Clock::Instant()) {
    shard.entries.erase(entry);
  }
}

bool LeaseTable::Condemn(const oci::Digest& digest) {
  const Clock::Instant now = state_->clock.Now();
  if (now < state_->open_from) return false;
  Shard& shard = state_->ShardOf(digest);
  const std::lock_guard lock(shard.mutex);
  Entry& entry = shard.entries[digest.text()];
  if (entry.condemned || entry.holds > 0 || now < entry.until) return false;
  entry.condemned = true;
  return true;
}

void LeaseTable::Release(const oci::Digest& digest) {
  Shard& shard = state_->ShardOf(digest);
  {
    const std::lock_guard lock(shard.mutex);
    shard.entries.erase(digest.text());  // nobody can have held it meanwhile
  }
  shard.released.notify_all();
}

void LeaseTable::WaitUntilFree(const oci::Digest& digest, Patience patience) {
  Shard& shard = state_->ShardOf(digest);
  std::unique_lock lock(shard.mutex);
  shard.released.wait_for(lock, patience, [&] {
    const auto entry = shard.entries.find(digest.text());
    return entry == shard.entries.end() || !entry->second.condemned;
  });
}

void LeaseTable::Sweep() {
  const Clock::Instant now = state_->clock.Now();
  for (Shard& shard : state_->shards) {
    const std::lock_guard lock(shard.mutex);
    std::erase_if(shard.entries, [&](const auto& item) {
      const Entry& entry = item.second;
      return !entry.condemned && entry.holds == 0 && entry.until <= now;
    });
  }
}

std::size_t LeaseTable::size() const {
  std::size_t size = 0;
  for (const Shard& shard : state_->shards) {
    const std::lock_guard lock(shard.mutex);
    size += shard.entries.size();
  }
  return size;
}

LeaseHold::LeaseHold(LeaseTable& leases, const oci::Digest& digest, Patience patience)
    : leases_(leases), digest_(digest), held_(leases.Take(digest)) {
  if (held_ || patience == kNoPatience) return;
  leases_.WaitUntilFree(digest_, patience);
  held_ = leases_.Take(digest_);
}

LeaseHold::~LeaseHold() {
  if (held_) leases_.Drop(digest_);
}

void LeaseHold::Keep() {
  if (!held_) return;
  leases_.Keep(digest_);
  held_ = false;
}

}  // namespace portolan::store
