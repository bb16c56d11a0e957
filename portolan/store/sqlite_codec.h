// How values lie in the columns of a row.
#pragma once

#include <string>
#include <string_view>

#include "portolan/base/result.h"
#include "portolan/oci/digest.h"
#include "portolan/oci/manifest.h"

namespace portolan::store {

/// One byte for the algorithm (oci::HashAlgorithm), then the raw bytes; for algorithms without a
/// number 0xFF, then the digest's text. A digest has one encoding.
std::string EncodeDigest(const oci::Digest& digest);
/// kInternal for bytes that EncodeDigest never gives (damaged storage).
Result<oci::Digest> DecodeDigest(std::string_view bytes);

/// Each key and value with its length before it (four bytes, big endian); nothing for none.
std::string EncodeAnnotations(const oci::Annotations& annotations);
/// kInternal for bytes that EncodeAnnotations never gives.
Result<oci::Annotations> DecodeAnnotations(std::string_view bytes);

}  // namespace portolan::store
