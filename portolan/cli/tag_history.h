// What happened to a repository's tags, asked of a registry that keeps it (the extension
// `_portolan`).
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "portolan/async/task.h"
#include "portolan/base/limits.h"
#include "portolan/base/result.h"
#include "portolan/client/registries.h"

namespace portolan::cli {

/// One event, as the registry tells it; texts may hold anything.
struct TagEvent {
  std::int64_t id = 0;
  std::string tag;
  std::string at;      ///< RFC 3339
  std::string by;      ///< user; empty: anonymous
  std::string before;  ///< digest; empty: the tag did not exist
  std::string after;   ///< digest; empty: the tag was deleted
  bool restorable = false;
};

/// Gives the events of a tag (empty: of all), newest first, page by page, `limit` at most. `raw` is
/// the event's JSON. kNameUnknown for an unknown repository; kUnsupported for a registry that has
/// no such history; kProtocol for an answer that cannot be understood; and all of Registries::Send.
async::Task<Status> ListTagEvents(
    client::Registries& registries, const client::Target& target, const std::string& tag,
    std::size_t limit, const Limits& limits,
    std::function<Status(const TagEvent& event, const std::string& raw)> sink);

/// Sets a tag back to `digest` (empty: to what it was before its last event); gives the digest.
/// Errors as above, and kManifestUnknown, kDenied.
async::Task<Result<std::string>> RestoreTag(client::Registries& registries,
                                            const client::Target& target, const std::string& tag,
                                            const std::string& digest, const Limits& limits);

}  // namespace portolan::cli
