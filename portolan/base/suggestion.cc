#include "portolan/base/suggestion.h"

#include <algorithm>
#include <cstddef>

namespace portolan {
namespace {

constexpr std::size_t kMaxWord = 64;  // the table below is square

std::string_view WithoutDashes(std::string_view word) {
  word.remove_prefix(std::min(word.find_first_not_of('-'), word.size()));
  return word;
}

}  // namespace

int EditDistance(std::string_view a, std::string_view b) {
  a = a.substr(0, kMaxWord);
  b = b.substr(0, kMaxWord);
  std::vector<std::vector<int>> distance(a.size() + 1, std::vector<int>(b.size() + 1));
  for (std::size_t i = 0; i <= a.size(); ++i) distance[i][0] = static_cast<int>(i);
  for (std::size_t j = 0; j <= b.size(); ++j) distance[0][j] = static_cast<int>(j);
  for (std::size_t i = 1; i <= a.size(); ++i) {
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const int change = distance[i - 1][j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      distance[i][j] = std::min({distance[i - 1][j] + 1, distance[i][j - 1] + 1, change});
      const bool swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
      if (swapped) distance[i][j] = std::min(distance[i][j], distance[i - 2][j - 2] + 1);
    }
  }
  return distance[a.size()][b.size()];
}

std::optional<std::string> NearestWord(std::string_view word,
                                       const std::vector<std::string>& candidates) {
  const std::string_view letters = WithoutDashes(word);
  if (letters.empty()) return std::nullopt;
  std::optional<std::string> nearest;
  int best = std::max(1, static_cast<int>(letters.size()) / 3) + 1;
  for (const std::string& candidate : candidates) {
    const std::string_view other = WithoutDashes(candidate);
    const bool begins = letters.size() >= 3 && other.starts_with(letters);
    const int distance = begins ? 1 : EditDistance(letters, other);
    if (distance >= best) continue;
    best = distance;
    nearest = candidate;
  }
  return nearest;
}

}  // namespace portolan
