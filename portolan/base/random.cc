#include "portolan/base/random.h"

#include <stdlib.h>
#include <sys/random.h>

#include <algorithm>
#include <cstring>

namespace portolan {
namespace {

class KernelRandom final : public Random {
 public:
  void Fill(std::span<std::byte> out) override {
    constexpr std::size_t kPerCall = 256;  // getentropy gives no more at once
    while (!out.empty()) {
      const std::size_t size = std::min(out.size(), kPerCall);
      if (getentropy(out.data(), size) != 0)
        abort();  // without a generator nothing that follows is safe
      out = out.subspan(size);
    }
  }
};

}  // namespace

double Random::Fraction() {
  std::uint64_t bits = 0;
  Fill(std::as_writable_bytes(std::span(&bits, 1)));
  return static_cast<double>(bits >> 11U) * 0x1.0p-53;
}

Random& SystemRandom() {
  static KernelRandom random;
  return random;
}

void FixedRandom::Fill(std::span<std::byte> out) {
  for (std::byte& byte : out) {
    state_ += 0x9e3779b97f4a7c15ULL;
    std::uint64_t z = state_;
    z = (z ^ (z >> 30U)) * 0xbf58476d1ce4e5b9ULL;
    z = (z ^ (z >> 27U)) * 0x94d049bb133111ebULL;
    byte = static_cast<std::byte>((z ^ (z >> 31U)) & 0xffU);
  }
}

}  // namespace portolan
