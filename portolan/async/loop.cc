#include "portolan/async/loop.h"

#include <signal.h>
#include <sys/eventfd.h>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <fmt/format.h>

#include "portolan/base/unique_fd.h"

namespace portolan::async {
namespace asio = boost::asio;

struct Loop::State {
  // One thread runs the context, so Asio may leave its locks out.
  asio::io_context context{1};
  asio::cancellation_signal cancel_signal;
  std::unique_ptr<asio::signal_set> interrupts;
  bool listens = false;  // to interrupts, while a task runs
  std::unique_ptr<asio::steady_timer> timer;
  UniqueFd cancelled;  // where somebody has asked for it
};

Loop::Loop() : state_(std::make_unique<State>()) {}
Loop::~Loop() = default;

void Loop::RunErased(Task<void> task) {
  std::exception_ptr failure;
  bool finished = false;
  auto guarded = [](Task<void> inner) -> Task<void> {
    // A cancelled wait tells its caller with a value instead of throwing through every frame.
    co_await asio::this_coro::throw_if_cancelled(false);
    co_await std::move(inner);
  };
  asio::co_spawn(
      state_->context, guarded(std::move(task)),
      asio::bind_cancellation_slot(state_->cancel_signal.slot(), [&](std::exception_ptr error) {
        failure = error;
        finished = true;
        state_->context.stop();
      }));
  state_->context.restart();
  if (state_->listens && !cancelled_) Listen();
  state_->context.run();
  state_->interrupts.reset();  // what blocks outside a loop must be ended by a signal
  if (failure) std::rethrow_exception(failure);  // a defect: our tasks do not throw
  if (!finished) std::terminate();               // the task waits for something that can never come
}

void Loop::Cancel(Error reason) {
  if (cancelled_) return;
  cancelled_ = std::move(reason);
  if (state_->cancelled) (void)eventfd_write(state_->cancelled.get(), 1);
  state_->cancel_signal.emit(asio::cancellation_type::terminal);
}

int Loop::cancel_descriptor() {
  if (!state_->cancelled) {
    state_->cancelled = UniqueFd(eventfd(cancelled_ ? 1 : 0, EFD_CLOEXEC | EFD_NONBLOCK));
  }
  return state_->cancelled.get();
}

void Loop::CancelOnInterrupt() { state_->listens = true; }

void Loop::Listen() {
  state_->interrupts = std::make_unique<asio::signal_set>(state_->context, SIGINT, SIGTERM);
  state_->interrupts->async_wait([this](const boost::system::error_code& error, int) {
    if (error) return;
    state_->interrupts->clear();  // the next one has its default effect
    Cancel(Fail(ErrorCode::kCancelled, "interrupted"));
  });
}

void Loop::CancelAfter(std::chrono::milliseconds after) {
  state_->timer = std::make_unique<asio::steady_timer>(state_->context, after);
  state_->timer->async_wait([this, after](const boost::system::error_code& error) {
    if (error) return;
    Cancel(Fail(ErrorCode::kTimeout,
                fmt::format("the command did not finish within {} s",
                            std::chrono::duration<double>(after).count()),
                "raise --command-timeout, or leave it out"));
  });
}

Executor Loop::executor() { return state_->context.get_executor(); }
asio::io_context& Loop::context() { return state_->context; }

}  // namespace portolan::async
