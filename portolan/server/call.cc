#include "portolan/server/call.h"

#include <fmt/format.h>

namespace portolan::server {

store::Actor ActorOf(const Backend& backend, const Call& call) {
  return store::Actor{.principal = call.identity.name, .now = backend.parts.clock.WallNow()};
}

Result<UploadPermit> UploadPermit::Take(Backend& backend) {
  // Never more than there are, not even for a moment: another that has its place would be refused.
  std::atomic<int>& under_way = backend.budget->writing;
  int writing = under_way.load();
  while (writing < backend.options.uploads) {
    if (under_way.compare_exchange_weak(writing, writing + 1)) return UploadPermit(backend);
  }
  return Fail(ErrorCode::kTooManyRequests,
              fmt::format("{} uploads are under way, which is the limit of this registry",
                          backend.options.uploads),
              "try again in a moment");
}

}  // namespace portolan::server
