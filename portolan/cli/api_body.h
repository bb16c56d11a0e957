// What `portolan api --data` sends.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "portolan/base/result.h"
#include "portolan/cli/terminal.h"
#include "portolan/http/body.h"

namespace portolan::cli {

/// What is read into memory at most: standard input, or a pipe. Regular files have no limit.
inline constexpr std::size_t kMaxBufferedBody = 64U << 20U;

struct RequestBody {
  http::BodyFactory factory;
  std::uint64_t length = 0;
};

/// `@file`, `@-` (all of standard input), or the text itself. A regular file is opened anew and
/// read piece by piece each time that the request is sent; anything else is read now, once. kIo
/// naming the path and the reason, kTooLarge. While it is sent: kIo if the file has changed its
/// length.
Result<RequestBody> OpenRequestBody(std::string_view data, Terminal& terminal);

}  // namespace portolan::cli
