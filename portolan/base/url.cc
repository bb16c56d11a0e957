#include "portolan/base/url.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "portolan/base/log.h"
#include "portolan/base/text.h"

namespace portolan {
namespace {

constexpr std::size_t kMaxSize = 16U << 10U;
constexpr std::string_view kSchemeEnd = "://";

// What stands before an `@` may be a password, and what stands in a query a signature: neither is
// shown.
Error Bad(std::string_view text, std::string_view reason) {
  if (text.contains('@')) return Fail(ErrorCode::kProtocol, fmt::format("bad URL: {}", reason));
  const std::string_view shown = text.substr(0, text.find('?'));
  return Fail(ErrorCode::kProtocol, fmt::format("bad URL \"{}\": {}", Printable(shown), reason));
}

Status CheckBytes(std::string_view text) {
  if (text.size() > kMaxSize) {
    return Fail(ErrorCode::kTooLarge, fmt::format("URL is longer than {} bytes", kMaxSize));
  }
  const bool clean = std::ranges::all_of(text, [](char c) { return c > ' ' && c < '\x7f'; });
  if (!clean) return Bad(text, "it has a space, a control character or a byte that is not ASCII");
  return {};
}

bool IsRegNameCharacter(char c) {
  constexpr std::string_view kUnreservedAndSubDelims = "-._~!$&'()*+,;=";
  return IsAsciiAlnum(c) || kUnreservedAndSubDelims.contains(c);
}

bool IsIpLiteral(std::string_view host) {
  if (host.size() < 2 || host.front() != '[' || host.back() != ']') return false;
  in6_addr address{};
  return inet_pton(AF_INET6, std::string(host.substr(1, host.size() - 2)).c_str(), &address) == 1;
}

bool IsHost(std::string_view host) {
  if (host.starts_with('[')) return IsIpLiteral(host);
  return !host.empty() && std::ranges::all_of(host, IsRegNameCharacter);
}

std::uint16_t DefaultPort(std::string_view scheme) { return scheme == "https" ? 443 : 80; }

std::optional<std::uint16_t> ParsePort(std::string_view text) {
  std::uint16_t port = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, port);
  if (error != std::errc() || stop != end || port == 0) return std::nullopt;
  return port;
}

Result<Origin> ParseOrigin(std::string_view text, std::string scheme, std::string_view authority) {
  std::string_view host = authority;
  std::uint16_t port = DefaultPort(scheme);
  // A colon inside brackets belongs to the address.
  const std::size_t bracket = authority.rfind(']');
  const std::size_t colon = authority.find(':', bracket == std::string_view::npos ? 0 : bracket);
  const bool unclosed = authority.starts_with('[') && bracket == std::string_view::npos;
  if (colon != std::string_view::npos && !unclosed) {
    const auto number = ParsePort(authority.substr(colon + 1));
    if (!number) return Bad(text, "the port is not a number from 1 to 65535");
    port = *number;
    host = authority.substr(0, colon);
  }
  if (host.empty()) return Bad(text, "the host is missing");
  if (!IsHost(host)) return Bad(text, "the host is neither a name nor an address");
  return Origin{.scheme = std::move(scheme), .host = AsciiLower(host), .port = port};
}

// "g:" and everything else that starts like a scheme. A colon after the first slash or question
// mark is part of a path.
bool HasScheme(std::string_view reference) {
  const std::size_t end = reference.find_first_of(":/?");
  if (end == std::string_view::npos || end == 0 || reference[end] != ':') return false;
  const auto is_scheme_character = [](char c) {
    return IsAsciiAlnum(c) || c == '+' || c == '-' || c == '.';
  };
  return !IsAsciiDigit(reference[0]) &&
         std::ranges::all_of(reference.substr(0, end), is_scheme_character);
}

// RFC 3986 §5.2.4 for a path that starts with a slash. Percent-encoded dots are not dots.
std::string RemoveDotSegments(std::string_view path) {
  std::string out;
  while (!path.empty()) {
    const std::size_t next = std::min(path.find('/', 1), path.size());
    const std::string_view segment = path.substr(1, next - 1);
    const bool last = next == path.size();
    path.remove_prefix(next);
    if (segment == ".") {
      if (last) out += '/';
    } else if (segment == "..") {
      out.resize(out.empty() ? 0 : out.rfind('/'));
      if (last) out += '/';
    } else {
      out += '/';
      out += segment;
    }
  }
  return out;
}

}  // namespace

