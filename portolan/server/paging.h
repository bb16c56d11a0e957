// Pages of listings. Spec: "Listing Tags".
#pragma once

#include <cstddef>
#include <optional>

#include "portolan/base/result.h"
#include "portolan/server/call.h"

namespace portolan::server {

/// `n` of the query; empty where there is none. kPaginationNumberInvalid for text that is no number
/// from 0 up; a number beyond all bounds is as good as the largest page.
Result<std::optional<std::size_t>> PageSizeOf(const Call& call);

}  // namespace portolan::server
