// One registry as its clients see it: whose ways it has, where its tokens come from. Several may
// stand before one storage.
#pragma once

#include <memory>
#include <string>

#include "portolan/admin/auth_sources.h"
#include "portolan/admin/registry_process.h"
#include "portolan/async/pool.h"
#include "portolan/auth/current_rules.h"
#include "portolan/auth/key.h"
#include "portolan/server/audit_log.h"
#include "portolan/server/blob_origin.h"
#include "portolan/store/storage.h"

namespace portolan::admin {

/// What a registry's fronts share. All of it outlives Fronts.
struct FrontSurroundings {
  store::Storage& storage;
  AuthSources& sources;
  const auth::CurrentRules& rules;
  async::Pool& login_pool;
  async::Pool& pool;
  server::AuditLog* audit;   ///< may be null
  server::BlobSeals* seals;  ///< may be null
  std::string blob_origin;   ///< where they count
};

/// All of a process's registries.
class Fronts {
 public:
  /// By the settings' `dialect` and `hosts`. Errors of TokenParts::Make and SigningKey::Generate.
  static Result<std::unique_ptr<Fronts>> Make(const settings::ServerSettings& settings,
                                              const Machine& machine,
                                              const FrontSurroundings& around);
  virtual ~Fronts() = default;

  /// Answers every request.
  virtual http::Service& service() = 0;
};

}  // namespace portolan::admin
