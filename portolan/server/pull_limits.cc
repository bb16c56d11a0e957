#include "portolan/server/pull_limits.h"

#include <algorithm>

namespace portolan::server {

PullLimits::Count PullLimits::Look(const std::string& client, int limit, bool takes) {
  const Clock::Instant now = clock_.Now();
  const auto table = table_.Lock();
  auto it = table->windows.find(client);
  if (it == table->windows.end()) {
    if (!takes) return {.remaining = limit};
    if (table->order.size() == kMaxClients) {
      table->windows.erase(table->order.front());
      table->order.pop_front();
    }
    table->order.push_back(client);
    it = table->windows.emplace(client, Window{.end = now + window_}).first;
  }
  Window& window = it->second;
  if (window.end <= now) window = {.end = now + window_};
  if (takes && window.pulls >= limit) return {.remaining = 0, .refused = true};
  if (takes) ++window.pulls;
  return {.remaining = std::max(limit - window.pulls, 0)};
}

}  // namespace portolan::server
