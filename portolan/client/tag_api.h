// Which vendor's API knows a registry's tags, and where it is.
#pragma once

#include <optional>

#include "portolan/base/environment.h"
#include "portolan/base/result.h"
#include "portolan/base/url.h"
#include "portolan/dialect/profile.h"
#include "portolan/oci/reference.h"

namespace portolan::client {

/// An API and its address; without one it is where the registry is.
struct TagApiPlace {
  dialect::TagApi kind = dialect::TagApi::kNone;
  std::optional<Url> base;
};

/// What the variable PORTOLAN_TAG_APIS says of the registry, else what its profile does. The
/// variable is for installations of one's own: `quay.corp.example=quay:https://quay.corp.example`,
/// several with commas between them; kinds are `docker-hub`, `github`, `quay` and `none`, and an
/// address may have a path. kConfigInvalid if it cannot be understood.
Result<TagApiPlace> FindTagApi(const oci::RegistryName& registry, const Environment& environment);

}  // namespace portolan::client
