#include "portolan/auth/user_name.h"

#include <algorithm>
#include <cstddef>

namespace portolan::auth {
namespace {

constexpr std::size_t kMaxName = 128;

}  // namespace

std::string_view UserNameFault(std::string_view name) {
  if (name.empty()) return "is empty";
  if (name == "*" || name == "anonymous") return "is what access rules mean others by";
  const bool control =
      std::ranges::any_of(name, [](char c) { return (c >= 0 && c < ' ') || c == '\x7f'; });
  return control ? "has control characters" : "";
}

std::string_view NewUserNameFault(std::string_view name) {
  if (const std::string_view fault = UserNameFault(name); !fault.empty()) return fault;
  if (name.size() > kMaxName) return "has more than 128 bytes";
  if (name.contains(':')) return "has a colon, at which clients would cut it";
  if (name.contains(' ')) return "has a space";
  if (name.starts_with('-')) return "begins with a -, as options do";
  if (name.starts_with('<')) return "begins with a <, as what clients write for tokens does";
  const bool ascii = std::ranges::all_of(name, [](char c) { return c > ' ' && c < '\x7f'; });
  return ascii ? "" : "has letters beyond ASCII, which clients send in different ways";
}

}  // namespace portolan::auth
