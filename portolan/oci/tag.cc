#include <array>
#include <cstddef>
#include <cstdint>

#include <fmt/format.h>

#include "portolan/base/log.h"
#include "portolan/base/text.h"
#include "portolan/oci/reference.h"

namespace portolan::oci {
namespace {

constexpr std::size_t kMaxTagSize = 128;

constexpr bool IsWord(char c) { return IsAsciiAlnum(c) || c == '_'; }

constexpr std::array<bool, 256> kAllowed = [] {
  std::array<bool, 256> allowed{};
  for (int c = 0; c < 128; ++c) {
    const char character = static_cast<char>(c);
    allowed[static_cast<std::size_t>(c)] =
        IsWord(character) || character == '.' || character == '-';
  }
  return allowed;
}();

std::string_view Fault(std::string_view text) {
  if (text.empty()) return "a tag cannot be empty";
  if (text.size() > kMaxTagSize) return "a tag has at most 128 characters";
  if (!IsWord(text.front())) return "a tag starts with a letter, a digit or '_'";
  // A listing asks this of every character of a hundred thousand tags: a table, and no branch per
  // character.
  bool known = true;
  for (const char c : text) known &= kAllowed[static_cast<std::uint8_t>(c)];
  if (!known) return "a tag has only letters, digits, '_', '.' and '-'";
  return {};
}

}  // namespace

bool Tag::IsValid(std::string_view text) { return Fault(text).empty(); }

Result<Tag> Tag::Parse(std::string_view text) {
  if (const std::string_view fault = Fault(text); !fault.empty()) {
    return Fail(ErrorCode::kReferenceInvalid,
                fmt::format("invalid tag \"{}\": {}", Printable(text), fault));
  }
  return Tag(std::string(text));
}

}  // namespace portolan::oci
