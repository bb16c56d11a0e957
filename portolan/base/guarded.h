// Data that cannot be touched unlocked.
#pragma once

#include <mutex>
#include <utility>

namespace portolan {

/// A `T` behind a mutex: `auto state = guarded.Lock(); state->field = …;`. The lock is held while
/// `state` lives; never keep it across a co_await.
template <typename T>
class Guarded {
 public:
  class Access {
   public:
    T* operator->() const { return value_; }
    T& operator*() const { return *value_; }

   private:
    friend class Guarded;
    Access(std::mutex& mutex, T& value) : lock_(mutex), value_(&value) {}
    std::unique_lock<std::mutex> lock_;
    T* value_;
  };

  Guarded() = default;
  explicit Guarded(T value) : value_(std::move(value)) {}

  Access Lock() { return Access(mutex_, value_); }

 private:
  std::mutex mutex_;
  T value_{};
};

}  // namespace portolan
