// Property: an accepted token can stand in a header field, and is used for at least a minute and at
// most a day.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "portolan/wire/token.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using std::chrono::seconds;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto reply = portolan::wire::TokenReply::Parse(text);
  if (!reply) {
    if (reply.error().code != portolan::ErrorCode::kProtocol) std::abort();
    return 0;
  }
  const std::string_view token = reply->token.Reveal();
  if (token.empty() || !std::ranges::all_of(token, [](char c) { return c > ' ' && c < 127; })) {
    std::abort();
  }
  if (reply->expires_in && *reply->expires_in < seconds(1)) std::abort();
  if (reply->Lifetime() < seconds(60) || reply->Lifetime() > seconds(86'400)) std::abort();
  return 0;
}
