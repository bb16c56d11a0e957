// What of a request belongs into the audit log.
#pragma once

#include "portolan/server/audit_log.h"
#include "portolan/server/call.h"
#include "portolan/server/routes.h"

namespace portolan::server {

/// Notes a request that has been answered with `status`, if it has changed what others see
/// (manifests, tags, blobs that were deleted) or was refused that by somebody who is known. Uploads
/// are not noted: what they bring is nothing before a manifest names it. Null: there is no log.
void AuditRequest(AuditLog* log, const Route& route, const Call& call, int status);

/// Notes a login that must wait.
void AuditLimit(AuditLog* log, const http::Request& request);

}  // namespace portolan::server
