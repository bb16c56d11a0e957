// What the store knows, as values.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "portolan/base/clock.h"
#include "portolan/oci/digest.h"
#include "portolan/oci/manifest.h"
#include "portolan/oci/reference.h"

namespace portolan::store {

/// Milliseconds since 1970, as rows hold them.
using Millis = std::int64_t;
Millis ToMillis(Clock::WallTime time);
Clock::WallTime FromMillis(Millis time);

/// Who changes something, and when: for history and for the ownership of uploads.
struct Actor {
  std::string principal;  ///< empty: anonymous
  Clock::WallTime now;
};

/// A stored blob. Content of at most StorageOptions::inline_blob_size bytes is a row; larger
/// content is a file.
struct BlobRow {
  oci::Digest digest;
  std::uint64_t size = 0;                      ///< bytes
  std::string object;                          ///< key in the BlobStore; empty: inline
  std::shared_ptr<const std::string> content;  ///< of an inline blob, else null
};

/// A manifest without its bytes.
struct ManifestRow {
  oci::Digest digest;
  std::string media_type;
  std::uint64_t size = 0;  ///< bytes
};

/// A manifest as it is served.
struct StoredManifest {
  oci::Digest digest;
  std::string media_type;
  std::shared_ptr<const std::string> content;  ///< never null
};

/// An upload session.
struct UploadRow {
  std::string id;  ///< 128 random bits, 32 hexadecimal digits
  oci::RepositoryName repository;
  std::string principal;     ///< nobody else may go on with it
  std::uint64_t offset = 0;  ///< bytes acknowledged, all of them durable
  std::string hash_state;    ///< oci::Hasher::Save after `offset` bytes
  std::string content;       ///< the bytes themselves while they are few (no staging file yet)
  bool staged = false;       ///< the bytes are in the BlobStore's staging file of `id`
  Millis created = 0;
  Millis changed = 0;
};

/// What a push did to a tag.
enum class TagOutcome : std::uint8_t { kUnchanged, kCreated, kOverwritten };

/// What happened to a tag.
struct TagEvent {
  std::int64_t id = 0;  ///< ascending in time
  oci::Tag tag;
  std::optional<oci::Digest> before;  ///< empty: the tag did not exist
  std::optional<oci::Digest> after;   ///< empty: the tag was deleted
  std::string principal;              ///< who; empty: anonymous
  Millis at = 0;
  bool restorable = false;  ///< `before` is still stored
};

}  // namespace portolan::store
