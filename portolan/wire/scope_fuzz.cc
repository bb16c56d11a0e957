// Property: what was understood is bounded, and, written again, is understood the same way; one
// scope of one thing.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "portolan/wire/scope.h"

namespace {

void Check(bool holds) {
  if (!holds) std::abort();
}

}  // namespace

// Each line is a `scope` parameter.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using portolan::ErrorCode;
  using portolan::wire::Scope;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  std::vector<std::string_view> parameters;
  for (std::size_t at = 0; at <= text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    parameters.push_back(text.substr(at, end - at));
    at = end + 1;
  }
  const auto scopes = Scope::ParseAll(parameters);
  if (!scopes) {
    Check(scopes.error().code == ErrorCode::kNameInvalid ||
          scopes.error().code == ErrorCode::kTooLarge);
    Check(scopes.error().message.size() < 1000);
    return 0;
  }
  Check(scopes->size() <= Scope::kMaxScopes);
  std::set<std::pair<std::string, std::string>> things;
  std::string written;
  for (const Scope& scope : *scopes) {
    Check(things.emplace(scope.type, scope.name).second);
    Check(!scope.type.empty() && !scope.name.empty() && scope.actions.size() <= 16);
    const std::string one = scope.ToString();
    Check(std::ranges::all_of(one, [](char c) { return c > ' ' && c < '\x7f'; }));
    Check(*Scope::Parse(one) == scope);
    written += one + ' ';
  }
  const std::vector<std::string_view> again{written};
  Check(*Scope::ParseAll(again) == *scopes);
  return 0;
}
