#include "portolan/http/trusted_proxies.h"

#include <algorithm>
#include <cstddef>
#include <optional>
#include <ranges>

#include <fmt/format.h>

#include "portolan/base/log.h"
#include "portolan/base/text.h"

namespace portolan::http {
namespace {

// Some proxies say the port, too: `192.0.2.1:4711`, `[2001:db8::1]:4711`.
std::optional<IpAddress> AddressOf(std::string_view entry) {
  entry = TrimSpace(entry);
  const bool bracketed = entry.starts_with('[');
  if (bracketed || std::ranges::count(entry, ':') == 1) {
    const std::size_t digits = entry.find_last_not_of("0123456789");
    if (digits != std::string_view::npos && entry[digits] == ':') entry = entry.substr(0, digits);
  }
  if (bracketed) {
    if (!entry.ends_with(']')) return std::nullopt;
    entry = entry.substr(1, entry.size() - 2);
  }
  return IpAddress::Parse(entry);
}

}  // namespace

Result<TrustedProxies> TrustedProxies::Parse(std::span<const std::string> texts) {
  TrustedProxies proxies;
  for (const std::string& text : texts) {
    if (text == "unix") {
      proxies.unix_ = true;
    } else if (const auto network = IpNetwork::Parse(text)) {
      proxies.networks_.push_back(*network);
    } else {
      return Fail(ErrorCode::kUsage,
                  fmt::format("\"{}\" is neither an address nor a network", Printable(text)),
                  "192.0.2.1, 10.0.0.0/8, fd00::/8 and unix are");
    }
  }
  return proxies;
}

bool TrustedProxies::Trusts(const IpAddress& address) const {
  return std::ranges::any_of(networks_,
                             [&](const IpNetwork& network) { return network.Contains(address); });
}

bool TrustedProxies::Trusts(std::string_view peer) const {
  if (peer.empty()) return unix_;
  if (networks_.empty()) return false;
  const auto address = IpAddress::Parse(peer);
  return address && Trusts(*address);
}

std::string TrustedProxies::ClientOf(std::string_view peer, const Headers& headers) const {
  std::string client(peer);
  if (!Trusts(peer)) return client;
  int hops = 0;
  // Several fields are one list.
  const std::vector<std::string_view> fields = headers.GetAll("X-Forwarded-For");
  for (std::string_view rest : fields | std::views::reverse) {
    for (bool more = true; more;) {
      const std::size_t comma = rest.rfind(',');
      more = comma != std::string_view::npos;
      const auto address = AddressOf(more ? rest.substr(comma + 1) : rest);
      if (!address || ++hops > kMaxHops) return std::string(peer);
      client = address->ToString();
      if (!Trusts(*address)) return client;
      if (more) rest = rest.substr(0, comma);
    }
  }
  return client;
}

}  // namespace portolan::http
