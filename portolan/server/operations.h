// What operators ask, on an address of its own: `/healthz`, `/readyz`, `/metrics`, and `/faults`
// where a registry can make them.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "portolan/http/client.h"
#include "portolan/server/faults.h"
#include "portolan/server/metrics.h"

namespace portolan::server {

/// `samples` is called for each `/metrics`, on a loop's thread; `ready` for each `/readyz`. Both
/// must outlive the service, as must `metrics`. `faults` (null: none can be made) are told by GET
/// /faults, replaced by PUT with lines of their texts, and removed by DELETE.
std::unique_ptr<http::Service> NewOperations(const Metrics& metrics,
                                             std::function<std::vector<Sample>()> samples,
                                             std::function<bool()> ready, Faults* faults = nullptr);

}  // namespace portolan::server
