// Which handler answers what, and which right it takes.
#pragma once

#include <array>
#include <optional>
#include <span>

#include "portolan/auth/access.h"
#include "portolan/server/handlers.h"
#include "portolan/wire/endpoint.h"

namespace portolan::server {

/// One row of the table.
struct Route {
  wire::Resource resource;
  wire::Method method;
  /// Any one of these is enough to be let in; the handler looks closer where rights differ by what
  /// is there (create and overwrite).
  std::array<std::optional<auth::Action>, 2> needs;
  bool writes;  ///< refused by a read-only registry
  Answer (*handler)(Backend& backend, Call& call);
};

/// Whether whoever is allowed this is let in.
bool Admits(const Route& route, auth::ActionSet allowed);

/// Every route; HEAD is answered by the row of GET.
std::span<const Route> Routes();
/// Null where the resource does not know the method.
const Route* FindRoute(wire::Resource resource, wire::Method method);

}  // namespace portolan::server
