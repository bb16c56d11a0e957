// What a token may do: `repository:library/ubuntu:pull` (distribution "Token Scope Documentation").
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "portolan/oci/reference.h"

namespace portolan::wire {

/// One resource scope. Printed as `type:name:action,action`.
struct Scope {
  std::string type;
  std::string name;
  std::vector<std::string> actions;

  /// `repository:<name>:pull`, with the actions that a method needs: GET and HEAD pull; POST, PUT
  /// and PATCH pull,push; DELETE delete. Other methods get pull.
  static Scope ForRepository(const oci::RepositoryName& repository, std::string_view method);
  /// `registry:catalog:*`.
  static Scope ForCatalog();

  std::string ToString() const;

  friend bool operator==(const Scope&, const Scope&) = default;
};

}  // namespace portolan::wire
