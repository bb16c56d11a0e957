#include "portolan/http/testing/head_field.h"

#include "portolan/base/text.h"

namespace portolan::http {

std::optional<std::string> HeadField(std::string_view head, std::string_view name) {
  for (std::size_t at = head.find("\r\n"); at != std::string_view::npos;
       at = head.find("\r\n", at + 2)) {
    const std::string_view line = head.substr(at + 2, head.find("\r\n", at + 2) - at - 2);
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos || !EqualsIgnoreCase(line.substr(0, colon), name)) continue;
    return std::string(TrimSpace(line.substr(colon + 1)));
  }
  return std::nullopt;
}

}  // namespace portolan::http
