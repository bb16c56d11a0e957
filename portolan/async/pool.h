// Blocking work beside the loop.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <type_traits>
#include <utility>

#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "portolan/async/task.h"

namespace portolan::async {

/// Threads for calls that block (credential helpers, disks). They start with the first call. The
/// destructor joins them.
class Pool {
 public:
  explicit Pool(int threads = 2);
  Pool(const Pool&) = delete;
  Pool& operator=(const Pool&) = delete;
  ~Pool();

  /// Runs `work` on a pool thread some time soon. Never blocks. From any thread.
  void Post(std::function<void()> work);
  /// Waits for all that was posted, and ends the threads; nothing is run any more then. A thread
  /// that has resumed a coroutine (OnPool) may still hold on to its loop for a moment: to be called
  /// before the loop goes, where the pool itself goes later. From one thread at a time.
  void Join();

 private:
  struct State;
  int threads_;
  std::once_flag started_;
  std::unique_ptr<State> state_;
};

/// Runs `function` on `pool` and resumes the coroutine on its own loop with the value. Cancellation
/// does not interrupt it: what blocks must have a deadline of its own, or watch
/// Loop::cancel_descriptor.
template <typename Function>
Task<std::invoke_result_t<Function>> OnPool(Pool& pool, Function function) {
  using Value = std::invoke_result_t<Function>;
  auto start = [&pool](auto handler, Function work) {
    auto executor = boost::asio::get_associated_executor(handler);
    auto shared = std::make_shared<decltype(handler)>(std::move(handler));
    pool.Post([shared, work = std::make_optional(std::move(work)), executor,
               guard = boost::asio::make_work_guard(executor)]() mutable {
      auto value = std::make_shared<Value>((*work)());
      work.reset();  // what it owned is gone before anybody hears of the value
      // With the guard: once this has run, the loop may end, and nothing here may touch it.
      boost::asio::post(executor,
                        [shared = std::move(shared), value = std::move(value),
                         guard = std::move(guard)]() mutable { (*shared)(std::move(*value)); });
    });
  };
  const boost::asio::use_awaitable_t<Executor> token;
  co_return co_await boost::asio::async_initiate<const boost::asio::use_awaitable_t<Executor>&,
                                                 void(Value)>(start, token, std::move(function));
}

}  // namespace portolan::async
