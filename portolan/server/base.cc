// `/v2/` and the extensions that this registry offers.
#include <string>

#include "portolan/server/dialect_reply.h"
#include "portolan/server/handlers.h"
#include "portolan/server/login.h"
#include "portolan/server/reply.h"

namespace portolan::server {

namespace {

http::Response BaseInDialect(Backend& backend, Call& call) {
  const dialect::Served& served = *backend.parts.served;
  if (!BringsProof(backend, call)) {
    return InDialect(backend, call.request,
                     Fail(ErrorCode::kUnauthorized, "authentication required"),
                     {.endpoint = &call.endpoint});
  }
  http::Response response = JsonReply(200, std::string(served.base_body), served.base_content_type);
  if (served.challenge_with_base) {
    const std::string origin = OriginOf(backend.options, call.request);
    response.headers.Add("WWW-Authenticate",
                         backend.parts.authenticator.ChallengeFor({.origin = origin}));
  }
  return response;
}

}  // namespace

// Clients learn from it how to prove who they are, and ask it without credentials to begin with:
// where names can be proved it asks for one, also where others may pull.
Answer GetBase(Backend& backend, Call& call) {
  if (backend.parts.served != nullptr) co_return BaseInDialect(backend, call);
  const std::string challenge = backend.parts.authenticator.ChallengeFor(
      {.origin = OriginOf(backend.options, call.request), .scope = {}, .error = {}});
  if (!challenge.empty() && call.request.headers.Get("Authorization").empty()) {
    http::Response response = ErrorReply(Fail(ErrorCode::kUnauthorized, "authentication required"));
    response.headers.Add("WWW-Authenticate", challenge);
    co_return response;
  }
  co_return JsonReply(200, "{}");
}

// Spec: extensions/_oci.md.
Answer GetExtensions(Backend&, Call&) {
  co_return JsonReply(
      200,
      R"({"extensions":[{"name":"_oci","url":"https://github.com/opencontainers/distribution-spec/blob/main/extensions/_oci.md",)"
      R"("description":"Discovery of extensions","endpoints":["_oci/ext/discover"]},)"
      R"({"name":"_portolan","description":"History of tags, and their restoration",)"
      R"("endpoints":["_portolan/tags/history","_portolan/tags/restore"]}]})");
}

}  // namespace portolan::server
