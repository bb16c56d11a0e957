#include "portolan/auth/key_source.h"

#include <utility>

#include <fmt/format.h>

namespace portolan::auth {

FetchedKeys::FetchedKeys(std::string name, std::function<Result<std::string>()> fetch, Times times,
                         const Clock& clock, Log& log)
    : name_(std::move(name)), fetch_(std::move(fetch)), times_(times), clock_(clock), log_(log) {}

std::shared_ptr<const KeySet> FetchedKeys::Within(Clock::Duration age) {
  const std::lock_guard lock(mutex_);
  return keys_ && clock_.Now() - seen_at_ <= age ? keys_ : nullptr;
}

std::shared_ptr<const KeySet> FetchedKeys::Current() { return Within(times_.max_age); }

std::shared_ptr<const KeySet> FetchedKeys::Renewed() {
  const std::lock_guard one_at_a_time(fetching_);
  {
    const std::lock_guard lock(mutex_);
    const bool due = !looked_at_ || clock_.Now() - *looked_at_ >= times_.min_interval;
    if (due) looked_at_ = clock_.Now();
    if (!due) return keys_ && clock_.Now() - seen_at_ <= times_.max_stale ? keys_ : nullptr;
  }
  Result<KeySet> fetched = [this]() -> Result<KeySet> {
    PORTOLAN_TRY(const std::string text, fetch_());
    return KeySet::FromJwks(text);
  }();
  if (!fetched) {
    log_.Warn(fmt::format("the keys of {}: {}; those of before stay for now", name_,
                          fetched.error().message));
    return Within(times_.max_stale);
  }
  auto keys = std::make_shared<const KeySet>(*std::move(fetched));
  const std::lock_guard lock(mutex_);
  keys_ = keys;
  seen_at_ = clock_.Now();
  return keys;
}

}  // namespace portolan::auth
