// Tags and repositories, page by page, from registries that each page in their own way.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "portolan/async/task.h"
#include "portolan/base/limits.h"
#include "portolan/base/log.h"
#include "portolan/base/result.h"
#include "portolan/client/session.h"
#include "portolan/repo/repository.h"

namespace portolan::client {

/// What is listed. The functions must outlive the listing.
struct Listing {
  std::string name;         ///< for pages and messages: `docker.io/library/ubuntu`
  std::string what;         ///< "tags of docker.io/library/ubuntu"
  std::string_view member;  ///< of the JSON object: "tags"
  std::vector<std::string> scopes;
  bool eager = false;  ///< as SessionRequest's
  /// The path of the first page, with `n` if given.
  std::function<std::string(std::optional<int> n)> path;
  bool (*is_valid)(std::string_view item) = nullptr;
  bool drop_digests = false;     ///< digests among tags are nobody's tags (Artifactory)
  std::string_view access_hint;  ///< beyond what the status says
};

/// Reads the whole listing through `session` by the rules of client-landscape §2d, 5 to 10, and
/// gives each page to `sink`. An Error may come after pages were given. Both references must
/// outlive the task.
async::Task<Result<repo::ListSummary>> List(Session& session, Log& log, const Limits& limits,
                                            const Listing& listing,
                                            const repo::ListOptions& options, repo::PageSink sink);

}  // namespace portolan::client
