// Where the tags of a repository can be learnt, and deleted one by one.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "portolan/async/task.h"
#include "portolan/base/result.h"
#include "portolan/client/tag_info.h"
#include "portolan/oci/reference.h"
#include "portolan/repo/repository.h"

namespace portolan::client {

/// A listing with more tags is kTooLarge: each of them takes some hundred bytes, and a request.
inline constexpr std::size_t kMaxTags = 1'000'000;

/// The tags of a repository, each once.
struct TagList {
  std::vector<TagInfo> rows;  ///< with what the listing itself says
  /// Texts that came as tags and are none; at most 1,000.
  std::vector<std::string> invalid;
  bool incomplete = false;  ///< a warning has said why
};

/// One way to learn them. For one loop; must not outlive what it was made from.
class TagSource {
 public:
  virtual ~TagSource() = default;

  /// What JSON calls it: `v2`, `docker-hub`, `github`, `quay`.
  virtual std::string_view name() const = 0;
  /// Whether its registry counts every manifest that is read: then what this source does not tell
  /// is better left out than asked for.
  virtual bool manifests_are_counted() const { return false; }
  /// Whether Delete may delete the manifest of the tag as well, where no other tag has it.
  virtual bool deletes_manifests() const { return false; }
  /// All tags. `on_tags` is told how many more have come; it may be empty. Errors as
  /// Repository::ListTags.
  virtual async::Task<Result<TagList>> List(std::function<void(std::size_t tags)> on_tags) = 0;
  /// Deletes a tag and no other. kUnsupported if it cannot; kManifestUnknown if there is no such
  /// tag; otherwise as Repository::DeleteManifest.
  virtual async::Task<Status> Delete(const oci::Tag& tag) = 0;
};

/// The V2 API, which every registry has: names alone. `repository` must outlive it.
std::unique_ptr<TagSource> NewV2TagSource(repo::Repository& repository);

}  // namespace portolan::client
