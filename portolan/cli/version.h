// The version of the program.
#pragma once

#include <string_view>

namespace portolan::cli {

/// `0.1.0`, as CMakeLists.txt has it.
std::string_view Version();

}  // namespace portolan::cli
