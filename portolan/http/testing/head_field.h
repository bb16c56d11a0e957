// A field of a raw head.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace portolan::http {

/// The first field of this name in the text of a head (its first line is skipped), without spaces
/// at its ends.
std::optional<std::string> HeadField(std::string_view head, std::string_view name);

}  // namespace portolan::http
