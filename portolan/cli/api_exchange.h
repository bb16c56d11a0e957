// The exchange that `portolan api` makes and shows.
#pragma once

#include "portolan/async/task.h"
#include "portolan/base/limits.h"
#include "portolan/base/result.h"
#include "portolan/cli/terminal.h"
#include "portolan/client/registries.h"

namespace portolan::cli {

struct ApiExchange {
  client::Target target;
  client::RawRequest request;
  bool show_head = false;  ///< status line and fields before each body
  bool paginate = false;   ///< go on along the Links
};

/// Sends the request, and writes every answer to standard output as it comes in, never holding a
/// whole body. An answer of 400 and above is written like any other and then gives its Error
/// (wire::ToError). kUsage if binary data would go to a terminal. All arguments must outlive the
/// task.
async::Task<Status> RunApiExchange(client::Registries& registries, const ApiExchange& exchange,
                                   Terminal& terminal, const Limits& limits);

}  // namespace portolan::cli
