// Property: a profile that can be read is written and read as the same, and gives a client and a
// server something to go by; anything else is an error that says what is wrong.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <string_view>

#include "portolan/dialect/profile_file.h"

namespace {

void Check(bool holds) {
  if (!holds) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace portolan::dialect;
  const auto profile = ReadProfileFile({reinterpret_cast<const char*>(data), size});
  if (!profile) {
    Check(profile.error().code == portolan::ErrorCode::kConfigInvalid);
    Check(!profile.error().message.empty());
    return 0;
  }
  const auto again = ReadProfileFile(WriteProfileFile(*profile));
  Check(again && again->like == profile->like && again->answers == profile->answers);
  const Profile client = ClientProfile(*profile);
  Check(client.page_size >= 0 && client.max_page_size >= 0);
  Check(client.max_page_size == 0 || client.page_size <= client.max_page_size);
  const auto served = ServeProfile(*profile);
  const std::optional<std::string_view> numbers[] = {
      std::nullopt, "", "0", "1", "-1", "abc", "99999999999999999999"};
  for (const auto& n : numbers) {
    const std::optional<PageSize> page = served->served.tags.size(n);
    Check(!page || page->shown >= 0);
  }
  Check(served->served.tokens.path.empty() || served->served.tokens.path.starts_with('/'));
  return 0;
}
