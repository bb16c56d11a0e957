// A second address that blobs are given from, as the content networks behind other registries do.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "portolan/async/pool.h"
#include "portolan/base/clock.h"
#include "portolan/base/log.h"
#include "portolan/base/random.h"
#include "portolan/base/result.h"
#include "portolan/dialect/fernet.h"
#include "portolan/http/client.h"
#include "portolan/oci/reference.h"
#include "portolan/store/storage.h"

namespace portolan::server {

/// What a request for a blob's content needs.
struct BlobAsked {
  store::Storage& storage;
  async::Pool& pool;
  const oci::RepositoryName& repository;
  const oci::Digest& digest;
  const http::Request& request;
  std::string_view cache_control;
};
/// The blob, whole or the parts that the request's fields want. Errors of Storage::GetBlob.
async::Task<Result<http::Response>> GiveBlob(const BlobAsked& asked);

/// Seals, each of which lets whoever has it take one blob for kLifetime. Made with a key of this
/// process. Thread-safe.
class BlobSeals {
 public:
  static constexpr std::chrono::seconds kLifetime = std::chrono::minutes(5);

  /// Both must outlive it.
  BlobSeals(const Clock& clock, Random& random);

  std::string Make(const oci::RepositoryName& repository, const oci::Digest& digest);
  /// What a seal is for. kDenied for what is none, or no longer.
  Result<std::pair<oci::RepositoryName, oci::Digest>> Open(std::string_view seal) const;

 private:
  const Clock& clock_;
  Random& random_;
  dialect::FernetKey key_{};
};

/// Gives blobs to those who have a seal, in one of the parameters that the dialects have for it. As
/// those networks do, it takes no other authorization: a request with an Authorization field gets
/// 400, one without a good seal 403. All must outlive the service.
std::unique_ptr<http::Service> NewBlobOrigin(store::Storage& storage, async::Pool& pool,
                                             const BlobSeals& seals, Log& log);

}  // namespace portolan::server
