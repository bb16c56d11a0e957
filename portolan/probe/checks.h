// The parts of an investigation: each asks what it needs and says what it found. One file per
// group.
#pragma once

#include <string>

#include "portolan/async/task.h"
#include "portolan/probe/context.h"

namespace portolan::probe {

/// `/v2/`, the challenge, the connection. The answer, for the caller to see whether there is one.
async::Task<Reply> CheckBase(Context& context);
/// The catalog; finds a repository with tags where none was given.
async::Task<void> CheckCatalog(Context& context);
/// Listing without and with a token, and the token itself.
async::Task<void> CheckTokens(Context& context);
/// The page without `n`, and those behind it: order, size.
async::Task<void> CheckPages(Context& context);
/// What `n` may be. After CheckPages.
async::Task<void> CheckPageNumbers(Context& context);
/// Links and `last`. After CheckPageNumbers.
async::Task<void> CheckCursors(Context& context);
/// Tags, repositories and tokens that are none.
async::Task<void> CheckErrors(Context& context);
/// One manifest and one blob of it, referrers. After CheckPages.
async::Task<void> CheckContent(Context& context);
/// Uploads, manifests, deletions: writes into the target's repository, and takes it away again as
/// far as the registry lets it. `mark` is a tag that nobody else has.
async::Task<void> CheckPushes(Context& context, std::string mark);
/// Extensions, and what all answers together say.
async::Task<void> CheckExtras(Context& context);

}  // namespace portolan::probe
