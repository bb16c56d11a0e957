// The folder of CNCF distribution (docker-registry, "filesystem" storage driver), for reading.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "portolan/base/result.h"
#include "portolan/oci/digest.h"
#include "portolan/store/disk.h"

namespace portolan::store {

/// What lies below `docker/registry/v2`:
///
///   blobs/<alg>/<2>/<hex>/data                               content
///   repositories/<name>/_manifests/revisions/<alg>/<hex>/link  a manifest that the repository has
///   repositories/<name>/_manifests/tags/<tag>/current/link     a tag
///   repositories/<name>/_layers/<alg>/<hex>/link               a blob that the repository has
///
/// A link is a file that holds the digest under which the content lies in `blobs/`; where that is
/// of another algorithm than its folder, the folder's digest is another name of the same content. A
/// folder without its link is what a deletion leaves. Links can be empty, and what they name can be
/// missing: that program does not make its files durable together. Failures are kIo.
class DistributionTree {
 public:
  /// `root` is the storage driver's root folder, or `docker/registry/v2` in it. kConfigInvalid if
  /// neither.
  static Result<DistributionTree> Open(const std::string& root);

  /// Names as the folders spell them, in byte order.
  Status ForEachRepository(const std::function<Status(const std::string& name)>& visit) const;

  /// One link file.
  struct Link {
    std::string path;            ///< below `repositories/`: names it to people
    std::string name;            ///< what its folder says: a digest or a tag
    Result<oci::Digest> digest;  ///< what it holds; else kBlobUnknown: "is empty"
  };
  /// Without those that were deleted.
  Result<std::vector<Link>> Revisions(const std::string& repository) const;
  Result<std::vector<Link>> Layers(const std::string& repository) const;
  Result<std::vector<Link>> Tags(const std::string& repository) const;

  /// Whether the repository has a manifest or a blob of this digest, be its link broken or not.
  bool HasRevision(const std::string& repository, const oci::Digest& digest) const;
  bool HasLayer(const std::string& repository, const oci::Digest& digest) const;
  /// The digest under which the content of a repository's blob lies: `digest`, or what its link
  /// says.
  oci::Digest StoredAs(const std::string& repository, const oci::Digest& digest) const;

  // Of content, by the digest under which it lies.

  /// kBlobUnknown.
  Result<std::unique_ptr<DiskFile>> OpenBlob(const oci::Digest& digest) const;
  /// All of it. kBlobUnknown; kTooLarge.
  Result<std::string> ReadBlob(const oci::Digest& digest, std::size_t max_size) const;
  /// The file as the machine names it.
  std::string PathOf(const oci::Digest& digest) const;

 private:
  DistributionTree(std::unique_ptr<Disk> disk, std::string root)
      : disk_(std::move(disk)), root_(std::move(root)) {}

  Status Walk(const std::string& name,
              const std::function<Status(const std::string& name)>& visit) const;
  Result<std::vector<Link>> DigestLinks(const std::string& folder) const;
  std::optional<Link> ReadLink(const std::string& folder, std::string name) const;

  std::unique_ptr<Disk> disk_;
  std::string root_;
};

}  // namespace portolan::store
