// JSON text exactly as Go's encoding/json writes it, which is what skopeo prints.
#pragma once

#include <string>
#include <string_view>

namespace portolan::cli {

/// Appends `text` as a JSON string with its quotes. `<`, `>`, `&`, U+2028 and U+2029 are escaped as
/// Go does for the sake of browsers; bytes that are not UTF-8 become U+FFFD.
void AppendGoJson(std::string& out, std::string_view text);

}  // namespace portolan::cli
