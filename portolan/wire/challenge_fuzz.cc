// Property: what was understood, written in the canonical form, is understood the same way again.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "portolan/wire/challenge.h"

namespace {

using portolan::wire::Challenge;

std::string Print(const std::vector<Challenge>& challenges) {
  std::string out;
  for (const Challenge& challenge : challenges) {
    // The parameter in front makes sure that the word is taken for a scheme.
    out += challenge.scheme + " zz-first=\"\"";
    for (const Challenge::Parameter& parameter : challenge.parameters) {
      out += "," + parameter.name + "=\"";
      for (const char c : parameter.value) {
        if (c == '"' || c == '\\') out += '\\';
        out += c;
      }
      out += '"';
    }
    out += ',';
  }
  return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  std::vector<std::string_view> lines;
  for (std::size_t at = 0; at <= text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    lines.push_back(text.substr(at, end - at));
    at = end + 1;
  }
  const std::vector<Challenge> challenges = portolan::wire::ParseChallenges(lines);
  if (challenges.size() > 32) std::abort();
  for (const Challenge& challenge : challenges) {
    if (challenge.scheme.empty() || challenge.parameters.size() > 64) std::abort();
    // One more parameter would not fit.
    if (challenge.parameters.size() == 64 || challenge.Has("zz-first")) return 0;
  }
  const std::string printed = Print(challenges);
  const std::vector<std::string_view> again_lines = {printed};
  std::vector<Challenge> again = portolan::wire::ParseChallenges(again_lines);
  for (Challenge& challenge : again) challenge.parameters.erase(challenge.parameters.begin());
  if (again != challenges) std::abort();
  portolan::wire::ChooseChallenge(challenges);
  return 0;
}
