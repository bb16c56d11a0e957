#include <algorithm>
#include <cstddef>

#include <fmt/format.h>

#include "portolan/base/log.h"
#include "portolan/base/text.h"
#include "portolan/oci/reference.h"

namespace portolan::oci {
namespace {

constexpr std::size_t kMaxTagSize = 128;

constexpr bool IsWord(char c) { return IsAsciiAlnum(c) || c == '_'; }

std::string_view Fault(std::string_view text) {
  if (text.empty()) return "a tag cannot be empty";
  if (text.size() > kMaxTagSize) return "a tag has at most 128 characters";
  if (!IsWord(text.front())) return "a tag starts with a letter, a digit or '_'";
  const bool known =
      std::ranges::all_of(text, [](char c) { return IsWord(c) || c == '.' || c == '-'; });
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
