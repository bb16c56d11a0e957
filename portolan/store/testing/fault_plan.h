// Which operation of a test fails.
#pragma once

#include <cstdint>
#include <functional>
#include <mutex>
#include <string>

#include "portolan/base/result.h"

namespace portolan::store {

/// Counts the operations of all fakes that share it, and says which of them fail. Thread-safe.
class FaultPlan {
 public:
  enum class How : std::uint8_t {
    kOnce,      ///< that operation
    kFromThen,  ///< that one and all later ones: the power goes
    /// As kFromThen, but the first to fail takes effect all the same: the answer is lost.
    kAnswerLost,
    kAnswerLostOnce,  ///< as kOnce, but the operation takes effect all the same
  };

  /// Operations are numbered from 1. Counting starts anew.
  void FailAt(std::uint64_t operation, How how, ErrorCode code);
  /// Calls `meanwhile` once, just before that operation, which works: what another thread does in
  /// the worst moment. Counting starts anew.
  void Before(std::uint64_t operation, std::function<void()> meanwhile);
  /// Nothing fails from now on. Counting goes on.
  void Clear();

  enum class Verdict : std::uint8_t { kWork, kFail, kWorkButFail };
  /// Counts an operation, and says what is to become of it.
  Verdict Next();
  /// The failure of `what`.
  Error Failure(const std::string& what) const;
  /// Next for an operation that nothing but its answer depends on: an Error if it is to fail.
  Status Check(const std::string& what);

  std::uint64_t operations() const;

 private:
  mutable std::mutex mutex_;
  std::uint64_t operations_ = 0;
  std::uint64_t fail_at_ = 0;  // 0: never
  How how_ = How::kOnce;
  ErrorCode code_ = ErrorCode::kIo;
  std::uint64_t before_ = 0;  // 0: never
  std::function<void()> meanwhile_;
};

}  // namespace portolan::store
