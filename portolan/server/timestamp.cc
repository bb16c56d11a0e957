#include "portolan/server/timestamp.h"

#include <fmt/format.h>

#include "portolan/base/date.h"

namespace portolan::server {

std::string Timestamp(store::Millis millis) {
  std::string text = FormatDate(store::FromMillis(millis));
  text.pop_back();  // its Z
  return fmt::format("{}.{:03}Z", text, millis % 1000);
}

}  // namespace portolan::server
