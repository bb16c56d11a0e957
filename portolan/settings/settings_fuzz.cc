// A file of settings: whatever it holds, there are settings that a registry can start with, or an
// error that says so.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "portolan/settings/settings.h"

namespace {

void Check(bool holds) {
  if (!holds) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  portolan::MemoryFiles files;
  files.files["f"] = {.content = std::string(data, data + size)};
  const auto settings = portolan::settings::LoadSettings("f", {.home = "/h", .uid = 1}, {}, files);
  if (!settings) {
    Check(settings.error().code == portolan::ErrorCode::kConfigInvalid);
    Check(!settings.error().message.empty());
    return 0;
  }
  Check(!settings->listen.empty() && !settings->root.empty() && !settings->auth.rules.empty());
  Check(portolan::auth::AccessRules::Make(settings->auth.rules).has_value());
  Check(settings->limits.manifest_size >= 4U << 20U);
  Check(!settings->tls || (!settings->tls->certificate.empty() && !settings->tls->key.empty()));
  return 0;
}
