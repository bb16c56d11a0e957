// How many manifests each client has pulled, for registries that limit that.
#pragma once

#include <cstddef>
#include <deque>
#include <map>
#include <string>

#include "portolan/base/clock.h"
#include "portolan/base/guarded.h"

namespace portolan::server {

/// Counts in windows, each of which begins with a client's first pull. Thread-safe.
class PullLimits {
 public:
  static constexpr std::size_t kMaxClients = 65'536;  ///< the oldest windows are forgotten first

  struct Count {
    int remaining = 0;
    bool refused = false;  ///< nothing was left
  };

  /// The clock must outlive it.
  PullLimits(std::chrono::seconds window, const Clock& clock) : window_(window), clock_(clock) {}

  /// What is left of `limit` for the client: after it has taken one, if `takes`.
  Count Look(const std::string& client, int limit, bool takes);

 private:
  struct Window {
    Clock::Instant end;
    int pulls = 0;
  };
  struct Table {
    std::map<std::string, Window> windows;
    std::deque<std::string> order;  // as windows were made
  };

  const std::chrono::seconds window_;
  const Clock& clock_;
  Guarded<Table> table_;
};

}  // namespace portolan::server
