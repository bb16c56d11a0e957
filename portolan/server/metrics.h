// Counts for Prometheus.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "portolan/http/server.h"

namespace portolan::server {

/// One value that is looked up when it is asked for.
struct Sample {
  std::string_view name;  ///< `portolan_connections`, with labels where it has them
  std::string_view type;  ///< "gauge" or "counter"
  std::string_view help;
  double value = 0;
};

/// What part of the API a target belongs to, as metrics name it: "base", "catalog", "tags",
/// "referrers", "manifest", "blob", "upload", "extension", "other".
std::string_view RouteLabel(std::string_view path);

/// Requests, their latency and their bytes. Thread-safe; Observe takes well under a microsecond.
class Metrics {
 public:
  void Observe(const http::Exchange& exchange);

  /// In the text format of Prometheus 0.0.4, `samples` after the counts.
  std::string Render(const std::vector<Sample>& samples) const;

 private:
  static constexpr std::size_t kRoutes = 9;
  static constexpr std::size_t kMethods = 7;
  static constexpr std::size_t kClasses = 4;  // 2xx to 5xx
  static constexpr std::size_t kBuckets = 14;
  using Counter = std::atomic<std::uint64_t>;

  struct Latency {
    std::array<Counter, kBuckets> buckets{};  // not cumulative; the last is +Inf
    Counter nanoseconds{};
  };
  std::array<std::array<std::array<Counter, kClasses>, kMethods>, kRoutes> requests_{};
  std::array<Latency, kRoutes> latency_{};
  Counter received_{};
  Counter sent_{};
  Counter broken_{};
};

}  // namespace portolan::server
