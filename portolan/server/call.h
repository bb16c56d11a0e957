// One request on its way through the registry.
#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "portolan/auth/access.h"
#include "portolan/dialect/fernet.h"
#include "portolan/http/client.h"
#include "portolan/server/pull_limits.h"
#include "portolan/server/registry.h"
#include "portolan/server/upload_memory.h"
#include "portolan/store/rows.h"
#include "portolan/wire/endpoint.h"

namespace portolan::server {

/// What every handler works with. One per registry.
struct Backend {
  RegistryParts parts;
  RegistryOptions options;
  std::shared_ptr<UploadBudget> budget = nullptr;
  dialect::FernetKey cursor_key{};  ///< of this process, for cursors that nobody can read
  std::unique_ptr<PullLimits> pulls = nullptr;  ///< null: any number is allowed

  store::Storage& storage() { return parts.storage; }
  async::Pool& pool() { return parts.pool; }
};

/// A request that has been understood and allowed. Lives as long as its handler runs.
struct Call {
  http::Request& request;
  wire::Endpoint endpoint;
  wire::Query query;
  auth::Identity identity;
  std::shared_ptr<const auth::AccessRules> rules;  ///< that count for this request
  auth::ActionSet allowed;                         ///< in the endpoint's repository
  std::string tags_set = {};                       ///< by a push, for AuditEvent::tags

  const oci::RepositoryName& repository() const { return *endpoint.repository; }
};

/// Who acts, and when.
store::Actor ActorOf(const Backend& backend, const Call& call);

/// Whether the storage can only answer after waiting: ask it again, with patience, on the pool.
template <typename Value>
bool IsBusy(const Result<Value>& answer) {
  return !answer && answer.error().code == ErrorCode::kBusy;
}

/// A place among the requests that write; refuses where there is none. Movable.
class UploadPermit {
 public:
  /// kTooManyRequests where RegistryOptions::uploads are under way.
  static Result<UploadPermit> Take(Backend& backend);
  UploadPermit(UploadPermit&& other) noexcept : backend_(std::exchange(other.backend_, nullptr)) {}
  UploadPermit& operator=(UploadPermit&& other) noexcept {
    std::swap(backend_, other.backend_);
    return *this;
  }
  ~UploadPermit() {
    if (backend_ != nullptr) backend_->budget->writing.fetch_sub(1);
  }

 private:
  explicit UploadPermit(Backend& backend) : backend_(&backend) {}
  Backend* backend_;
};

}  // namespace portolan::server
