#include "portolan/async/event.h"

#include <algorithm>

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace portolan::async {
namespace asio = boost::asio;

namespace {

using Timer = asio::basic_waitable_timer<std::chrono::steady_clock,
                                         asio::wait_traits<std::chrono::steady_clock>, Executor>;

Error Interrupted() { return Fail(ErrorCode::kCancelled, "interrupted"); }

}  // namespace

// A timer that never fires is Asio's smallest thing that can be awaited and woken.
struct Event::Waiter {
  explicit Waiter(const Executor& executor) : timer(executor, Timer::time_point::max()) {}
  Timer timer;
  bool woken = false;
};

Event::Event() = default;
Event::~Event() = default;

Task<Status> Event::Wait() {
  if (set_) co_return Status();
  const Executor executor = co_await asio::this_coro::executor;
  const auto state = co_await asio::this_coro::cancellation_state;
  if (state.cancelled() != asio::cancellation_type::none) co_return Interrupted();

  Waiter waiter(executor);
  struct Enlisted {
    std::list<Waiter*>& list;
    Waiter* waiter;
    ~Enlisted() { list.remove(waiter); }
  } enlisted{waiters_, &waiter};
  waiters_.push_back(&waiter);
  boost::system::error_code error;
  co_await waiter.timer.async_wait(asio::redirect_error(asio::use_awaitable_t<Executor>(), error));
  if (waiter.woken) co_return Status();
  co_return Interrupted();
}

void Event::Set() {
  set_ = true;
  for (Waiter* waiter : waiters_) {
    waiter->woken = true;
    waiter->timer.cancel();
  }
}

Task<Status> Sleep(std::chrono::milliseconds duration) {
  const Executor executor = co_await asio::this_coro::executor;
  const auto state = co_await asio::this_coro::cancellation_state;
  if (state.cancelled() != asio::cancellation_type::none) co_return Interrupted();
  if (duration <= std::chrono::milliseconds::zero()) co_return Status();
  Timer timer(executor, duration);
  boost::system::error_code error;
  co_await timer.async_wait(asio::redirect_error(asio::use_awaitable_t<Executor>(), error));
  if (error) co_return Interrupted();
  co_return Status();
}

}  // namespace portolan::async
