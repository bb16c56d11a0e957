#include "portolan/base/ip_address.h"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <system_error>

namespace portolan {
namespace {

constexpr std::array<std::uint8_t, 12> kMapped = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
constexpr int kMappedBits = 96;
constexpr int kAllBits = 128;

}  // namespace

std::optional<IpAddress> IpAddress::Parse(std::string_view text) {
  if (text.size() >= INET6_ADDRSTRLEN || text.contains('\0')) return std::nullopt;
  const std::string terminated(text);
  IpAddress address;
  if (inet_pton(AF_INET6, terminated.c_str(), address.bytes_.data()) == 1) return address;
  std::ranges::copy(kMapped, address.bytes_.begin());
  if (inet_pton(AF_INET, terminated.c_str(), &address.bytes_[kMapped.size()]) == 1) return address;
  return std::nullopt;
}

bool IpAddress::is_v4() const { return std::equal(kMapped.begin(), kMapped.end(), bytes_.begin()); }

bool IpAddress::IsLoopback() const {
  if (is_v4()) return bytes_[kMapped.size()] == 127;
  return bytes_.back() == 1 &&
         std::ranges::count(bytes_, 0) == static_cast<std::ptrdiff_t>(bytes_.size()) - 1;
}

IpAddress IpAddress::Network(int bits) const {
  IpAddress first = *this;
  for (int bit = bits + (is_v4() ? kMappedBits : 0); bit < kAllBits; ++bit) {
    std::uint8_t& byte = first.bytes_[static_cast<std::size_t>(bit / 8)];
    byte = static_cast<std::uint8_t>(byte & ~(0x80U >> (bit % 8)));
  }
  return first;
}

std::string IpAddress::ToString() const {
  std::array<char, INET6_ADDRSTRLEN> text{};
  const char* const shown =
      is_v4() ? inet_ntop(AF_INET, &bytes_[kMapped.size()], text.data(), text.size())
              : inet_ntop(AF_INET6, bytes_.data(), text.data(), text.size());
  return shown == nullptr ? std::string() : std::string(shown);
}

std::optional<IpNetwork> IpNetwork::Parse(std::string_view text) {
  const std::size_t slash = text.find('/');
  const std::optional<IpAddress> first = IpAddress::Parse(text.substr(0, slash));
  if (!first) return std::nullopt;
  IpNetwork network;
  network.first_ = *first;
  network.bits_ = kAllBits;
  if (slash == std::string_view::npos) return network;
  const int family_bits = first->is_v4() ? kAllBits - kMappedBits : kAllBits;
  const std::string_view digits = text.substr(slash + 1);
  const char* const end = digits.data() + digits.size();
  int bits = 0;
  const auto [stop, error] = std::from_chars(digits.data(), end, bits);
  if (error != std::errc() || stop != end || bits < 0 || bits > family_bits) return std::nullopt;
  network.bits_ = bits + kAllBits - family_bits;
  return network;
}

bool IpNetwork::Contains(const IpAddress& address) const {
  if (address.is_v4() != first_.is_v4()) return false;
  for (int bit = 0; bit < bits_; ++bit) {
    const auto at = static_cast<std::size_t>(bit / 8);
    if (((address.bytes_[at] ^ first_.bytes_[at]) & (0x80U >> (bit % 8))) != 0) return false;
  }
  return true;
}

}  // namespace portolan
