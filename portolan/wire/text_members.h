// Small JSON objects that come as bodies of requests.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "portolan/base/result.h"

namespace portolan::wire {

/// The members of an object by name; empty where the value is no text.
using TextMembers = std::map<std::string, std::optional<std::string>, std::less<>>;

/// Of a name that comes twice the last counts. kProtocol for what is no JSON object, and for one
/// that is deeper than 32.
Result<TextMembers> ReadTextMembers(std::string_view body);

/// The member's text; empty where it is missing or no text.
std::string TextOf(const TextMembers& members, std::string_view name);

}  // namespace portolan::wire
