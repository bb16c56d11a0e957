// What every process of this room that serves needs.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "portolan/base/clock.h"
#include "portolan/base/result.h"
#include "portolan/http/server.h"
#include "portolan/server/access_log.h"
#include "portolan/server/audit_log.h"
#include "portolan/settings/settings.h"

namespace portolan::admin {

/// Null where the settings want none. Errors of AccessLog::ToFile.
Result<std::unique_ptr<server::AccessLog>> AccessLogOf(const settings::ServerSettings& settings,
                                                       const Clock& clock);

/// Null where the settings want none. Errors of AuditLog::Open.
Result<std::unique_ptr<server::AuditLog>> AuditLogOf(const settings::ServerSettings& settings,
                                                     const Clock& clock);

/// Where and how to take connections. `sockets`: handed over, used instead of `listen`.
http::ServerOptions ServerOptionsOf(const settings::ServerSettings& settings,
                                    std::vector<int> sockets);

/// `http://127.0.0.1:5000`, one an address.
std::vector<std::string> UrlsOf(const http::Server& server, std::string_view scheme);

}  // namespace portolan::admin
