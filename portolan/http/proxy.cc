#include "portolan/http/proxy.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <string_view>

#include <fmt/format.h>

#include "portolan/base/ip_address.h"
#include "portolan/base/text.h"

namespace portolan::http {
namespace {

std::string_view WithoutBrackets(std::string_view host) {
  if (host.size() >= 2 && host.front() == '[' && host.back() == ']') {
    return host.substr(1, host.size() - 2);
  }
  return host;
}

bool IsLoopback(std::string_view host) {
  if (host == "localhost" || host.ends_with(".localhost")) return true;
  const auto address = IpAddress::Parse(host);
  return address && address->IsLoopback();
}

std::optional<unsigned> ParseNumber(std::string_view text, unsigned most) {
  unsigned value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value > most) return std::nullopt;
  return value;
}

// Cuts `:port` off an entry; a bare IPv6 address has colons, but more than one.
std::string_view CutPort(std::string_view entry, std::optional<unsigned>& port) {
  const std::size_t colon = entry.rfind(':');
  const bool bracketed = entry.starts_with('[');
  if (colon == std::string_view::npos) return entry;
  if (bracketed ? entry[colon - 1] != ']' : entry.find(':') != colon) return entry;
  port = ParseNumber(entry.substr(colon + 1), 65535);
  return port ? entry.substr(0, colon) : entry;
}

bool EntryMatches(std::string_view entry, const Origin& origin) {
  if (entry == "*") return true;
  const std::string_view host = WithoutBrackets(origin.host);
  const auto host_address = IpAddress::Parse(host);
  if (entry.contains('/')) {
    const auto network = IpNetwork::Parse(entry);
    return network && host_address && network->Contains(*host_address);
  }
  std::optional<unsigned> port;
  entry = WithoutBrackets(CutPort(entry, port));
  if (port && *port != origin.port) return false;
  if (entry.starts_with("*.")) entry.remove_prefix(1);
  if (entry.starts_with('.')) entry.remove_prefix(1);
  if (entry.ends_with('.')) entry.remove_suffix(1);
  if (entry.empty()) return false;
  if (const auto address = IpAddress::Parse(entry)) return address == host_address;
  if (EqualsIgnoreCase(host, entry)) return true;
  return host.size() > entry.size() && host[host.size() - entry.size() - 1] == '.' &&
         EqualsIgnoreCase(host.substr(host.size() - entry.size()), entry);
}

bool IsExempt(std::string_view no_proxy, const Origin& origin) {
  constexpr std::string_view kSeparators = ", \t";
  while (!no_proxy.empty()) {
    const std::size_t end = std::min(no_proxy.find_first_of(kSeparators), no_proxy.size());
    if (EntryMatches(no_proxy.substr(0, end), origin)) return true;
    no_proxy.remove_prefix(std::min(end + 1, no_proxy.size()));
  }
  return false;
}

struct Setting {
  std::string variable;
  std::string value;
};

std::optional<Setting> FindSetting(const Environment& environment, const std::string& lower) {
  std::string upper = lower;
  std::ranges::transform(upper, upper.begin(), [](char c) {
    return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c;
  });
  for (const std::string& name : {lower, upper}) {
    if (auto value = environment.Get(name)) return Setting{name, *std::move(value)};
  }
  return std::nullopt;
}

Result<ProxyChoice> ParseProxy(const Setting& setting) {
  std::string value(TrimSpace(setting.value));
  if (!value.contains("://")) value.insert(0, "http://");
  const std::size_t scheme_end = value.find("://");
  const std::string scheme = AsciiLower(std::string_view(value).substr(0, scheme_end));
  constexpr std::array<std::string_view, 6> kSchemes = {"http",    "https",  "socks4",
                                                        "socks4a", "socks5", "socks5h"};
  std::string_view name = std::string_view(value).substr(scheme_end + 3);
  // An unescaped character of a password must not make a host of its beginning.
  const std::size_t end = name.find_first_of("/?#");
  const bool cut_in_user = end != std::string_view::npos && name.substr(end).contains('@');
  name = name.substr(0, cut_in_user ? 0 : end);
  if (const std::size_t at = name.rfind('@'); at != std::string_view::npos)
    name.remove_prefix(at + 1);
  // A host that is not ASCII would need a library for international names that is not linked in.
  const bool plain = std::ranges::all_of(value, [](char c) { return c > ' ' && c < '\x7f'; });
  if (std::ranges::find(kSchemes, scheme) == kSchemes.end() || name.empty() || !plain) {
    return Fail(
        ErrorCode::kConfigInvalid,
        fmt::format("the environment variable {} is not the URL of a proxy", setting.variable),
        "it has the form http://host:port; https, socks4, socks4a, socks5 and socks5h also work; "
        "special characters of a password must be percent-encoded");
  }
  return ProxyChoice{.url = value, .name = std::string(name)};
}

}  // namespace

Result<ProxyChoice> ProxyFor(const Environment& environment, const Url& url) {
  if (IsLoopback(WithoutBrackets(url.origin.host))) return ProxyChoice{};
  std::optional<Setting> setting = FindSetting(environment, url.origin.scheme + "_proxy");
  if (!setting) setting = FindSetting(environment, "all_proxy");
  if (!setting) return ProxyChoice{};
  const std::optional<Setting> exempt = FindSetting(environment, "no_proxy");
  if (exempt && IsExempt(exempt->value, url.origin)) return ProxyChoice{};
  return ParseProxy(*setting);
}

}  // namespace portolan::http
