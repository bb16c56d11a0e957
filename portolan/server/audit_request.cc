#include "portolan/server/audit_request.h"

#include <string>

#include "portolan/auth/basic.h"

namespace portolan::server {
namespace {

// Empty: nothing that is noted.
std::string_view EventOf(const Route& route, const wire::Endpoint& endpoint) {
  const bool deletes = route.method == wire::Method::kDelete;
  switch (route.resource) {
    case wire::Resource::kManifest:
      if (route.method == wire::Method::kPut) return "manifest.push";
      if (!deletes) return "";
      return endpoint.tag ? "tag.delete" : "manifest.delete";
    case wire::Resource::kBlob:
      return deletes ? "blob.delete" : "";
    case wire::Resource::kTagRestore:
      return route.writes ? "tag.restore" : "";
    default:
      return "";
  }
}

}  // namespace

void AuditRequest(AuditLog* log, const Route& route, const Call& call, int status) {
  if (log == nullptr) return;
  const std::string_view event = EventOf(route, call.endpoint);
  const bool done = status < 300;
  const bool refused = (status == 401 || status == 403) && !call.identity.anonymous();
  if (event.empty() || (!done && !refused)) return;
  std::string subject;
  if (call.endpoint.tag) subject = call.endpoint.tag->text();
  if (call.endpoint.digest) subject = call.endpoint.digest->text();
  if (subject.empty()) subject = call.query.Get("tag").value_or("");
  log->Write({.event = event,
              .outcome = done ? "done" : "refused",
              .who = call.identity.name,
              .peer = call.request.peer_address,
              .repository = call.repository().text(),
              .subject = subject,
              .scope = {},
              .tags = call.tags_set,
              .reason = done ? std::string_view() : "not allowed"});
}

void AuditToken(AuditLog* log, const TokenGiven& given) {
  if (log == nullptr || given.who.empty()) return;
  AuditEvent event{.event = "token.issue",
                   .outcome = "done",
                   .who = given.who,
                   .peer = given.peer,
                   .subject = given.service,
                   .scope = given.scope};
  log->Write(event);
  if (!given.new_refresh) return;
  event.event = "refresh_token.issue";
  event.scope = {};
  log->Write(event);
}

void AuditRefusedProof(AuditLog* log, const TokenAsked& asked, const http::Request& request,
                       const Error& refused) {
  if (log == nullptr || refused.code != ErrorCode::kUnauthorized) return;
  std::string who = asked.user;
  if (asked.proof == TokenAsked::Proof::kField) {
    const auto basic = auth::ParseBasic(request.headers.Get("Authorization"));
    if (basic) who = basic->user;
  }
  log->Write({.event = "token.refuse",
              .outcome = "refused",
              .who = who,
              .peer = request.peer_address,
              .subject = asked.service,
              .reason = refused.message});
}

}  // namespace portolan::server
