#include <arpa/inet.h>

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <cstdint>

#include <fmt/format.h>

#include "portolan/base/log.h"
#include "portolan/base/text.h"
#include "portolan/oci/reference.h"

namespace portolan::oci {
namespace {

constexpr std::size_t kMaxHostSize = 253;

// Where the port's colon is; npos if there is none. A colon inside brackets belongs to the address.
std::size_t PortColon(std::string_view text) {
  const std::size_t bracket = text.rfind(']');
  return text.find(':', bracket == std::string_view::npos ? 0 : bracket);
}

bool IsPort(std::string_view text) {
  std::uint16_t port = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, port);
  // A leading zero would give one registry two names.
  return error == std::errc() && stop == end && port != 0 && text.front() != '0';
}

bool IsIpv6Literal(std::string_view host) {
  if (host.size() < 2 || host.back() != ']') return false;
  in6_addr address{};
  return inet_pton(AF_INET6, std::string(host.substr(1, host.size() - 2)).c_str(), &address) == 1;
}

std::string_view HostFault(std::string_view host) {
  if (host.empty()) return "the host name is missing";
  if (host.contains('\0')) return "it has a NUL character";
  if (host.front() == '[') {
    return IsIpv6Literal(host) ? std::string_view()
                               : "there is no IPv6 address between the brackets";
  }
  if (host.size() > kMaxHostSize) return "a host name has at most 253 characters";
  const bool known =
      std::ranges::all_of(host, [](char c) { return IsAsciiAlnum(c) || c == '.' || c == '-'; });
  if (!known) return "a host name has only letters, digits, '.' and '-'";
  for (;;) {
    const std::size_t dot = host.find('.');
    const std::string_view label = host.substr(0, dot);
    if (label.empty()) return "a part between the dots of the host name is empty";
    if (label.front() == '-' || label.back() == '-') {
      return "a part between the dots of the host name starts or ends with '-'";
    }
    if (dot == std::string_view::npos) return {};
    host.remove_prefix(dot + 1);
  }
}

std::string_view Fault(std::string_view text) {
  const std::size_t colon = PortColon(text);
  if (!text.starts_with('[') && std::ranges::count(text, ':') > 1) {
    return "an IPv6 address must be in brackets, like [::1]:5000";
  }
  if (const std::string_view fault = HostFault(text.substr(0, colon)); !fault.empty()) return fault;
  if (colon != std::string_view::npos && !IsPort(text.substr(colon + 1))) {
    return "the port must be a number from 1 to 65535";
  }
  return {};
}

}  // namespace

Result<RegistryName> RegistryName::Parse(std::string_view text) {
  if (const std::string_view fault = Fault(text); !fault.empty()) {
    return Fail(ErrorCode::kReferenceInvalid,
                fmt::format("invalid registry \"{}\": {}", Printable(text), fault));
  }
  std::string name = AsciiLower(text);
  if (name == "index.docker.io") name = "docker.io";
  return RegistryName(std::move(name));
}

std::string_view RegistryName::host() const {
  return std::string_view(text_).substr(0, PortColon(text_));
}

}  // namespace portolan::oci
