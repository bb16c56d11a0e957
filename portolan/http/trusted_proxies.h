// Who a client is that came by way of proxies.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "portolan/base/ip_address.h"
#include "portolan/base/result.h"
#include "portolan/http/headers.h"

namespace portolan::http {

/// Proxies whose `X-Forwarded-For` is believed. A value; none by default.
class TrustedProxies {
 public:
  /// Addresses, networks (`10.0.0.0/8`) and `unix`: whoever comes by a unix socket. kUsage naming
  /// the text that is none.
  static Result<TrustedProxies> Parse(std::span<const std::string> texts);

  bool empty() const { return !unix_ && networks_.empty(); }
  /// `peer`: as Request::peer_address has it; empty of a unix socket.
  bool Trusts(std::string_view peer) const;
  /// The address of whoever sent the request: the peer's, or, where that is trusted, the last one
  /// in `X-Forwarded-For` that is not trusted itself, since each proxy adds the address that it has
  /// seen behind those that it was told; the first one where all are trusted. The peer's, too,
  /// where on the way there is anything that is no address, or more than kMaxHops.
  std::string ClientOf(std::string_view peer, const Headers& headers) const;

  static constexpr int kMaxHops = 16;

  friend bool operator==(const TrustedProxies&, const TrustedProxies&) = default;

 private:
  bool Trusts(const IpAddress& address) const;

  std::vector<IpNetwork> networks_;
  bool unix_ = false;
};

}  // namespace portolan::http
