// Property: a page gives the same items and the same outcome however it is split. The first byte of
// the input chooses the sizes of the pieces, the rest is the page.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "portolan/wire/list.h"

namespace {

struct Outcome {
  std::vector<std::string> items;
  std::string name;
  std::size_t skipped = 0;
  bool was_null = false;
  bool failed =
      false;  // not why: of a text that is both too long and broken, either may be seen first

  friend bool operator==(const Outcome&, const Outcome&) = default;
};

// Pieces of pseudo-random sizes below `max_piece`, or everything at once if it is zero.
Outcome Read(std::string_view page, std::size_t max_piece, std::uint32_t seed) {
  Outcome out;
  portolan::Limits limits;
  limits.tag_size = 64;
  portolan::wire::ListParser parser("tags", limits,
                                    [&](std::string_view item) { out.items.emplace_back(item); });
  portolan::Status status;
  while (status && !page.empty()) {
    seed = seed * 1'664'525U + 1'013'904'223U;
    const std::size_t want = max_piece == 0 ? page.size() : 1 + (seed >> 16U) % max_piece;
    const std::string_view piece = page.substr(0, want);
    page.remove_prefix(piece.size());
    // A copy of its own size, so that the address sanitizer sees every step beyond the piece.
    const std::vector<char> copy(piece.begin(), piece.end());
    status = parser.Feed({copy.data(), copy.size()});
  }
  if (status) status = parser.Finish();
  out.failed = !status;
  out.name = parser.name();
  out.skipped = parser.skipped();
  out.was_null = parser.was_null();
  return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view page(reinterpret_cast<const char*>(data) + 1, size - 1);
  const Outcome whole = Read(page, 0, 0);
  if (Read(page, 1, 0) != whole) std::abort();
  for (const std::size_t max_piece : {2U, 3U, 7U, 40U}) {
    if (Read(page, max_piece, data[0]) != whole) std::abort();
  }
  return 0;
}
