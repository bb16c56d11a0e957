// What a user may be called.
#pragma once

#include <string_view>

namespace portolan::auth {

/// What is wrong with a user's name, as the end of a sentence ("has control characters"); empty if
/// nothing is. Wrong are the empty one, those that access rules mean others by (`*`, `anonymous`),
/// and those with control characters.
std::string_view UserNameFault(std::string_view name);

/// The same for a name that is given today, of which more can be asked: it must also be ASCII of
/// at most 128 bytes, without a colon (Basic ends it there) or spaces, and not begin with
/// `-` (an option) or `<` (docker's `<token>`). `team+robot` is a name like any other.
std::string_view NewUserNameFault(std::string_view name);

}  // namespace portolan::auth
