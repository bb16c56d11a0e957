#include "portolan/wire/range.h"

#include <algorithm>
#include <charconv>
#include <system_error>

#include <fmt/format.h>

#include "portolan/base/log.h"
#include "portolan/base/text.h"

namespace portolan::wire {
namespace {

// Digits alone; a number beyond 64 bits counts as the largest.
std::optional<std::uint64_t> Number(std::string_view text) {
  if (text.empty() || !std::ranges::all_of(text, IsAsciiDigit)) return std::nullopt;
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc::result_out_of_range ? UINT64_MAX : number;
}

Error NotSatisfiable(std::string_view field, std::uint64_t total) {
  return Fail(ErrorCode::kSizeInvalid,
              fmt::format("the range \"{}\" is not one of {} bytes", Printable(field, 64), total));
}

Error NotAChunk(std::string_view field, std::string_view why) {
  return Fail(ErrorCode::kSizeInvalid,
              fmt::format("the Content-Range \"{}\" {}", Printable(field, 64), why),
              "it must be FIRST-LAST, the offsets of the chunk's first and last byte");
}

}  // namespace

Result<std::optional<ByteRange>> ResolveRange(std::string_view field, std::uint64_t total) {
  constexpr std::string_view kUnit = "bytes=";
  const std::string_view text = TrimSpace(field);
  if (!EqualsIgnoreCase(text.substr(0, kUnit.size()), kUnit)) return std::nullopt;
  const std::string_view range = text.substr(kUnit.size());
  const std::size_t dash = range.find('-');
  if (dash == std::string_view::npos) return std::nullopt;
  const std::optional<std::uint64_t> first = Number(range.substr(0, dash));
  const std::optional<std::uint64_t> last = Number(range.substr(dash + 1));
  if (dash == 0) {  // the last so many bytes
    if (!last) return std::nullopt;
    const std::uint64_t size = std::min(*last, total);
    if (size == 0) return NotSatisfiable(field, total);
    return ByteRange{.offset = total - size, .size = size};
  }
  const bool open = dash + 1 == range.size();
  if (!first || (!last && !open)) return std::nullopt;
  if (*first >= total || (last && *last < *first)) return NotSatisfiable(field, total);
  const std::uint64_t end = last ? std::min(*last, total - 1) : total - 1;
  return ByteRange{.offset = *first, .size = end - *first + 1};
}

std::string ContentRangeOf(const ByteRange& range, std::uint64_t total) {
  return fmt::format("bytes {}-{}/{}", range.offset, range.offset + range.size - 1, total);
}

Result<ByteRange> ParseChunkRange(std::string_view field) {
  constexpr std::uint64_t kMaxOffset = INT64_MAX - 1;  // sizes are signed numbers where stored
  constexpr std::string_view kUnit = "bytes ";
  std::string_view text = TrimSpace(field);
  if (EqualsIgnoreCase(text.substr(0, kUnit.size()), kUnit)) text.remove_prefix(kUnit.size());
  const std::size_t dash = text.find('-');
  if (dash == std::string_view::npos) return NotAChunk(field, "is not a range");
  const std::string_view after = text.substr(dash + 1);
  const std::size_t slash = after.find('/');
  const std::optional<std::uint64_t> first = Number(text.substr(0, dash));
  const std::optional<std::uint64_t> last = Number(after.substr(0, slash));
  if (!first || !last) return NotAChunk(field, "is not a range");
  if (*last < *first) return NotAChunk(field, "ends before it begins");
  if (*last > kMaxOffset) return NotAChunk(field, "is too large");
  if (slash != std::string_view::npos && after.substr(slash) != "/*") {
    const std::optional<std::uint64_t> total = Number(after.substr(slash + 1));
    if (!total) return NotAChunk(field, "is not a range");
    if (*total <= *last) return NotAChunk(field, "ends after its total");
  }
  return ByteRange{.offset = *first, .size = *last - *first + 1};
}

std::string UploadRangeOf(std::uint64_t offset) {
  return fmt::format("0-{}", offset == 0 ? 0 : offset - 1);
}

}  // namespace portolan::wire
