// Keys that are fetched: when to look again, and what to believe while that fails.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "portolan/auth/key_set.h"
#include "portolan/auth/token_verifier.h"
#include "portolan/base/clock.h"
#include "portolan/base/log.h"
#include "portolan/base/result.h"

namespace portolan::auth {

/// A JWKS behind a function that gives its text, from a file or over the network.
class FetchedKeys final : public KeySource {
 public:
  struct Times {
    /// Between two looks: whoever invents names of keys must not make this registry ask for each.
    Clock::Duration min_interval = std::chrono::seconds(30);
    /// Keys that were seen so long ago are looked at again before they are believed…
    Clock::Duration max_age = std::chrono::minutes(10);
    /// …and believed for so long while that fails.
    Clock::Duration max_stale = std::chrono::days(1);
  };

  /// `fetch` may wait; it is called by one thread at a time. `name` for the log. The clock and the
  /// log must outlive the source.
  FetchedKeys(std::string name, std::function<Result<std::string>()> fetch, Times times,
              const Clock& clock, Log& log);

  std::shared_ptr<const KeySet> Current() override;
  std::shared_ptr<const KeySet> Renewed() override;

 private:
  std::shared_ptr<const KeySet> Within(Clock::Duration age);

  const std::string name_;
  const std::function<Result<std::string>()> fetch_;
  const Times times_;
  const Clock& clock_;
  Log& log_;
  std::mutex fetching_;  // before mutex_
  std::mutex mutex_;     // of all below; held for moments only
  std::shared_ptr<const KeySet> keys_;
  Clock::Instant seen_at_{};
  std::optional<Clock::Instant> looked_at_;
};

}  // namespace portolan::auth
