#include "portolan/server/metrics.h"

#include <algorithm>
#include <chrono>
#include <iterator>

#include <fmt/format.h>

namespace portolan::server {
namespace {

constexpr std::array<std::string_view, 9> kRouteLabels{
    "base", "catalog", "tags", "referrers", "manifest", "blob", "upload", "extension", "other"};
constexpr std::array<std::string_view, 7> kMethodLabels{"GET",   "HEAD",   "POST", "PUT",
                                                        "PATCH", "DELETE", "other"};
constexpr std::array<double, 13> kBounds{0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01,
                                         0.025,  0.1,     0.5,    2.5,   10,     60};

template <std::size_t kSize>
std::size_t IndexOf(const std::array<std::string_view, kSize>& labels, std::string_view label) {
  const auto it = std::ranges::find(labels, label);
  return it == labels.end() ? kSize - 1 : static_cast<std::size_t>(it - labels.begin());
}

void AppendHead(std::string& out, std::string_view name, std::string_view type,
                std::string_view help) {
  fmt::format_to(std::back_inserter(out), "# HELP {} {}\n# TYPE {} {}\n", name, help, name, type);
}

}  // namespace

std::string_view RouteLabel(std::string_view path) {
  path = path.substr(0, path.find('?'));
  if (path == "/v2/" || path == "/v2") return "base";
  if (!path.starts_with("/v2/")) return "other";
  if (path == "/v2/_catalog") return "catalog";
  if (path.ends_with("/tags/list")) return "tags";
  if (path.contains("/_portolan/") || path.contains("/_oci/") || path.starts_with("/v2/_oci/")) {
    return "extension";
  }
  if (path.contains("/blobs/uploads")) return "upload";
  if (path.contains("/blobs/")) return "blob";
  if (path.contains("/manifests/")) return "manifest";
  if (path.contains("/referrers/")) return "referrers";
  return "other";
}

void Metrics::Observe(const http::Exchange& exchange) {
  constexpr auto kRelaxed = std::memory_order_relaxed;
  const std::size_t route = IndexOf(kRouteLabels, RouteLabel(exchange.target));
  const std::size_t method = IndexOf(kMethodLabels, exchange.method);
  const auto status_class = static_cast<std::size_t>(std::clamp(exchange.status / 100, 2, 5) - 2);
  requests_[route][method][status_class].fetch_add(1, kRelaxed);

  const double seconds = std::chrono::duration<double>(exchange.duration).count();
  const auto bucket =
      static_cast<std::size_t>(std::ranges::lower_bound(kBounds, seconds) - kBounds.begin());
  latency_[route].buckets[bucket].fetch_add(1, kRelaxed);
  latency_[route].nanoseconds.fetch_add(static_cast<std::uint64_t>(exchange.duration.count()),
                                        kRelaxed);
  if (exchange.received > 0) received_.fetch_add(exchange.received, kRelaxed);
  if (exchange.sent > 0) sent_.fetch_add(exchange.sent, kRelaxed);
  if (!exchange.complete) broken_.fetch_add(1, kRelaxed);
}

std::string Metrics::Render(const std::vector<Sample>& samples) const {
  std::string out;
  auto to = std::back_inserter(out);
  AppendHead(out, "portolan_http_requests_total", "counter",
             "Requests answered, by part of the API, method and class of status.");
  for (std::size_t r = 0; r < kRoutes; ++r) {
    for (std::size_t m = 0; m < kMethods; ++m) {
      for (std::size_t c = 0; c < kClasses; ++c) {
        const std::uint64_t count = requests_[r][m][c].load();
        if (count == 0) continue;
        fmt::format_to(
            to, "portolan_http_requests_total{{route=\"{}\",method=\"{}\",status=\"{}xx\"}} {}\n",
            kRouteLabels[r], kMethodLabels[m], c + 2, count);
      }
    }
  }

  constexpr std::string_view kDuration = "portolan_http_request_duration_seconds";
  AppendHead(out, kDuration, "histogram", "From the end of a request's head to the last byte.");
  for (std::size_t r = 0; r < kRoutes; ++r) {
    std::uint64_t total = 0;
    std::string lines;
    for (std::size_t b = 0; b < kBuckets; ++b) {
      total += latency_[r].buckets[b].load();
      fmt::format_to(std::back_inserter(lines), "{}_bucket{{route=\"{}\",le=\"{}\"}} {}\n",
                     kDuration, kRouteLabels[r],
                     b < kBounds.size() ? fmt::format("{}", kBounds[b]) : "+Inf", total);
    }
    if (total == 0) continue;
    fmt::format_to(to, "{}{}_sum{{route=\"{}\"}} {}\n{}_count{{route=\"{}\"}} {}\n", lines,
                   kDuration, kRouteLabels[r],
                   static_cast<double>(latency_[r].nanoseconds.load()) / 1e9, kDuration,
                   kRouteLabels[r], total);
  }

  const Sample counts[] = {
      {"portolan_http_received_bytes_total", "counter", "Bytes of request bodies.",
       static_cast<double>(received_.load())},
      {"portolan_http_sent_bytes_total", "counter", "Bytes of answer bodies.",
       static_cast<double>(sent_.load())},
      {"portolan_http_broken_total", "counter", "Answers whose connection broke before their end.",
       static_cast<double>(broken_.load())}};
  const auto append = [&](const Sample& sample) {
    AppendHead(out, sample.name, sample.type, sample.help);
    fmt::format_to(std::back_inserter(out), "{} {}\n", sample.name, sample.value);
  };
  for (const Sample& sample : counts) append(sample);
  for (const Sample& sample : samples) append(sample);
  return out;
}

}  // namespace portolan::server
