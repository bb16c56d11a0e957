// A registry as a process: everything that its settings say, built in the right order and taken
// down in the reverse.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "portolan/admin/server_log.h"
#include "portolan/base/clock.h"
#include "portolan/base/environment.h"
#include "portolan/base/files.h"
#include "portolan/base/random.h"
#include "portolan/base/result.h"
#include "portolan/settings/settings.h"

namespace portolan::admin {

/// What a registry needs of the machine. All of it outlives the process.
struct Machine {
  Files& files;
  const Clock& clock;
  Random& random;
  ServerLog& log;
  const Environment& environment;  ///< for proxies, where keys are fetched
};

class RegistryProcess {
 public:
  virtual ~RegistryProcess() = default;  ///< stops at once

  /// `http://127.0.0.1:5000`, one an address.
  virtual std::vector<std::string> urls() const = 0;
  /// Of metrics; empty without them.
  virtual std::vector<std::string> metrics_urls() const = 0;
  /// Lets requests under way end (ServerLimits::drain_timeout), then closes everything.
  virtual void Stop() = 0;
  /// Opens the files of the access log and the audit log anew, after they were rotated.
  virtual void ReopenLogs() = 0;
  /// Takes the access rules of changed settings; requests under way keep those with which they
  /// began. Everything else that is set counts at the next start. Errors of AccessRules::Make;
  /// then the rules of before stay.
  virtual Status Reload(const settings::ServerSettings& settings) = 0;
};

/// Opens the storage and starts to serve. `sockets`: handed over, used instead of `listen` where
/// not empty. Errors of Storage::Open, NewHtpasswdAuthenticator, http::StartServer and
/// AccessLog::ToFile.
Result<std::unique_ptr<RegistryProcess>> StartRegistry(const settings::ServerSettings& settings,
                                                       std::vector<int> sockets,
                                                       const Machine& machine);

/// A token service alone, without a storage: `auth.token.keys` must be set. Errors of the parts as
/// above, and kConfigInvalid.
Result<std::unique_ptr<RegistryProcess>> StartTokenService(const settings::ServerSettings& settings,
                                                           std::vector<int> sockets,
                                                           const Machine& machine);

}  // namespace portolan::admin
