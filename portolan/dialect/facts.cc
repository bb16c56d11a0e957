#include "portolan/dialect/facts.h"

#include <string_view>

namespace portolan::dialect {

// FNV-1a, in 31 bits.
std::int64_t NumberFor(std::string_view name) {
  if (name.empty()) return 0;
  std::uint32_t hash = 2'166'136'261U;
  for (const char c : name) hash = (hash ^ static_cast<unsigned char>(c)) * 16'777'619U;
  return (hash & 0x7fffffffU) | 1U;
}

}  // namespace portolan::dialect
