// IP addresses and networks as values.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace portolan {

/// An IPv4 or IPv6 address. An IPv4 address in IPv6's clothes (`::ffff:192.0.2.1`) is the IPv4 one.
class IpAddress {
 public:
  /// Without brackets, port and interface. Nothing for any other text.
  static std::optional<IpAddress> Parse(std::string_view text);

  bool is_v4() const;
  /// Whether nobody but this machine has it: 127.0.0.0/8, ::1.
  bool IsLoopback() const;
  /// The first address of its network of so many bits (of IPv4: of its 32).
  IpAddress Network(int bits) const;
  /// As RFC 5952 writes it: one text for each address.
  std::string ToString() const;

  friend bool operator==(const IpAddress&, const IpAddress&) = default;

 private:
  friend class IpNetwork;
  std::array<std::uint8_t, 16> bytes_{};  // of IPv4: mapped
};

/// The addresses that begin with the same bits.
class IpNetwork {
 public:
  /// `10.0.0.0/8`, `fd00::/8`, or an address alone. Bits behind the prefix are ignored. Nothing for
  /// any other text.
  static std::optional<IpNetwork> Parse(std::string_view text);

  /// Never for an address of the other family.
  bool Contains(const IpAddress& address) const;

  friend bool operator==(const IpNetwork&, const IpNetwork&) = default;

 private:
  IpAddress first_;
  int bits_ = 0;  // of the 16 bytes
};

}  // namespace portolan
