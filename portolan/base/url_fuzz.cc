// The first line is a URL, the rest a reference against it. What parses or resolves is clean,
// prints as text that parses to the same value, and a path-only reference never leaves the origin.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "portolan/base/url.h"

namespace {

void CheckStable(const portolan::Url& url) {
  const std::string printed = url.ToString();
  const bool clean = std::ranges::all_of(printed, [](char c) { return c > ' ' && c < '\x7f'; });
  if (!clean || !url.target.starts_with('/') || url.target.contains('#')) std::abort();
  if (url.origin.port == 0 || url.origin.host.empty() || url.origin.host.contains('@'))
    std::abort();
  const portolan::Result<portolan::Url> again = portolan::Url::Parse(printed);
  if (!again || *again != url) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(data, data + size);
  const std::size_t line_end = std::min(text.find('\n'), text.size());
  const portolan::Result<portolan::Url> base = portolan::Url::Parse(text.substr(0, line_end));
  if (!base) return 0;
  CheckStable(*base);
  const std::string reference = text.substr(std::min(line_end + 1, text.size()));
  const portolan::Result<portolan::Url> resolved = base->Resolve(reference);
  if (!resolved) return 0;
  CheckStable(*resolved);
  const bool names_origin = reference.starts_with("//") || reference.contains(':');
  if (!names_origin && resolved->origin != base->origin) std::abort();
  return 0;
}
