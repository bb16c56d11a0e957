// Manifests as schema 1, for clients that name no newer type, where a dialect still gives them.
#pragma once

#include <optional>
#include <string>

#include "portolan/auth/key.h"
#include "portolan/base/clock.h"
#include "portolan/base/result.h"
#include "portolan/oci/digest.h"
#include "portolan/server/call.h"
#include "portolan/store/rows.h"

namespace portolan::server {

/// A manifest that is stored nowhere: by its digest it cannot be found.
struct Converted {
  std::string content;  ///< with a signature
  oci::Digest digest;   ///< of the content without it
};

/// The image that the call's tag names, as schema 1. Blocks. Nothing for an image without layers,
/// which has no such form. Errors of oci::Schema1Payload and Storage::GetBlob.
Result<std::optional<Converted>> ToSchema1(Backend& backend, const Call& call,
                                           const store::StoredManifest& image);

/// `payload` with a JSON web signature inside, as Docker's libtrust writes it. `key` is ES256.
Result<std::string> SignedInside(std::string_view payload, const auth::SigningKey& key,
                                 Clock::WallTime now);

}  // namespace portolan::server
