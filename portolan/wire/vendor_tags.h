// What vendors' own APIs say of tags: Docker Hub's v2, Quay's v1, GitHub Packages. Facts and
// sources are in the functions' comments; everything that a peer may leave out is absent.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "portolan/base/clock.h"
#include "portolan/base/result.h"
#include "portolan/oci/digest.h"
#include "portolan/oci/manifest.h"

namespace portolan::wire {

/// One tag as a vendor tells it.
struct VendorTag {
  struct Image {
    oci::Platform platform;
    std::optional<oci::Digest> digest;
    std::optional<std::uint64_t> size;
    friend bool operator==(const Image&, const Image&) = default;
  };
  std::string name;  ///< as received
  std::optional<oci::Digest> digest;
  std::string media_type;
  std::optional<std::uint64_t> size;
  std::optional<Clock::WallTime> pushed;
  std::vector<Image> images;
  friend bool operator==(const VendorTag&, const VendorTag&) = default;
};

/// A page of tags.
struct VendorTagPage {
  std::vector<VendorTag> tags;
  std::string next;   ///< Docker Hub: the next page's URL; empty on the last
  bool more = false;  ///< Quay: another page follows
};

/// `{"count":…,"next":url|null,"results":[{"name",…,"images":[…]}]}`. A tag's date is
/// `tag_last_pushed`, else `last_updated`. kProtocol for anything else.
Result<VendorTagPage> ParseHubTags(std::string_view body);

/// `{"tags":[{"name","start_ts","manifest_digest","size",…}],"has_additional":bool}`. Entries whose
/// `end_ts` is not after `now` are history, and are left out. kProtocol for anything else.
Result<VendorTagPage> ParseQuayTags(std::string_view body, Clock::WallTime now);

/// A version of a container package: one manifest with its tags.
struct PackageVersion {
  std::int64_t id = 0;
  std::optional<oci::Digest> digest;
  std::optional<Clock::WallTime> created;
  std::vector<std::string> tags;  ///< as received
  friend bool operator==(const PackageVersion&, const PackageVersion&) = default;
};

/// `[{"id","name":"sha256:…","created_at","metadata":{"container":{"tags":[…]}}}]`. kProtocol for
/// anything else.
Result<std::vector<PackageVersion>> ParsePackageVersions(std::string_view body);

/// `{"identifier":…,"secret":…}` for Docker Hub's `POST /v2/auth/token`, and the `access_token` (or
/// `token`) of its answer; empty if there is none.
std::string HubLoginBody(std::string_view user, std::string_view password);
std::string ParseHubLogin(std::string_view body);

}  // namespace portolan::wire
