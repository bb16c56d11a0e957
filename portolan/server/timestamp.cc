#include "portolan/server/timestamp.h"

#include <ctime>

#include <fmt/chrono.h>
#include <fmt/format.h>

namespace portolan::server {

std::string Timestamp(store::Millis millis) {
  const auto seconds = static_cast<std::time_t>(millis / 1000);
  return fmt::format("{:%Y-%m-%dT%H:%M:%S}.{:03}Z", fmt::gmtime(seconds), millis % 1000);
}

}  // namespace portolan::server
