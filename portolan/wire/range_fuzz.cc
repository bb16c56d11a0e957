// The first line is a Range, the second a Content-Range, the third decides about the total. A range
// lies inside the content; what was understood is understood again as we write it.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "portolan/wire/range.h"

namespace {

void Check(bool holds) {
  if (!holds) std::abort();
}

std::string_view TakeLine(std::string_view& text) {
  const std::string_view line = text.substr(0, text.find('\n'));
  text.remove_prefix(std::min(line.size() + 1, text.size()));
  return line;
}

void CheckRange(std::string_view field, std::uint64_t total) {
  const auto range = portolan::wire::ResolveRange(field, total);
  if (!range || !range->has_value()) return;
  const portolan::wire::ByteRange& part = **range;
  Check(part.size > 0 && part.offset < total && part.size <= total - part.offset);
  if (total > INT64_MAX) return;
  const auto again = portolan::wire::ParseChunkRange(portolan::wire::ContentRangeOf(part, total));
  Check(again && *again == part);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view text(reinterpret_cast<const char*>(data), size);
  const std::string_view field = TakeLine(text);
  const std::string_view chunk = TakeLine(text);
  std::uint64_t total = 0;
  for (const char c : text.substr(0, 8)) total = (total << 8U) | static_cast<std::uint8_t>(c);
  CheckRange(field, total);
  if (const auto range = portolan::wire::ParseChunkRange(chunk)) {
    Check(range->size > 0 && range->offset <= INT64_MAX && range->size <= INT64_MAX);
    const std::uint64_t end = range->offset + range->size;
    Check(*portolan::wire::ParseChunkRange(portolan::wire::ContentRangeOf(*range, end)) == *range);
  }
  return 0;
}
