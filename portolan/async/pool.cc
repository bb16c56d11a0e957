#include "portolan/async/pool.h"

#include <boost/asio/thread_pool.hpp>

namespace portolan::async {

struct Pool::State {
  explicit State(int threads) : pool(static_cast<std::size_t>(threads)) {}
  boost::asio::thread_pool pool;
};

Pool::Pool(int threads) : threads_(threads) {}

Pool::~Pool() { Join(); }

void Pool::Join() {
  if (state_) state_->pool.join();
}

void Pool::Post(std::function<void()> work) {
  std::call_once(started_, [this] { state_ = std::make_unique<State>(threads_); });
  boost::asio::post(state_->pool, std::move(work));
}

}  // namespace portolan::async
