// Text ordered as people read it: numbers by value.
#pragma once

#include <compare>
#include <string_view>

namespace portolan::cli {

/// Compares runs of digits by value, of any length, everything else bytewise: `1.9` < `1.10`. Texts
/// that differ only in leading zeros are ordered bytewise, so that only equal texts compare equal.
std::strong_ordering CompareNatural(std::string_view a, std::string_view b);

}  // namespace portolan::cli
