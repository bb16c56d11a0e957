// What a token says of itself. Nothing here is verified: the key is the registry's.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "portolan/base/clock.h"
#include "portolan/wire/scope.h"

namespace portolan::cli {

struct DecodedToken {
  enum class Form {
    kJwt,     ///< RFC 7519, as distribution's token specification has it
    kGhcr,    ///< base64 of `v1:<repository>:<nanoseconds since 1970>`
    kOpaque,  ///< meant for the registry alone
  };
  Form form = Form::kOpaque;
  std::string header;   ///< JSON text of an object; kJwt only
  std::string payload;  ///< JSON text of an object; empty if opaque
  /// What the token allows; absent if it does not say.
  std::optional<std::vector<wire::Scope>> granted;
  std::string repository;  ///< for which it was made; kGhcr only
  std::optional<Clock::WallTime> issued;
  std::optional<Clock::WallTime> expires;
};

/// Takes a token apart. Never fails: what is not understood is opaque.
DecodedToken DecodeToken(std::string_view token);

/// Those of `asked` (`type:name:action,action`), with the actions that no grant has; empty if
/// everything was granted. The action `*` of a grant stands for all.
std::vector<std::string> NotGranted(const std::vector<std::string>& asked,
                                    const std::vector<wire::Scope>& granted);

}  // namespace portolan::cli
