#include "portolan/server/maintenance.h"

#include <condition_variable>
#include <mutex>
#include <thread>

#include <fmt/format.h>

namespace portolan::server {

struct Maintenance::State {
  State(store::Storage& the_storage, std::chrono::seconds the_interval, const Clock& the_clock,
        Log& the_log)
      : storage(the_storage), interval(the_interval), clock(the_clock), log(the_log) {}
  store::Storage& storage;
  const std::chrono::seconds interval;
  const Clock& clock;
  Log& log;
  mutable std::mutex mutex;
  std::condition_variable wake;
  bool ending = false;       // guarded by mutex
  MaintenanceCounts counts;  // guarded by mutex
  std::thread thread;

  void Run() {
    std::unique_lock lock(mutex);
    while (!wake.wait_for(lock, interval, [this] { return ending; })) {
      lock.unlock();
      const Clock::Instant start = clock.Now();
      store::Collector collector(storage, clock, log);
      const Result<store::CollectionReport> report =
          collector.Run(false, {}, [this] { return Ending(); });
      if (!report) log.Warn("garbage collection: " + report.error().message);
      lock.lock();
      Count(report, std::chrono::duration<double>(clock.Now() - start).count());
    }
  }

  bool Ending() const {
    const std::lock_guard lock(mutex);
    return ending;
  }

  void Count(const Result<store::CollectionReport>& report, double seconds) {
    ++counts.runs;
    counts.seconds = seconds;
    if (!report) {
      ++counts.failures;
      return;
    }
    store::CollectionReport& total = counts.total;
    total.manifests += report->manifests;
    total.links += report->links;
    total.blobs += report->blobs;
    total.bytes += report->bytes;
    total.uploads += report->uploads;
    total.staging_files += report->staging_files;
    total.leased = report->leased;  // a state, not a sum
  }
};

Maintenance::Maintenance(store::Storage& storage, std::chrono::seconds interval, const Clock& clock,
                         Log& log)
    : state_(std::make_unique<State>(storage, interval, clock, log)) {
  state_->thread = std::thread([s = state_.get()] { s->Run(); });
}

Maintenance::~Maintenance() {
  {
    const std::lock_guard lock(state_->mutex);
    state_->ending = true;
  }
  state_->wake.notify_one();
  state_->thread.join();
}

MaintenanceCounts Maintenance::counts() const {
  const std::lock_guard lock(state_->mutex);
  return state_->counts;
}

}  // namespace portolan::server
