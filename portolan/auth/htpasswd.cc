#include "portolan/auth/htpasswd.h"

#include <algorithm>
#include <cstddef>

#include <fmt/format.h>

#include "portolan/auth/bcrypt.h"
#include "portolan/auth/user_name.h"
#include "portolan/base/log.h"
#include "portolan/base/text.h"

namespace portolan::auth {
namespace {

constexpr int kMaxCost = 14;
constexpr std::string_view kHint = "make entries with: htpasswd -B FILE USER";

std::string_view HashFault(std::string_view hash) {
  const std::optional<int> cost = BcryptCost(hash);
  if (!cost) return "is not a bcrypt entry ($2y$…)";
  return *cost > kMaxCost ? "has a cost above 14, which takes more than a second" : "";
}

}  // namespace

Result<Htpasswd> Htpasswd::Parse(std::string_view text, std::string_view place) {
  Htpasswd file;
  file.dummy_ = BcryptDummy(10);
  for (int number = 1; !text.empty(); ++number) {
    std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(line.size() + 1, text.size()));
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (TrimSpace(line).empty() || line.starts_with('#')) continue;
    const auto wrong = [&](std::string_view why) {
      return Fail(ErrorCode::kConfigInvalid, fmt::format("{}:{}: the line {}", place, number, why),
                  std::string(kHint));
    };
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos) return wrong("has no colon after the user");
    const std::string_view user = line.substr(0, colon);
    const std::string_view hash = line.substr(colon + 1);
    if (const std::string_view fault = UserNameFault(user); !fault.empty()) {
      return wrong(fmt::format("has a user whose name {}", fault));
    }
    if (const std::string_view fault = HashFault(hash); !fault.empty()) return wrong(fault);
    if (file.hashes_.empty()) file.dummy_ = BcryptDummy(*BcryptCost(hash));
    if (!file.hashes_.emplace(user, hash).second) {
      return wrong(fmt::format("names the user {} again", Printable(user)));
    }
  }
  return file;
}

bool Htpasswd::Verify(std::string_view user, const Secret& password) const {
  const auto it = hashes_.find(user);
  const bool matches = BcryptMatches(password, it == hashes_.end() ? dummy_ : it->second);
  return matches && it != hashes_.end();
}

}  // namespace portolan::auth
