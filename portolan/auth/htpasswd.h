// The file that Apache's htpasswd writes: one `user:hash` a line.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "portolan/base/result.h"
#include "portolan/base/secret.h"

namespace portolan::auth {

/// Users and the bcrypt hashes of their passwords. Immutable, safe to share between threads.
class Htpasswd {
 public:
  /// Empty lines and lines that start with `#` are left out. kConfigInvalid naming `place` and the
  /// line for an entry that is not bcrypt ($2y$, $2a$, $2b$), whose cost is above 14 (a second of
  /// work), without a user, with a user that is there twice, that has control characters or that
  /// access rules give a meaning of their own (`*`, `anonymous`). Messages never show a hash.
  static Result<Htpasswd> Parse(std::string_view text, std::string_view place);

  /// Whether this is the user's password. An unknown user costs the same time as one whose hash has
  /// the cost of the file's first.
  bool Verify(std::string_view user, const Secret& password) const;

  std::size_t size() const { return hashes_.size(); }
  bool Has(std::string_view user) const { return hashes_.contains(user); }

 private:
  std::map<std::string, std::string, std::less<>> hashes_;
  std::string dummy_;  // a hash that nothing is known to match
};

}  // namespace portolan::auth
