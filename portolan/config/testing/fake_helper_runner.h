// Credential helpers in memory.
#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "portolan/config/credentials.h"

namespace portolan::config {

/// Speaks the helper protocol. Helpers that are in no map are not on PATH.
class FakeHelperRunner final : public HelperRunner {
 public:
  using Account = std::pair<std::string, std::string>;  ///< user name, secret

  /// helper → server → account
  std::map<std::string, std::map<std::string, Account>> held;
  /// Helpers that answer every call with this.
  std::map<std::string, Output> scripted;
  /// Helpers that were interrupted while they ran.
  std::set<std::string> interrupted;
  /// Every call: "pass get quay.io"; of `store` without the input.
  std::vector<std::string> calls;

  Result<Output> Run(const std::string& name, const std::string& action,
                     const std::string& input) override;

  /// Passes every call on to this object, which must outlive it.
  std::unique_ptr<HelperRunner> NewHandle();
};

}  // namespace portolan::config
