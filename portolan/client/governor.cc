#include "portolan/client/governor.h"

#include <algorithm>

namespace portolan::client {

struct Governor::Slot::Gate {
  int in_use = 0;
  Clock::Instant open_at{};
  async::Event freed;
};

Governor::Slot::~Slot() {
  if (gate_ == nullptr) return;
  --gate_->in_use;
  gate_->freed.Set();
}

Governor::Governor(const Clock& clock, int max_parallel)
    : clock_(clock), max_parallel_(std::max(max_parallel, 1)) {}

Governor::~Governor() = default;

Governor::Slot::Gate& Governor::GateOf(const std::string& host) {
  std::unique_ptr<Slot::Gate>& gate = gates_[host];
  if (!gate) gate = std::make_unique<Slot::Gate>();
  return *gate;
}

async::Task<Result<Governor::Slot>> Governor::Enter(std::string host) {
  Slot::Gate& gate = GateOf(host);
  for (;;) {
    const auto pause = std::chrono::ceil<std::chrono::milliseconds>(gate.open_at - clock_.Now());
    if (pause.count() > 0) {
      PORTOLAN_CO_CHECK(co_await async::Sleep(pause));
    } else if (gate.in_use >= max_parallel_) {
      gate.freed.Reset();
      PORTOLAN_CO_CHECK(co_await gate.freed.Wait());
    } else {
      ++gate.in_use;
      co_return Result<Slot>(Slot(&gate));
    }
  }
}

void Governor::Pause(const std::string& host, std::chrono::milliseconds duration) {
  Slot::Gate& gate = GateOf(host);
  gate.open_at = std::max(gate.open_at, clock_.Now() + duration);
}

}  // namespace portolan::client
