#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include "portolan/base/url.h"

namespace portolan {
namespace {

struct Range4 {
  std::uint32_t network;
  int bits;
};

constexpr std::uint32_t V4(std::uint32_t a, std::uint32_t b, std::uint32_t c, std::uint32_t d) {
  return (a << 24U) | (b << 16U) | (c << 8U) | d;
}

// IANA IPv4 Special-Purpose Address Registry: what is not globally reachable, and multicast.
constexpr Range4 kPrivate4[] = {
    {V4(0, 0, 0, 0), 8},      {V4(10, 0, 0, 0), 8},     {V4(100, 64, 0, 0), 10},
    {V4(127, 0, 0, 0), 8},    {V4(169, 254, 0, 0), 16}, {V4(172, 16, 0, 0), 12},
    {V4(192, 0, 0, 0), 24},   {V4(192, 0, 2, 0), 24},   {V4(192, 88, 99, 0), 24},
    {V4(192, 168, 0, 0), 16}, {V4(198, 18, 0, 0), 15},  {V4(198, 51, 100, 0), 24},
    {V4(203, 0, 113, 0), 24}, {V4(224, 0, 0, 0), 4},    {V4(240, 0, 0, 0), 4},
};

using Address6 = std::array<std::uint8_t, 16>;

struct Range6 {
  Address6 network;
  int bits;
};

// The same registry for IPv6, inside 2000::/3; everything outside of that is not globally
// reachable.
constexpr Range6 kPrivate6[] = {
    {{0x20, 0x01, 0x00, 0x00}, 23},  // IETF protocol assignments: Teredo, ORCHID, benchmarks
    {{0x20, 0x01, 0x0d, 0xb8}, 32},  // documentation
    {{0x3f, 0xff, 0x00, 0x00}, 20},  // documentation
};

constexpr Range6 kGlobalUnicast = {{0x20}, 3};
constexpr Range6 kMapped = {{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff}, 96};
constexpr Range6 kNat64 = {{0x00, 0x64, 0xff, 0x9b}, 96};
constexpr Range6 k6to4 = {{0x20, 0x02}, 16};

bool IsPrivate4(std::uint32_t address) {
  return std::ranges::any_of(kPrivate4, [&](const Range4& range) {
    return ((address ^ range.network) >> (32 - range.bits)) == 0;
  });
}

bool IsIn(const Address6& address, const Range6& range) {
  for (int bit = 0; bit < range.bits; ++bit) {
    const auto at = static_cast<std::size_t>(bit / 8);
    if (((address[at] ^ range.network[at]) & (0x80U >> (bit % 8))) != 0) return false;
  }
  return true;
}

std::uint32_t Embedded4(std::span<const std::uint8_t, 4> bytes) {
  return V4(bytes[0], bytes[1], bytes[2], bytes[3]);
}

bool IsPrivate6(const Address6& address) {
  // Whoever connects to one of these reaches the IPv4 address inside.
  const std::span<const std::uint8_t, 16> bytes(address);
  if (IsIn(address, kMapped) || IsIn(address, kNat64))
    return IsPrivate4(Embedded4(bytes.last<4>()));
  if (IsIn(address, k6to4)) return IsPrivate4(Embedded4(bytes.subspan<2, 4>()));
  return !IsIn(address, kGlobalUnicast) ||
         std::ranges::any_of(kPrivate6, [&](const Range6& range) { return IsIn(address, range); });
}

}  // namespace

bool IsPrivateAddress(std::string_view address) {
  if (address.contains('\0')) return true;  // inet_pton would stop there
  const std::string text(address);
  in_addr v4{};
  if (inet_pton(AF_INET, text.c_str(), &v4) == 1) return IsPrivate4(ntohl(v4.s_addr));
  in6_addr v6{};
  if (inet_pton(AF_INET6, text.c_str(), &v6) != 1) return true;
  return IsPrivate6(std::to_array(v6.s6_addr));
}

}  // namespace portolan
