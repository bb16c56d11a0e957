// Properties: what was understood, written in the canonical form, is understood the same way again;
// the next target is one of the links'.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "portolan/wire/link.h"

namespace {

using portolan::wire::Link;

std::string Print(const std::vector<Link>& links) {
  std::string out;
  for (const Link& link : links) {
    out += "<" + link.target + ">; rel=\"";
    for (const char c : link.rel) {
      if (c == '"' || c == '\\') out += '\\';
      out += c;
    }
    out += "\",";
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
  const std::vector<Link> links = portolan::wire::ParseLinks(lines);
  if (links.size() > 64) std::abort();
  const auto next = portolan::wire::NextTarget(lines);
  if (next && (next->empty() || std::ranges::find(links, *next, &Link::target) == links.end())) {
    std::abort();
  }
  // A target without brackets may hold one that closes them.
  if (std::ranges::any_of(links, [](const Link& link) { return link.target.contains('>'); })) {
    return 0;
  }
  const std::string printed = Print(links);
  const std::vector<std::string_view> again = {printed};
  if (portolan::wire::ParseLinks(again) != links || portolan::wire::NextTarget(again) != next) {
    std::abort();
  }
  return 0;
}
