// The rules that count at this moment.
#pragma once

#include <memory>
#include <utility>

#include "portolan/auth/access.h"
#include "portolan/base/guarded.h"

namespace portolan::auth {

/// Rules that can be replaced while requests are decided: each request keeps those with which it
/// began. Safe to use from several threads.
class CurrentRules {
 public:
  explicit CurrentRules(AccessRules rules)
      : rules_(std::make_shared<const AccessRules>(std::move(rules))) {}

  std::shared_ptr<const AccessRules> Get() const { return *rules_.Lock(); }
  void Set(AccessRules rules) {
    auto next = std::make_shared<const AccessRules>(std::move(rules));
    std::swap(*rules_.Lock(), next);  // the old ones go outside the lock
  }

 private:
  mutable Guarded<std::shared_ptr<const AccessRules>> rules_;
};

}  // namespace portolan::auth
