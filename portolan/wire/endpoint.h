// What a request asks of a registry: the V2 API's routes as one table. Spec: "Endpoints";
// docs/protocol.md is checked against it.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "portolan/base/result.h"
#include "portolan/oci/digest.h"
#include "portolan/oci/reference.h"

namespace portolan::wire {

/// Each resource of the API.
enum class Resource : std::uint8_t {
  kBase,        ///< /v2/
  kCatalog,     ///< /v2/_catalog
  kDiscover,    ///< /v2/_oci/ext/discover, /v2/<name>/_oci/ext/discover
  kTagList,     ///< /v2/<name>/tags/list
  kManifest,    ///< /v2/<name>/manifests/<tag or digest>
  kBlob,        ///< /v2/<name>/blobs/<digest>
  kUploads,     ///< /v2/<name>/blobs/uploads/
  kUpload,      ///< /v2/<name>/blobs/uploads/<id>
  kReferrers,   ///< /v2/<name>/referrers/<digest>
  kTagHistory,  ///< /v2/<name>/_portolan/tags/history
  kTagRestore,  ///< /v2/<name>/_portolan/tags/restore
};

/// Methods that a registry answers.
enum class Method : std::uint8_t { kGet, kHead, kPost, kPut, kPatch, kDelete };
std::optional<Method> MethodOf(std::string_view method);
std::string_view NameOf(Method method);

/// One line of the API's table.
struct EndpointInfo {
  Resource resource;
  std::string_view path;     ///< `/v2/<name>/blobs/<digest>`
  std::string_view methods;  ///< as an `Allow` header has them: `GET, HEAD, DELETE`
};
/// The table, in the order of Resource. Discovery has a second path, without a name.
std::span<const EndpointInfo> Endpoints();

/// A parsed request target: names and digests are valid, nothing is percent-encoded any more.
struct Endpoint {
  Resource resource = Resource::kBase;
  Method method = Method::kGet;
  std::optional<oci::RepositoryName> repository;  ///< where the resource has one
  std::optional<oci::Tag> tag;                    ///< kManifest by tag
  std::optional<oci::Digest> digest;              ///< kManifest by digest, kBlob, kReferrers
  std::string upload_id;                          ///< kUpload: 1–64 characters of [A-Za-z0-9_-]
};

/// Parses a method and a path (without the query). The path is percent-decoded once; an encoded
/// slash, dot segment, NUL, control character or empty component is refused. A repository may have
/// components like `tags` and `blobs`: what counts is the end of the path. The slash at the end of
/// /v2/ and of uploads/ may be missing. Errors: kNameInvalid, kTagInvalid, kDigestInvalid and
/// kBlobUploadUnknown (an id that no session can have) naming the part that is wrong; kUnsupported
/// (405) where the resource does not know the method, with `AllowedMethods` to be told;
/// kNameUnknown (404) for a path that is no resource at all.
Result<Endpoint> ParseEndpoint(std::string_view method, std::string_view path);

/// Value of an `Allow` header for the path's resource: "GET, HEAD"; empty where the path is no
/// resource.
std::string AllowedMethods(std::string_view path);

/// A query string, decoded: `+` is a space. At most 512 parameters, later ones are dropped.
class Query {
 public:
  explicit Query(std::string_view text);
  /// The first value of this name; empty optional if absent.
  std::optional<std::string_view> Get(std::string_view name) const;
  /// All values of this name, in order.
  std::vector<std::string_view> GetAll(std::string_view name) const;
  bool empty() const { return parameters_.empty(); }

 private:
  std::vector<std::pair<std::string, std::string>> parameters_;
};

}  // namespace portolan::wire
