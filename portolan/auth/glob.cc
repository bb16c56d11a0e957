#include <algorithm>
#include <cstddef>
#include <string>

#include "portolan/auth/access.h"

namespace portolan::auth {

// `reached[i]`: whether what was seen of the glob matches the first i characters of the text. One
// pass over it for each part of the glob: no input makes it slow.
bool MatchesGlob(std::string_view glob, std::string_view text) {
  std::string reached(text.size() + 1, '\0');
  reached[0] = 1;
  while (!glob.empty()) {
    if (glob.starts_with("**")) {
      glob.remove_prefix(2);
      std::fill(std::ranges::find(reached, '\1'), reached.end(), '\1');
    } else if (glob[0] == '*') {
      glob.remove_prefix(1);
      for (std::size_t i = 1; i < reached.size(); ++i) {
        if (text[i - 1] != '/' && reached[i - 1] != 0) reached[i] = 1;
      }
    } else {
      for (std::size_t i = text.size(); i > 0; --i) {
        reached[i] = text[i - 1] == glob[0] ? reached[i - 1] : '\0';
      }
      reached[0] = 0;
      glob.remove_prefix(1);
    }
  }
  return reached.back() != 0;
}

}  // namespace portolan::auth
