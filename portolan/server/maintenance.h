// Collection that runs by itself.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>

#include "portolan/base/clock.h"
#include "portolan/base/log.h"
#include "portolan/store/collector.h"

namespace portolan::server {

/// What collection has done since the start.
struct MaintenanceCounts {
  std::uint64_t runs = 0;
  std::uint64_t failures = 0;
  store::CollectionReport total;
  double seconds = 0;  ///< of the last run
};

/// Runs a Collector each `interval` on a thread of its own, the first time after one interval.
/// Errors go to `log`, and the next run tries again. Thread-safe.
class Maintenance {
 public:
  Maintenance(store::Storage& storage, std::chrono::seconds interval, const Clock& clock, Log& log);
  ~Maintenance();  ///< ends a run between two of its steps

  MaintenanceCounts counts() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace portolan::server
