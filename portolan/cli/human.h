// Numbers as people read them.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace portolan::cli {

/// `999 B`, `1.2 kB`, `28.1 MB`, `3.0 GB`: decimal, as docker has it.
std::string HumanSize(std::uint64_t bytes);

/// `just now`, `5 minutes ago`, `3 weeks ago`, `2 years ago`; `in the future` for a negative age.
std::string HumanAge(std::chrono::nanoseconds age);

}  // namespace portolan::cli
