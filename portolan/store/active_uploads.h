// Which uploads a request writes to at this moment.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <unordered_set>

#include "portolan/base/guarded.h"

namespace portolan::store {

/// Gives each upload to one holder at a time: a request that writes, or the collector that removes.
/// Thread-safe.
class ActiveUploads {
 public:
  /// Gives the upload back at its end, on any thread. Must not outlive the ActiveUploads.
  class Hold {
   public:
    Hold(Hold&& other) noexcept = default;
    Hold& operator=(Hold&& other) = delete;
    ~Hold() {
      if (owner_ != nullptr) owner_->ids_.Lock()->erase(id_);
    }

   private:
    friend class ActiveUploads;
    struct Nothing {
      void operator()(ActiveUploads*) const {}
    };
    Hold(ActiveUploads& owner, std::string id) : owner_(&owner), id_(std::move(id)) {}
    std::unique_ptr<ActiveUploads, Nothing> owner_;  // null once moved away
    std::string id_;
  };

  /// Empty if somebody has it.
  std::optional<Hold> Take(const std::string& id) {
    if (!ids_.Lock()->insert(id).second) return std::nullopt;
    return Hold(*this, id);
  }

 private:
  Guarded<std::unordered_set<std::string>> ids_;
};

}  // namespace portolan::store
