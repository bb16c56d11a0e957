// URLs as registries write them: split, never decoded, so that what a peer sent goes back to it
// byte for byte.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "portolan/base/result.h"

namespace portolan {

/// Scheme, host and port: what credentials belong to (RFC 6454).
struct Origin {
  std::string scheme;  ///< "http" or "https", lower case
  std::string host;    ///< lower case; IPv6 addresses in brackets
  std::uint16_t port = 0;

  /// `https://quay.io`; the port only where it is not the scheme's own.
  std::string ToString() const;
  /// `quay.io` or `localhost:5000`: as a Host header or a certs.d folder has it.
  std::string HostPort() const;

  friend bool operator==(const Origin&, const Origin&) = default;
  friend auto operator<=>(const Origin&, const Origin&) = default;
};

/// An absolute http or https URL without user information and fragment. Immutable but for `target`.
struct Url {
  Origin origin;
  /// Path and query exactly as written, at least "/". Not normalised and not decoded.
  std::string target = "/";

  /// `target` up to the query.
  std::string_view Path() const;
  /// What follows the first `?`, without it; empty if there is none.
  std::string_view Query() const;
  std::string ToString() const { return origin.ToString() + target; }

  /// Parses an absolute URL. kProtocol if the scheme is not http or https, the host is missing or
  /// has characters outside RFC 3986's reg-name and IP-literal (percent-encoding is refused too),
  /// the port is not 1–65535, there is user information, or any byte is a control character, a
  /// space or not ASCII. kTooLarge above 16 KiB. A fragment is cut off. A message shows the text,
  /// but neither user information nor the query.
  static Result<Url> Parse(std::string_view text);

  /// Resolves a URI reference against this URL as RFC 3986 §5.2 does (dot segments removed only
  /// from relative paths, query kept as it is). Errors as Parse.
  Result<Url> Resolve(std::string_view reference) const;

  friend bool operator==(const Url&, const Url&) = default;
};

/// Whether the text begins as an absolute http or https URL does, in whatever case.
bool IsWebAddress(std::string_view text);

/// For a query value: everything but RFC 3986's unreserved characters as %XX, as Go's
/// url.QueryEscape would but for the space, which becomes %20.
std::string PercentEncode(std::string_view text);

/// Whether the text (an address without brackets or port) is a loopback, private, link-local,
/// unique-local, unspecified, multicast, shared (100.64/10) or otherwise not globally routable IPv4
/// or IPv6 address, IPv4-mapped forms included. Text that is not an address is not public either:
/// true.
bool IsPrivateAddress(std::string_view address);

}  // namespace portolan
