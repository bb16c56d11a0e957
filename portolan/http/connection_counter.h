// How many connections are open, and from where.
#pragma once

#include <atomic>
#include <string>
#include <string_view>
#include <unordered_map>

#include "portolan/base/guarded.h"

namespace portolan::http {

/// Counts connections for the caps of a server. Safe to use from several threads.
class ConnectionCounter {
 public:
  ConnectionCounter(int max_total, int max_per_address)
      : max_total_(max_total), max_per_address_(max_per_address) {}

  /// Counts one more, or returns false where a cap forbids it. An empty address (a unix socket) has
  /// no cap of its own.
  bool Add(const std::string& address);
  void Remove(const std::string& address);
  int total() const { return total_; }

 private:
  const int max_total_;
  const int max_per_address_;
  std::atomic<int> total_ = 0;
  Guarded<std::unordered_map<std::string, int>> by_address_;
};

}  // namespace portolan::http
