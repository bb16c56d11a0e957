// JSON for people.
#pragma once

#include <string>
#include <string_view>

namespace boost::json {
class value;
}  // namespace boost::json

namespace portolan::cli {

/// Members on lines of their own, four spaces a level, as skopeo prints; without a final newline.
/// Control characters that JSON allows as they are (U+007F to U+009F) are escaped too: the text may
/// be a peer's, and end on a terminal. `value` must not be deeper than what the parser allows (32).
std::string PrettyJson(const boost::json::value& value);

/// The text as a JSON string, quotes included. For text that is not UTF-8 the bad bytes become
/// U+FFFD.
std::string JsonString(std::string_view text);

}  // namespace portolan::cli
