// What parses has users that a Basic field can name, none of which access rules mean others by; a
// message never shows a hash.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "portolan/auth/htpasswd.h"

namespace {

void Check(bool holds) {
  if (!holds) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto file = portolan::auth::Htpasswd::Parse(text, "users");
  if (!file) {
    Check(file.error().code == portolan::ErrorCode::kConfigInvalid);
    Check(file.error().message.starts_with("users:"));
    // The one message that shows anything shows a user.
    Check(!file.error().message.contains("$2b$") || file.error().message.ends_with(" again"));
    return 0;
  }
  Check(!file->Has("") && !file->Has("*") && !file->Has("anonymous"));
  const auto lines = static_cast<std::size_t>(std::ranges::count(text, '\n')) + 1;
  Check(file->size() <= lines);
  // The same lines once more are users that are there twice.
  Check(file->size() == 0 ||
        !portolan::auth::Htpasswd::Parse(std::string(text) + "\n" + std::string(text), "users"));
  return 0;
}
