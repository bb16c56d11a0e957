// Blocking work that goes on while the coroutine does something else.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <type_traits>
#include <utility>

#include <boost/asio/async_result.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "portolan/async/pool.h"
#include "portolan/async/task.h"

namespace portolan::async {

/// The value of work that runs on a pool, to be waited for once. Dropping it does not stop the
/// work.
template <typename T>
class Started {
 public:
  /// Waits until the work has ended. Like OnPool it is not interrupted by cancellation.
  Task<T> Wait() {
    const std::shared_ptr<State> state = state_;
    if (!state->value) {
      auto start = [state](auto handler) {
        state->resume = [handler = std::move(handler)]() mutable { std::move(handler)(); };
      };
      const boost::asio::use_awaitable_t<Executor> token;
      co_await boost::asio::async_initiate<const boost::asio::use_awaitable_t<Executor>&, void()>(
          start, token);
    }
    co_return *std::move(state->value);
  }

 private:
  struct State {
    std::optional<T> value;
    std::move_only_function<void()> resume;  // whoever waits
  };
  template <typename Function>
  friend Started<std::invoke_result_t<Function>> StartOnPool(Pool& pool, const Executor& executor,
                                                             Function function);
  std::shared_ptr<State> state_ = std::make_shared<State>();
};

/// Starts `function` on `pool`; the value comes back to the loop of `executor`, where Wait is to be
/// called. What the function uses must live until it has ended: give it owners.
template <typename Function>
Started<std::invoke_result_t<Function>> StartOnPool(Pool& pool, const Executor& executor,
                                                    Function function) {
  using Value = std::invoke_result_t<Function>;
  Started<Value> started;
  pool.Post([state = started.state_, executor, function = std::make_optional(std::move(function)),
             guard = boost::asio::make_work_guard(executor)]() mutable {
    auto value = std::make_shared<Value>((*function)());
    function.reset();  // what it owned is gone before anybody hears of the value
    // With the guard: once this has run, the loop may end, and nothing here may touch it.
    boost::asio::post(
        executor, [state = std::move(state), value = std::move(value), guard = std::move(guard)] {
          state->value.emplace(std::move(*value));
          if (state->resume) std::exchange(state->resume, nullptr)();
        });
  });
  return started;
}

}  // namespace portolan::async
