// A request to each route that needs a right, with the rights that let it in.
#pragma once

#include <string>
#include <vector>

#include "portolan/auth/access.h"
#include "portolan/wire/endpoint.h"

namespace portolan::server {

struct RouteRow {
  wire::Resource resource;
  std::string method;
  std::string target;
  std::vector<auth::Action> enough;  ///< each by itself
  std::string scope;                 ///< of a token that would do
};

/// Requests to `a/b`, where the tag `t` and the manifest `digest` are, over the blob "layer".
std::vector<RouteRow> RouteRows(const std::string& digest);

}  // namespace portolan::server
