// JSON as tokens and key sets have it. For .cc files of this room, which include Boost's object.
#pragma once

#include <string>
#include <string_view>

#include "portolan/base/result.h"

namespace boost::json {
class object;
}  // namespace boost::json

namespace portolan::auth {

/// An object, read more strictly than JSON asks: UTF-8, at most 32 levels, and no member twice in
/// any object, since two readers of one token must not see two different claims. `what` names it
/// in messages. kUnauthorized.
Result<boost::json::object> ParseJsonObject(std::string_view text, std::string_view what);

/// The member's text; empty if it is absent. kUnauthorized naming the member if it is no text.
Result<std::string> TextMember(const boost::json::object& object, std::string_view name);

}  // namespace portolan::auth
