#include "portolan/async/gather.h"

#include <algorithm>
#include <exception>
#include <list>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/this_coro.hpp>

#include "portolan/async/event.h"

namespace portolan::async {
namespace asio = boost::asio;

namespace {

// What the workers of one call share; lives in the caller's frame, which outlasts them.
struct Shared {
  std::size_t next = 0;
  std::size_t count = 0;
  std::size_t running = 0;
  std::function<Task<void>(std::size_t)> job;
  std::list<asio::cancellation_signal> signals;
  Event finished;
};

Task<void> Worker(Shared& shared) {
  co_await asio::this_coro::throw_if_cancelled(false);
  while (shared.next < shared.count) {
    const std::size_t index = shared.next++;
    co_await shared.job(index);
  }
}

}  // namespace

Task<void> ForEachParallel(std::size_t count, std::size_t max_parallel,
                           std::function<Task<void>(std::size_t index)> job) {
  if (count == 0) co_return;
  const Executor executor = co_await asio::this_coro::executor;
  Shared shared;
  shared.count = count;
  shared.job = std::move(job);
  shared.running = std::min(count, std::max<std::size_t>(max_parallel, 1));

  const std::size_t workers = shared.running;
  for (std::size_t i = 0; i < workers; ++i) {
    asio::cancellation_signal& signal = shared.signals.emplace_back();
    asio::co_spawn(executor, Worker(shared),
                   asio::bind_cancellation_slot(signal.slot(), [&shared](std::exception_ptr error) {
                     if (error) std::terminate();  // tasks do not throw
                     if (--shared.running == 0) shared.finished.Set();
                   }));
  }
  // Cancellation reaches this frame's wait; it is handed on, and the workers' end still awaited.
  while (!(co_await shared.finished.Wait())) {
    for (asio::cancellation_signal& signal : shared.signals) {
      signal.emit(asio::cancellation_type::terminal);
    }
    co_await asio::this_coro::reset_cancellation_state(asio::disable_cancellation());
  }
}

}  // namespace portolan::async
