#include "portolan/store/manifest_cache.h"

#include <functional>
#include <list>
#include <mutex>
#include <string_view>
#include <unordered_map>
#include <utility>

namespace portolan::store {
namespace {

constexpr std::size_t kShards = 8;
constexpr std::size_t kOverhead = 320;  // bytes of an entry besides its content, about

struct Entry {
  std::string digest;
  std::shared_ptr<const std::string> content;
};

std::size_t CostOf(const Entry& entry) { return entry.content->size() + kOverhead; }

}  // namespace

struct ManifestCache::Shard {
  mutable std::mutex mutex;
  // All below is guarded by mutex.
  std::list<Entry> entries;  // the most recently used first
  std::unordered_map<std::string_view, std::list<Entry>::iterator> by_digest;
  Counts counts;

  // What is pushed out is given back, to be freed when the lock is no longer held.
  std::list<Entry> Shrink(std::size_t capacity) {
    std::list<Entry> out;
    while (counts.bytes > capacity) {
      const auto last = std::prev(entries.end());
      counts.bytes -= CostOf(*last);
      by_digest.erase(last->digest);
      out.splice(out.begin(), entries, last);
    }
    return out;
  }
};

ManifestCache::ManifestCache(std::size_t capacity)
    : shard_capacity_(capacity / kShards), shards_(std::make_unique<Shard[]>(kShards)) {}

ManifestCache::~ManifestCache() = default;

ManifestCache::Shard& ManifestCache::ShardOf(const oci::Digest& digest) {
  return shards_[std::hash<std::string>()(digest.text()) % kShards];
}

std::shared_ptr<const std::string> ManifestCache::Find(const oci::Digest& digest) {
  Shard& shard = ShardOf(digest);
  const std::lock_guard lock(shard.mutex);
  const auto found = shard.by_digest.find(digest.text());
  if (found == shard.by_digest.end()) {
    ++shard.counts.misses;
    return nullptr;
  }
  ++shard.counts.hits;
  shard.entries.splice(shard.entries.begin(), shard.entries, found->second);
  return found->second->content;
}

void ManifestCache::Insert(const oci::Digest& digest, std::shared_ptr<const std::string> content) {
  std::list<Entry> fresh;
  fresh.push_front(Entry{.digest = digest.text(), .content = std::move(content)});
  const std::size_t cost = CostOf(fresh.front());
  if (cost > shard_capacity_) return;
  std::list<Entry> pushed_out;
  Shard& shard = ShardOf(digest);
  const std::lock_guard lock(shard.mutex);
  if (!shard.by_digest.try_emplace(fresh.front().digest, fresh.begin()).second) return;
  shard.entries.splice(shard.entries.begin(), fresh);
  shard.counts.bytes += cost;
  pushed_out = shard.Shrink(shard_capacity_);
}

ManifestCache::Counts ManifestCache::counts() const {
  Counts sum;
  for (std::size_t i = 0; i < kShards; ++i) {
    const std::lock_guard lock(shards_[i].mutex);
    sum.hits += shards_[i].counts.hits;
    sum.misses += shards_[i].counts.misses;
    sum.bytes += shards_[i].counts.bytes;
  }
  return sum;
}

}  // namespace portolan::store