std::string Origin::HostPort() const {
  return port == DefaultPort(scheme) ? host : fmt::format("{}:{}", host, port);
}

std::string Origin::ToString() const { return fmt::format("{}://{}", scheme, HostPort()); }

std::string_view Url::Path() const {
  const std::string_view view = target;
  return view.substr(0, view.find('?'));
}

std::string_view Url::Query() const {
  const std::string_view view = target;
  const std::size_t mark = view.find('?');
  return mark == std::string_view::npos ? std::string_view() : view.substr(mark + 1);
}

Result<Url> Url::Parse(std::string_view text) {
  const std::string_view whole = text;
  PORTOLAN_CHECK(CheckBytes(whole));
  const std::size_t scheme_end = text.find(kSchemeEnd);
  if (scheme_end == std::string_view::npos) {
    return Bad(whole, "it does not start with https:// or http://");
  }
  std::string scheme = AsciiLower(text.substr(0, scheme_end));
  text.remove_prefix(scheme_end + kSchemeEnd.size());
  const std::size_t authority_end = std::min(text.find_first_of("/?#"), text.size());
  const std::string_view authority = text.substr(0, authority_end);
  if (scheme != "https" && scheme != "http") return Bad(whole, "its scheme is not https or http");
  if (authority.contains('@')) return Bad(whole, "it has a user name or password before the host");

  PORTOLAN_TRY(Origin origin, ParseOrigin(whole, std::move(scheme), authority));
  text.remove_prefix(authority_end);
  std::string target(text.substr(0, text.find('#')));
  if (!target.starts_with('/')) target.insert(0, "/");
  Url url{.origin = std::move(origin), .target = std::move(target)};
  PORTOLAN_CHECK(CheckBytes(url.ToString()));  // the slash may be one byte too many
  return url;
}

Result<Url> Url::Resolve(std::string_view reference) const {
  if (HasScheme(reference)) return Parse(reference);
  if (reference.starts_with("//")) return Parse(fmt::format("{}:{}", origin.scheme, reference));
  PORTOLAN_CHECK(CheckBytes(reference));
  reference = reference.substr(0, reference.find('#'));
  if (reference.empty()) return *this;

  Url resolved{.origin = origin, .target = {}};
  if (reference.starts_with('/')) {
    resolved.target = reference;
  } else if (reference.starts_with('?')) {
    resolved.target = fmt::format("{}{}", Path(), reference);
  } else {
    const std::string_view base = Path().substr(0, Path().rfind('/') + 1);
    const std::size_t query = std::min(reference.find('?'), reference.size());
    resolved.target = RemoveDotSegments(fmt::format("{}{}", base, reference.substr(0, query)));
    resolved.target += reference.substr(query);
  }
  PORTOLAN_CHECK(CheckBytes(resolved.ToString()));
  return resolved;
}

bool IsWebAddress(std::string_view text) {
  constexpr std::array<std::string_view, 2> kSchemes = {"https://", "http://"};
  return std::ranges::any_of(kSchemes, [&](std::string_view scheme) {
    return EqualsIgnoreCase(text.substr(0, scheme.size()), scheme);
  });
}

std::string PercentEncode(std::string_view text) {
  constexpr std::string_view kUnreserved = "-._~";
  std::string out;
  out.reserve(text.size());
  for (const char c : text) {
    if (IsAsciiAlnum(c) || kUnreserved.contains(c)) {
      out += c;
    } else {
      out += fmt::format("%{:02X}", static_cast<std::uint8_t>(c));
    }
  }
  return out;
}

}  // namespace portolan
