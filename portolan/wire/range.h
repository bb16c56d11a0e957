// Ranges of content. RFC 9110 §14; Spec: "Pushing a blob in chunks", "Pulling blobs".
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "portolan/base/result.h"

namespace portolan::wire {

/// Bytes from `offset`, `size` of them; `size` is never 0.
struct ByteRange {
  std::uint64_t offset = 0;
  std::uint64_t size = 0;
  friend bool operator==(const ByteRange&, const ByteRange&) = default;
};

/// What a `Range` field means for content of `total` bytes: the part to send; empty where the field
/// is to be ignored (other units, syntax that is not a range, several ranges) and the whole is
/// sent; kSizeInvalid where it cannot be satisfied (416). A range that ends before it begins is
/// refused as well, as the specification's tests want it and RFC 9110 §14.2 allows.
Result<std::optional<ByteRange>> ResolveRange(std::string_view field, std::uint64_t total);
/// `bytes 0-499/1234`.
std::string ContentRangeOf(const ByteRange& range, std::uint64_t total);

/// The `Content-Range` of an upload's chunk: `0-499`, also with `bytes ` before it and `/total` or
/// `/*` after it, as clients send. The last byte is inclusive. kSizeInvalid otherwise.
Result<ByteRange> ParseChunkRange(std::string_view field);
/// `Range` of an upload that has `offset` bytes: `0-499`; `0-0` for none, as the specification's
/// tests expect.
std::string UploadRangeOf(std::uint64_t offset);

}  // namespace portolan::wire
