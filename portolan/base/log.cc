#include "portolan/base/log.h"

#include <algorithm>
#include <cstdint>

#include <fmt/format.h>

#include "portolan/base/text.h"

namespace portolan {
namespace {

constexpr std::size_t kRememberedWarnings = 1000;

}  // namespace

void Log::Warn(std::string_view line) {
  if (remembers()) {
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
