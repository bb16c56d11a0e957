// Several registries behind one address, found by the host or the path that a client uses.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "portolan/http/client.h"

namespace portolan::server {

/// One of them.
struct Hosted {
  std::vector<std::string> names;  ///< of hosts, lower case, without ports; empty: found by `path`
  std::string path;                ///< `hub`: `/v2/hub/…`, and `/hub/…` for what is not below /v2/
  http::Service* service;          ///< must outlive the service made of it
};

/// Gives every request to that of `hosted` that has its host's name, else to that which has most of
/// its path, else to `others`, which must outlive it.
std::unique_ptr<http::Service> NewHosts(std::vector<Hosted> hosted, http::Service& others);

}  // namespace portolan::server
