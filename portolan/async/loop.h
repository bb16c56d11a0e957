// The thread on which coroutines run.
#pragma once

#include <chrono>
#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <utility>

#include "portolan/async/task.h"
#include "portolan/base/clock.h"
#include "portolan/base/result.h"

namespace portolan::async {

/// An event loop for one thread. Everything that is awaited on it runs there, so that what the
/// coroutines share needs no lock. Cancelling it ends every wait with an Error of the reason given.
class Loop {
 public:
  Loop();
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;
  ~Loop();

  /// Runs `task` on the calling thread until it has finished, and gives its value. Tasks that it
  /// left behind are dropped.
  template <typename T>
  T Run(Task<T> task) {
    std::optional<T> value;
    RunErased(Store(std::move(task), value));
    return std::move(*value);
  }

  /// Ends every present and future wait of the running task with `reason`. Only the first call has
  /// an effect. To be called on the loop's thread.
  void Cancel(Error reason);
  /// Becomes readable when Cancel is called: for what blocks on another thread. -1 if the system
  /// has no descriptor to give. To be called on the loop's thread; valid as long as the loop.
  int cancel_descriptor();
  /// Why waits end, once Cancel was called.
  const std::optional<Error>& cancelled() const { return cancelled_; }

  /// While a task runs, the first SIGINT or SIGTERM calls Cancel with kCancelled, and a second one
  /// ends the process. Outside Run both signals have their default effect. For one loop of a
  /// process.
  void CancelOnInterrupt();
  /// Calls Cancel with kTimeout after `after`.
  void CancelAfter(std::chrono::milliseconds after);

  Executor executor();
  boost::asio::io_context& context();

 private:
  struct State;

  template <typename T>
  static Task<void> Store(Task<T> task, std::optional<T>& value) {
    value.emplace(co_await std::move(task));
  }
  void RunErased(Task<void> task);
  void Listen();

  std::unique_ptr<State> state_;
  std::optional<Error> cancelled_;
};

}  // namespace portolan::async
