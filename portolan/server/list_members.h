// What some registries tell in a list of tags beside the tags.
#pragma once

#include <string>

#include "portolan/base/result.h"
#include "portolan/server/call.h"

namespace portolan::server {

/// The members of the dialect's own, of what the asker may pull: at most 1,000 manifests, those
/// that came last, and 1,000 repositories below. Blocks: call it on a pool. kNameUnknown.
Result<std::string> ListMembers(Backend& backend, const Call& call);

}  // namespace portolan::server
