// A place where the images of one name live: a repository in a registry today; OCI layouts and
// archives stand behind the same interface.
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "portolan/async/task.h"
#include "portolan/base/result.h"
#include "portolan/oci/digest.h"
#include "portolan/oci/reference.h"
#include "portolan/repo/names.h"

namespace portolan::repo {

/// One page of a listing, in the order received: valid names only, each of them once in the whole
/// listing.
struct ListPage {
  std::string_view
      name;         ///< what is listed: `docker.io/library/ubuntu`, or a registry for a catalog
  NamesView items;  ///< tags, or repositories
  int number = 0;   ///< of the page, from 1
};

/// Takes the pages of a listing as they come; a page is valid during the call only. An Error ends
/// the listing and is its result.
using PageSink = std::function<Status(const ListPage& page)>;

struct ListOptions {
  /// Items to ask for at a time. 0: leave it to the registry; absent: what is best for this
  /// registry.
  std::optional<int> page_size;
  /// Stop after so many items.
  std::optional<std::size_t> limit;
  /// Told how many new names have just come, also while a page is still being read: for progress.
  /// May be empty.
  std::function<void(std::size_t names)> on_names;
};

/// What is known at the end of a listing.
struct ListSummary {
  std::string name;  ///< as in the pages
  std::size_t items = 0;
  int pages = 0;
  std::vector<std::string> invalid;  ///< texts that came but are no valid names (at most 1,000;
                                     ///< empty texts and digests are left out), as received
  /// The registry pointed to more than could be read; what was given stands. A warning says why.
  bool incomplete = false;
  std::string source;  ///< `https://registry-1.docker.io`, or the mirror that answered
};

/// What a manifest can be asked for by.
using ManifestName = std::variant<oci::Tag, oci::Digest>;

/// The text of either.
inline const std::string& TextOf(const ManifestName& name) {
  return std::visit([](const auto& each) -> const std::string& { return each.text(); }, name);
}

/// A manifest, unread.
struct ManifestInfo {
  oci::Digest digest;
  std::string media_type;  ///< as the place says, without parameters; may be empty
  friend bool operator==(const ManifestInfo&, const ManifestInfo&) = default;
};

/// A manifest and its bytes, of which `info.digest` is the digest.
struct ManifestContent {
  ManifestInfo info;
  std::string text;
};

/// A repository. For one loop; several calls may be under way at once.
class Repository {
 public:
  virtual ~Repository() = default;

  /// `quay.io/ansible/creator-ee`.
  virtual const std::string& name() const = 0;

  /// Lists every tag. After an Error the pages already given to `sink` stand, and the Error is that
  /// of the page that failed: kNameUnknown or kUnauthorized where the repository is missing or
  /// hidden, and all of http::Client::Send.
  virtual async::Task<Result<ListSummary>> ListTags(const ListOptions& options, PageSink sink) = 0;

  /// What a tag points to, or whether a digest is there. kManifestUnknown (kNameUnknown where the
  /// repository is what is missing), kUnauthorized, kDenied, and all of http::Client::Send.
  virtual async::Task<Result<ManifestInfo>> FindManifest(const ManifestName& manifest) = 0;
  /// The manifest itself, verified: kDigestInvalid if it is not what its digest says, kUnsupported
  /// for a digest of an algorithm that cannot be computed; otherwise as FindManifest.
  virtual async::Task<Result<ManifestContent>> ReadManifest(const ManifestName& manifest) = 0;
  /// A small blob, verified. kBlobUnknown, kTooLarge beyond `max_size`; otherwise as ReadManifest.
  virtual async::Task<Result<std::string>> ReadBlob(const oci::Digest& digest,
                                                    std::size_t max_size) = 0;
  /// Deletes a tag, or a manifest with every tag of it. kUnsupported if the place does not offer
  /// it; otherwise as FindManifest. Never goes to a mirror.
  virtual async::Task<Status> DeleteManifest(const ManifestName& manifest) = 0;
  /// Puts a manifest whose content is there under a tag. Never goes to a mirror.
  virtual async::Task<Status> PutManifest(const oci::Tag& tag, const ManifestContent& content) = 0;
};

}  // namespace portolan::repo
