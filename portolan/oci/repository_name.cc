#include <algorithm>
#include <cstddef>

#include <fmt/format.h>

#include "portolan/base/log.h"
#include "portolan/base/text.h"
#include "portolan/oci/reference.h"

namespace portolan::oci {
namespace {

constexpr std::size_t kMaxNameSize = 255;

constexpr bool IsLowerAlnum(char c) { return IsAsciiDigit(c) || (c >= 'a' && c <= 'z'); }
constexpr bool IsUpper(char c) { return c >= 'A' && c <= 'Z'; }
constexpr bool IsSeparator(char c) { return c == '.' || c == '_' || c == '-'; }

// `.`, `_`, `__`, or any number of `-`.
bool IsSeparatorRun(std::string_view run) {
  return run == "." || run == "_" || run == "__" ||
         run.find_first_not_of('-') == std::string_view::npos;
}

std::string_view ComponentFault(std::string_view component) {
  if (component.empty()) return "a part between slashes is empty";
  const bool known =
      std::ranges::all_of(component, [](char c) { return IsLowerAlnum(c) || IsSeparator(c); });
  if (!known) return "it may have only lower-case letters, digits, '.', '_', '-' and '/'";
  if (IsSeparator(component.front()) || IsSeparator(component.back())) {
    return "a part between slashes must start and end with a letter or digit";
  }
  for (std::size_t at = 0; at < component.size();) {
    const std::size_t run = component.find_first_of("._-", at);
    if (run == std::string_view::npos) break;
    at = component.find_first_not_of("._-", run);
    if (!IsSeparatorRun(component.substr(run, at - run))) {
      return "letters and digits are joined by one '.', one or two '_', or any number of '-'";
    }
  }
  return {};
}

std::string_view Fault(std::string_view text) {
  if (text.empty()) return "it is empty";
  if (text.size() > kMaxNameSize) return "it has more than 255 characters";
  if (std::ranges::any_of(text, IsUpper)) return "it has an upper-case letter";
  for (;;) {
    const std::size_t slash = text.find('/');
    if (const std::string_view fault = ComponentFault(text.substr(0, slash)); !fault.empty())
      return fault;
    if (slash == std::string_view::npos) return {};
    text.remove_prefix(slash + 1);
  }
}

}  // namespace

Result<RepositoryName> RepositoryName::Parse(std::string_view text) {
  const std::string_view fault = Fault(text);
  if (fault.empty()) return RepositoryName(std::string(text));
  std::string hint;
  if (const std::string lower = AsciiLower(text); lower != text && Fault(lower).empty()) {
    hint = fmt::format("repository names are lower case: write \"{}\"", lower);
  }
  return Fail(ErrorCode::kReferenceInvalid,
              fmt::format("invalid repository name \"{}\": {}", Printable(text), fault),
              std::move(hint));
}

}  // namespace portolan::oci
