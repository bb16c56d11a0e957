// Pages of listings. Spec: "Listing Tags".
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "portolan/base/result.h"
#include "portolan/server/call.h"

namespace portolan::server {

/// `n` of the query; empty where there is none. kPaginationNumberInvalid for text that is no number
/// from 0 up; a number beyond all bounds is as good as the largest page.
Result<std::optional<std::size_t>> PageSizeOf(const Call& call);
/// That error.
Error PageNumberInvalid(const Call& call);
/// Where a listing by row goes on: the parameter `name`, which a Link of ours holds; 0 where there
/// is none. kPaginationNumberInvalid for anything but a number from `min` up.
Result<std::int64_t> CursorOf(const Call& call, std::string_view name, std::int64_t min);

}  // namespace portolan::server
