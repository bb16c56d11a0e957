// Basic authentication's field. Spec: RFC 7617.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "portolan/base/secret.h"

namespace portolan::auth {

struct BasicCredentials {
  std::string user;
  Secret password;
};

/// A challenge's value: a quoted-string. Spec: RFC 9110 §5.6.4.
std::string Quoted(std::string_view text);

/// Whether an `Authorization` field says nothing of who asks: there is none, or it is Basic with an
/// empty name and an empty password, which skopeo and podman send for want of any.
bool IsAnonymous(std::string_view authorization);

/// Whether the field's scheme is Basic.
bool IsBasic(std::string_view authorization);

/// Nothing if the field is not Basic, not Base64, or has no colon in it.
std::optional<BasicCredentials> ParseBasic(std::string_view authorization);

}  // namespace portolan::auth
