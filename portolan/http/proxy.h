// Which proxy, if any, the environment wants for a URL.
#pragma once

#include <string>

#include "portolan/base/environment.h"
#include "portolan/base/result.h"
#include "portolan/base/url.h"

namespace portolan::http {

struct ProxyChoice {
  std::string url;   ///< with scheme, and with a password if it has one; empty: connect directly
  std::string name;  ///< host and port, for messages

  bool direct() const { return url.empty(); }
  friend bool operator==(const ProxyChoice&, const ProxyChoice&) = default;
};

/// HTTPS_PROXY or HTTP_PROXY by the URL's scheme, then ALL_PROXY; lower-case names come first.
/// Direct for localhost, for loopback addresses and for what NO_PROXY names: `*`, a host (with all
/// below it), an address, a CIDR block, each of the hosts with an optional port. kConfigInvalid,
/// naming the variable, for a proxy that is not an http, https or socks URL.
Result<ProxyChoice> ProxyFor(const Environment& environment, const Url& url);

}  // namespace portolan::http
