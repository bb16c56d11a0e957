// Credential files and helper answers as JSON: parsed with the place and line of a mistake, printed
// as docker prints them.
#pragma once

#include <string>
#include <string_view>

#include "portolan/base/result.h"

namespace boost::json {
class object;
}

namespace portolan::config {

/// The object that `text` is. Text of white space alone is the empty object, since an auth file is
/// often made with `touch`. kConfigInvalid naming `place` and the line if it is no JSON, nested
/// deeper than 32, or not an object.
Result<boost::json::object> ParseJsonObject(std::string_view text, std::string_view place);

/// Indented with tabs, members in their order, with a newline at the end.
std::string PrettyJson(const boost::json::object& object);

}  // namespace portolan::config
