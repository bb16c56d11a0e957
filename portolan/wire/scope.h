// What a token may do: `repository:library/ubuntu:pull` (distribution "Token Scope Documentation").
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "portolan/base/result.h"
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

  /// `type:name:action,action`: the type ends at the first colon (a class in parentheses is
  /// dropped), the actions begin after the last one, so that a name may hold `host:port/`. Actions
  /// come once each. kNameInvalid for anything else, for a name with more than 255 bytes or with
  /// characters beyond printable ASCII, and for more than 16 actions.
  static Result<Scope> Parse(std::string_view text);
  /// Every scope of several `scope` parameters, each of which may hold several, divided by spaces.
  /// Scopes of one thing become one. kNameInvalid as above; kTooLarge for more than
  /// kMaxScopes of them.
  static Result<std::vector<Scope>> ParseAll(std::span<const std::string_view> parameters);
  static constexpr std::size_t kMaxScopes = 100;

  friend bool operator==(const Scope&, const Scope&) = default;
};

}  // namespace portolan::wire
