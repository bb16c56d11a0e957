#include "portolan/http/server_loop.h"

#include <signal.h>

#include <algorithm>
#include <exception>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>

#include "portolan/http/listener.h"
#include "portolan/http/tls_context.h"

namespace portolan::http {
namespace asio = boost::asio;

namespace {

using Timer =
    asio::basic_waitable_timer<std::chrono::steady_clock,
                               asio::wait_traits<std::chrono::steady_clock>, async::Executor>;

constexpr std::chrono::milliseconds kSweepInterval{250};
constexpr std::chrono::milliseconds kIdleInterval{1000};  // while there are no connections

// Signals belong to the threads that wait for them, and a broken connection is an error, not a
// SIGPIPE.
void BlockSignals() {
  sigset_t all;
  sigfillset(&all);
  for (const int fault : {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT}) sigdelset(&all, fault);
  pthread_sigmask(SIG_BLOCK, &all, nullptr);
}

}  // namespace

BufferPool::Buffer BufferPool::Take() {
  if (free_.empty()) return std::make_unique_for_overwrite<char[]>(kSize);
  Buffer buffer = std::move(free_.back());
  free_.pop_back();
  return buffer;
}

void BufferPool::Give(Buffer buffer) {
  if (free_.size() < kKept) free_.push_back(std::move(buffer));
}

struct ServerLoop::State {
  // One thread runs the context, so Asio may leave some of its locks out.
  asio::io_context context{1};
  Timer timer{context.get_executor()};
  std::list<async::Descriptor> listeners;
};

ServerLoop::ServerLoop(ServerShared& shared)
    : shared_(shared), now_(shared.clock.Now()), state_(std::make_unique<State>()) {}

// The pool's threads tell the context what they have done.
ServerLoop::~ServerLoop() { pool_.Join(); }

async::Executor ServerLoop::executor() { return state_->context.get_executor(); }

void ServerLoop::AddListener(int fd) {
  async::Descriptor& listener = state_->listeners.emplace_back(executor(), fd);
  asio::co_spawn(executor(), AcceptConnections(*this, listener), asio::detached);
}

void ServerLoop::Run() {
  BlockSignals();
  asio::co_spawn(executor(), KeepSweeping(), asio::detached);
  state_->context.run();
}

void ServerLoop::Stop(Clock::Instant deadline) {
  asio::post(executor(), [this, deadline] { BeginStop(deadline); });
}

void ServerLoop::BeginStop(Clock::Instant deadline) {
  drain_deadline_ = std::min(drain_deadline_, deadline);
  if (!stopping_) {
    stopping_ = true;
    for (async::Descriptor& listener : state_->listeners) listener.Close();
    for (Swept* swept = first_; swept != nullptr;) {
      Swept* const next = swept->next_;  // stopping never destroys at once, but let it
      swept->Stop();
      swept = next;
    }
  }
  state_->timer.cancel();  // the sweep looks at the deadline
}

void ServerLoop::Join(Swept& swept) {
  if (first_ == nullptr) {
    now_ = shared_.clock.Now();
    state_->timer.cancel();  // it may be in its long sleep
  }
  swept.next_ = first_;
  if (first_ != nullptr) first_->previous_ = &swept;
  first_ = &swept;
}

void ServerLoop::Leave(Swept& swept) {
  if (swept.previous_ != nullptr) {
    swept.previous_->next_ = swept.next_;
  } else {
    first_ = swept.next_;
  }
  if (swept.next_ != nullptr) swept.next_->previous_ = swept.previous_;
  if (first_ == nullptr && stopping_) state_->timer.cancel();
}

void ServerLoop::SweepAll() {
  now_ = shared_.clock.Now();
  const bool abort = now_ >= drain_deadline_;
  for (Swept* swept = first_; swept != nullptr;) {
    Swept* const next = swept->next_;
    if (abort) {
      swept->Abort();
    } else {
      swept->Sweep(now_);
    }
    swept = next;
  }
  if (first_ == nullptr) buffers_.Trim();
  if (shared_.tls != nullptr) shared_.tls->ReloadIfChanged(now_, shared_.log);
}

async::Task<void> ServerLoop::KeepSweeping() {
  while (!stopping_ || first_ != nullptr) {
    state_->timer.expires_after(first_ == nullptr ? kIdleInterval : kSweepInterval);
    boost::system::error_code error;
    co_await state_->timer.async_wait(
        asio::redirect_error(asio::use_awaitable_t<async::Executor>(), error));
    SweepAll();
  }
}

}  // namespace portolan::http
