#include "portolan/server/call.h"

#include <fmt/format.h>

namespace portolan::server {

store::Actor ActorOf(const Backend& backend, const Call& call) {
  return store::Actor{.principal = call.identity.name, .now = backend.parts.clock.WallNow()};
}

Result<UploadPermit> UploadPermit::Take(Backend& backend) {
  if (backend.writing.fetch_add(1) < backend.options.uploads) return UploadPermit(backend);
  backend.writing.fetch_sub(1);
  return Fail(ErrorCode::kTooManyRequests,
              fmt::format("{} uploads are under way, which is the limit of this registry",
                          backend.options.uploads),
              "try again in a moment");
}

}  // namespace portolan::server
