// Memory that requests hold while they write, as one budget.
#pragma once

#include <atomic>
#include <cstdint>
#include <utility>

namespace portolan::server {

/// Counts the bytes that uploads and manifests hold beyond the little that each may have anyway.
/// Thread-safe. Nobody waits here: a slow client that holds a share must not keep others out.
class UploadMemory {
 public:
  /// What a request may hold without asking, at a time.
  static constexpr std::uint64_t kFree = 64U << 10U;

  explicit UploadMemory(std::uint64_t limit) : limit_(limit) {}

  /// A part of the budget, given back with it. Movable; must not outlive the budget.
  class Share {
   public:
    Share() = default;
    Share(Share&& other) noexcept
        : memory_(std::exchange(other.memory_, nullptr)), size_(other.size_) {}
    Share& operator=(Share&& other) noexcept {
      std::swap(memory_, other.memory_);
      std::swap(size_, other.size_);
      return *this;
    }
    ~Share() {
      if (memory_ != nullptr) memory_->used_.fetch_sub(size_);
    }
    /// Whether there was room for it.
    explicit operator bool() const { return memory_ != nullptr; }

   private:
    friend class UploadMemory;
    Share(UploadMemory& memory, std::uint64_t size) : memory_(&memory), size_(size) {}
    UploadMemory* memory_ = nullptr;
    std::uint64_t size_ = 0;
  };

  /// For what cannot be done without it; empty where the budget has no room.
  Share Take(std::uint64_t size) { return TakeBelow(limit_, size); }
  /// For what only goes faster with it: a quarter of the budget stays for the others.
  Share TakeSpare(std::uint64_t size) { return TakeBelow(limit_ - limit_ / 4, size); }

  std::uint64_t used() const { return used_.load(); }

 private:
  Share TakeBelow(std::uint64_t limit, std::uint64_t size) {
    // Never more than there is, not even for a moment: another's wish that fits would be refused.
    std::uint64_t used = used_.load();
    do {
      if (size > limit || used > limit - size) return {};
    } while (!used_.compare_exchange_weak(used, used + size));
    return {*this, size};
  }

  const std::uint64_t limit_;
  std::atomic<std::uint64_t> used_ = 0;
};

/// What uploads to one storage use together, by whichever registry in front of it they come.
struct UploadBudget {
  explicit UploadBudget(std::uint64_t a_memory) : memory(a_memory) {}
  std::atomic<int> writing = 0;  ///< requests that hold an UploadPermit
  UploadMemory memory;
};

}  // namespace portolan::server
