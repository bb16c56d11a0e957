#include "portolan/base/log.h"

#include <algorithm>
#include <cstdint>

#include <fmt/format.h>

namespace portolan {
namespace {

constexpr std::size_t kRememberedWarnings = 1000;

// Length of the well-formed UTF-8 sequence at the start of `text`, or 0 (RFC 3629).
std::size_t Utf8Length(std::string_view text) {
  const auto at = [&](std::size_t i) { return static_cast<std::uint8_t>(text[i]); };
  const std::uint8_t lead = at(0);
  if (lead < 0x80) return 1;
  const std::size_t size = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
  if (lead < 0xc2 || lead > 0xf4 || text.size() < size) return 0;
  for (std::size_t i = 1; i < size; ++i) {
    if ((at(i) & 0xc0U) != 0x80) return 0;
  }
  if ((lead == 0xe0 && at(1) < 0xa0) || (lead == 0xed && at(1) > 0x9f)) return 0;
  if ((lead == 0xf0 && at(1) < 0x90) || (lead == 0xf4 && at(1) > 0x8f)) return 0;
  return size;
}

// C1 control characters, U+0080 to U+009F, steer terminals as well.
bool IsControl(std::string_view sequence) {
  const auto lead = static_cast<std::uint8_t>(sequence[0]);
  if (sequence.size() == 1) return lead < 0x20 || lead == 0x7f;
  return lead == 0xc2 && static_cast<std::uint8_t>(sequence[1]) < 0xa0;
}

}  // namespace

void Log::Warn(std::string_view line) {
  {
    auto warned = warned_.Lock();
    if (std::ranges::find(*warned, line) != warned->end()) return;
    if (warned->size() < kRememberedWarnings) warned->emplace_back(line);
  }
  WriteWarning(line);
}

std::string Printable(std::string_view text, std::size_t max_size) {
  std::string out;
  std::size_t shown = 0;
  while (shown < text.size()) {
    const std::size_t size = Utf8Length(text.substr(shown));
    const std::string_view sequence = text.substr(shown, std::max<std::size_t>(size, 1));
    if (shown + sequence.size() > max_size) return out + "…";
    if (size == 0 || IsControl(sequence)) {
      for (const char c : sequence) out += fmt::format("\\x{:02x}", static_cast<std::uint8_t>(c));
    } else {
      out += sequence;
    }
    shown += sequence.size();
  }
  return out;
}

}  // namespace portolan
