// The same work at once by many is done by one.
#pragma once

#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <optional>

namespace portolan::auth {

/// Calls with equal keys that overlap share one result. Thread-safe.
template <typename Key, typename Value>
class SingleFlight {
 public:
  /// What `work()` gives, here or in the thread that began first.
  template <typename Work>
  Value Do(const Key& key, const Work& work) {
    std::unique_lock lock(mutex_);
    const auto [it, first] = flights_.try_emplace(key);
    if (first) it->second = std::make_shared<Flight>();
    const std::shared_ptr<Flight> flight = it->second;
    if (!first) {
      flight->landed.wait(lock, [&] { return flight->value.has_value(); });
      return *flight->value;
    }
    lock.unlock();
    Value value = work();
    lock.lock();
    flight->value = value;
    flights_.erase(key);
    flight->landed.notify_all();
    return value;
  }

 private:
  struct Flight {
    std::optional<Value> value;
    std::condition_variable landed;
  };
  std::mutex mutex_;
  std::map<Key, std::shared_ptr<Flight>> flights_;  // guarded by mutex_
};

}  // namespace portolan::auth
