// Waiting for something that another coroutine of the same loop does.
#pragma once

#include <chrono>
#include <list>
#include <memory>

#include "portolan/async/task.h"
#include "portolan/base/result.h"

namespace portolan::async {

/// A flag that coroutines wait for. Set wakes all of them; Reset makes later ones wait again. For
/// one thread.
class Event {
 public:
  Event();
  Event(const Event&) = delete;
  Event& operator=(const Event&) = delete;
  ~Event();

  /// Returns at once if set. kCancelled if the wait was cancelled first. The event must outlive the
  /// wait.
  Task<Status> Wait();
  void Set();
  void Reset() { set_ = false; }
  bool is_set() const { return set_; }

 private:
  struct Waiter;
  std::list<Waiter*> waiters_;
  bool set_ = false;
};

/// Waits for `duration`; kCancelled if cancelled first. Zero or less returns at once.
Task<Status> Sleep(std::chrono::milliseconds duration);

}  // namespace portolan::async
