// What operators ask, on an address of its own: `/healthz`, `/readyz`, `/metrics`.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "portolan/http/client.h"
#include "portolan/server/metrics.h"

namespace portolan::server {

/// `samples` is called for each `/metrics`, on a loop's thread; `ready` for each `/readyz`. Both
/// must outlive the service, as must `metrics`.
std::unique_ptr<http::Service> NewOperations(const Metrics& metrics,
                                             std::function<std::vector<Sample>()> samples,
                                             std::function<bool()> ready);

}  // namespace portolan::server
