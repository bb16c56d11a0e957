// One gate per host, shared by all jobs: how many requests at once, and until when none at all.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <utility>

#include "portolan/async/event.h"
#include "portolan/async/task.h"
#include "portolan/base/clock.h"
#include "portolan/base/result.h"

namespace portolan::client {

/// Lets at most `max_parallel` requests per host through at once, and none before the end of a
/// pause that the host asked for, so that parallel jobs do not each run into the same rate limit.
/// For one loop.
class Governor {
 public:
  /// `clock` must outlive the governor.
  Governor(const Clock& clock, int max_parallel);
  ~Governor();

  /// A place at a host's gate; given back when destroyed. Must not outlive the governor.
  class Slot {
   public:
    Slot() = default;
    Slot(Slot&& other) noexcept : gate_(std::exchange(other.gate_, nullptr)) {}
    Slot& operator=(Slot&& other) noexcept {
      std::swap(gate_, other.gate_);
      return *this;
    }
    ~Slot();

   private:
    friend class Governor;
    struct Gate;
    explicit Slot(Gate* gate) : gate_(gate) {}
    Gate* gate_ = nullptr;
  };

  /// Waits for a place. kCancelled.
  async::Task<Result<Slot>> Enter(std::string host);

  /// No request to `host` begins before this long from now. A shorter pause does not end a longer
  /// one.
  void Pause(const std::string& host, std::chrono::milliseconds duration);

 private:
  Slot::Gate& GateOf(const std::string& host);

  const Clock& clock_;
  int max_parallel_;
  std::map<std::string, std::unique_ptr<Slot::Gate>> gates_;
};

}  // namespace portolan::client
