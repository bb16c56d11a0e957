// Dates as the registry writes them.
#pragma once

#include <string>

#include "portolan/store/rows.h"

namespace portolan::server {

/// `2026-11-25T08:00:00.000Z`: RFC 3339 with milliseconds, UTC.
std::string Timestamp(store::Millis millis);

}  // namespace portolan::server
