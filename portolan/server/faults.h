// Faults that are made on purpose (dialect/fault.h): when, and how.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "portolan/base/clock.h"
#include "portolan/base/guarded.h"
#include "portolan/base/result.h"
#include "portolan/dialect/fault.h"
#include "portolan/http/client.h"

namespace portolan::server {

using dialect::Fault;

/// The faults of a registry; they can be changed while it serves. Thread-safe.
class Faults {
 public:
  static constexpr std::size_t kMaxFaults = 100;

  void Set(std::vector<Fault> faults);
  /// Reads one a line; empty lines and those that begin with `#` do not count. kConfigInvalid
  /// naming the line; then nothing has changed.
  Status SetText(std::string_view text);
  /// `3 times of 9: GET /v2/** every=3 status=503`, one a line.
  std::string Text() const;

  /// The first that is to be made of this request; null: none. Counts.
  std::shared_ptr<const Fault> For(std::string_view method, std::string_view path);

 private:
  struct Counted {
    explicit Counted(Fault a_fault) : fault(std::move(a_fault)) {}
    const Fault fault;
    std::atomic<std::uint64_t> matched = 0;
    std::atomic<std::uint64_t> made = 0;
  };
  using List = std::vector<std::shared_ptr<Counted>>;

  mutable Guarded<std::shared_ptr<const List>> list_{std::make_shared<const List>()};
};

/// `inner`, with faults. All must outlive the service.
std::unique_ptr<http::Service> WithFaults(http::Service& inner, Faults& faults, const Clock& clock);

}  // namespace portolan::server
