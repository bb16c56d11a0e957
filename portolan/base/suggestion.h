// "Did you mean …?"
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace portolan {

/// How many letters must be inserted, deleted, changed or swapped with their neighbour to make `b`
/// of `a`.
int EditDistance(std::string_view a, std::string_view b);

/// The candidate that `word` is most likely a misspelling of, if one is near enough: at most a
/// third of the letters wrong, or `word` is its beginning. Leading dashes do not count as letters.
std::optional<std::string> NearestWord(std::string_view word,
                                       const std::vector<std::string>& candidates);

}  // namespace portolan
