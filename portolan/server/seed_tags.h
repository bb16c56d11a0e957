// Repositories with tags of given names, made without a push: for tests of clients.
#pragma once

#include <string_view>

#include "portolan/base/clock.h"
#include "portolan/base/result.h"
#include "portolan/store/storage.h"

namespace portolan::server {

/// Makes tags by a text of lines `repository tag` (empty lines and those that begin with `#` do not
/// count), in the order of a repository's lines. All of them name one small image. Tags that are
/// there stay what they are. kConfigInvalid naming the line; then nothing was made. Blocks.
Status SeedTags(store::Storage& storage, std::string_view text, const Clock& clock);

}  // namespace portolan::server
