// The registry: answers the V2 API from a Storage. Spec: OCI Distribution.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "portolan/async/pool.h"
#include "portolan/auth/access.h"
#include "portolan/auth/accounts.h"
#include "portolan/auth/authenticator.h"
#include "portolan/auth/current_rules.h"
#include "portolan/auth/login_limiter.h"
#include "portolan/base/clock.h"
#include "portolan/base/log.h"
#include "portolan/base/random.h"
#include "portolan/dialect/served.h"
#include "portolan/http/client.h"
#include "portolan/store/storage.h"

namespace portolan::server {

class AuditLog;
struct UploadBudget;
class BlobSeals;

struct RegistryOptions {
  std::size_t manifest_size = 8U << 20U;     ///< bytes of a manifest: 413 beyond; at least 4 MiB
  std::uint64_t blob_size = 0;               ///< bytes of a blob: 413 beyond; 0: no limit
  int uploads = 1000;                        ///< requests that write at once; more get 429
  std::uint64_t upload_memory = 64U << 20U;  ///< bytes that they hold beyond 128 KiB each; see
                                             ///< UploadMemory
  std::uint64_t upload_sessions = 10'000;    ///< open at once; more get 429
  int tags_per_push = 64;                    ///< `tag` parameters of one manifest: 414 beyond
  std::size_t page_size =
      10'000;                   ///< entries of one page at most, and of the catalog's default page
  bool sparse_indexes = false;  ///< manifests may refer to what is not there
  bool read_only = false;       ///< everything that changes something gets 405
  std::optional<int>
      pull_limit;            ///< of each client, in a dialect's window; 0: none; absent: its own
  std::string blob_origin;   ///< `http://blobs.example`: where RegistryParts::seals count
  std::string external_url;  ///< `https://registry.example`: before paths in Location and Link;
                             ///< empty: paths alone
};

/// What a registry is made of. All of it outlives the registry.
struct RegistryParts {
  store::Storage& storage;
  auth::Authenticator& authenticator;
  const auth::CurrentRules& rules;
  async::Pool& login_pool;  ///< for password hashes
  async::Pool& pool;        ///< for all else that blocks: disk, commits
  const Clock& clock;
  Log& log;
  /// Shared with the token service; null: the registry has one of its own.
  std::shared_ptr<auth::LoginLimiter> login_limiter = nullptr;
  /// Shared by registries in front of one storage; null: one of its own.
  std::shared_ptr<UploadBudget> upload_budget = nullptr;
  AuditLog* audit = nullptr;               ///< null: nothing is noted
  http::Service* token_service = nullptr;  ///< answers `/token` and `/.well-known/…`; may be null
  /// The registry that this one stands in for; null: none, our own ways. Its `authenticator` and
  /// `token_service` are DialectTokens' then.
  const dialect::Served* served = nullptr;
  Random* random = nullptr;            ///< not null with `served`
  auth::Accounts* accounts = nullptr;  ///< of those to whom a vendor's own API gives tokens; may be
                                       ///< null
  /// Where it is found among others on its host: `/hub` for `/v2/hub/…`, and `/hub/…` for tokens
  /// and the vendor's own API. Empty: it has the host for itself.
  std::string path = {};
  /// With which dialects send clients elsewhere for blobs; null: they give them themselves.
  BlobSeals* seals = nullptr;
};

/// A service that is a registry: `/v2/…`, and `/healthz` and `/readyz`. Thread-safe, as
/// http::StartServer needs it. Every error is the specification's JSON.
std::unique_ptr<http::Service> NewRegistry(const RegistryParts& parts, RegistryOptions options);

}  // namespace portolan::server
