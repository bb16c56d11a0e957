#include "portolan/auth/api_key.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <string>
#include <utility>

#include "portolan/base/text.h"

namespace portolan::auth {
namespace {

constexpr std::string_view kBegin = "ptk_";
constexpr std::string_view kDigits =
    "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
constexpr std::size_t kSize = 40;
constexpr std::size_t kLeast = 32;
constexpr std::size_t kMost = 64;

}  // namespace

Secret NewApiKeyText(Random& random) {
  std::string text(kBegin);
  text.reserve(kBegin.size() + kSize);
  // A byte beyond the last whole multiple would make some digits likelier than others.
  constexpr unsigned kFair = 256 - (256 % kDigits.size());
  while (text.size() < kBegin.size() + kSize) {
    std::array<std::byte, 64> bytes{};
    random.Fill(bytes);
    for (const std::byte byte : bytes) {
      const auto value = std::to_integer<unsigned>(byte);
      if (value >= kFair || text.size() == kBegin.size() + kSize) continue;
      text += kDigits[value % kDigits.size()];
    }
  }
  return Secret(std::move(text));
}

bool IsApiKeyText(std::string_view text) {
  if (!text.starts_with(kBegin)) return false;
  text.remove_prefix(kBegin.size());
  return text.size() >= kLeast && text.size() <= kMost && std::ranges::all_of(text, IsAsciiAlnum);
}

}  // namespace portolan::auth
