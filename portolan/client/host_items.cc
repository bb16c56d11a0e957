#include "portolan/client/host_items.h"

#include <algorithm>
#include <cstddef>
#include <utility>

#include <fmt/format.h>

#include "portolan/base/log.h"
#include "portolan/base/text.h"

namespace portolan::client {

HostItems::HostItems(const Environment& environment, const char* variable, std::string_view hint)
    : variable_(variable), hint_(hint), items_(environment.Get(variable).value_or("")) {}

Result<std::optional<HostItem>> HostItems::Next() {
  while (!rest_.empty()) {
    const std::size_t end = std::min(rest_.find(','), rest_.size());
    const std::string_view item = TrimSpace(rest_.substr(0, end));
    rest_.remove_prefix(std::min(end + 1, rest_.size()));
    if (item.empty()) continue;
    const std::size_t equals = item.find('=');
    if (equals == std::string_view::npos) return Malformed(item);
    Result<oci::RegistryName> host = oci::RegistryName::Parse(item.substr(0, equals));
    if (!host) return Malformed(item);
    return std::optional(
        HostItem{.text = item, .host = *std::move(host), .value = item.substr(equals + 1)});
  }
  return std::optional<HostItem>();
}

Error HostItems::Malformed(std::string_view item) const {
  return Fail(ErrorCode::kConfigInvalid,
              fmt::format("{}: \"{}\" is not understood", variable_, Printable(item)),
              std::string(hint_));
}

}  // namespace portolan::client
