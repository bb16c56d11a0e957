// What of a request belongs into the audit log.
#pragma once

#include <string_view>

#include "portolan/base/error.h"
#include "portolan/server/audit_log.h"
#include "portolan/server/call.h"
#include "portolan/server/routes.h"
#include "portolan/server/token_request.h"

namespace portolan::server {

/// Notes a request that has been answered with `status`, if it has changed what others see
/// (manifests, tags, blobs that were deleted) or was refused that by somebody who is known. Uploads
/// are not noted: what they bring is nothing before a manifest names it. Null: there is no log.
void AuditRequest(AuditLog* log, const Route& route, const Call& call, int status);

/// A token that was given out.
struct TokenGiven {
  std::string_view who;
  std::string_view peer;
  std::string_view service;
  std::string_view scope;    ///< what it grants
  bool new_refresh = false;  ///< with a refresh token, which is a line of its own
};
/// Notes it if it has a name: of anonymous pulls, each of which takes a token, nobody could read
/// the lines.
void AuditToken(AuditLog* log, const TokenGiven& given);

/// Notes a request for a token whose proof was `refused`, unless the failure is our own, or
/// Identify has noted that it must wait.
void AuditRefusedProof(AuditLog* log, const TokenAsked& asked, const http::Request& request,
                       const Error& refused);

}  // namespace portolan::server
