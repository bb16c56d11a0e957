// From the names of tags to what is known of them: many requests at once, none twice.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <optional>
#include <vector>

#include "portolan/async/task.h"
#include "portolan/base/clock.h"
#include "portolan/base/log.h"
#include "portolan/base/result.h"
#include "portolan/client/platform.h"
#include "portolan/client/repository_cache.h"
#include "portolan/client/tag_info.h"
#include "portolan/repo/repository.h"

namespace portolan::client {

struct SurveyOptions {
  std::size_t parallel = 16;  ///< requests under way
  /// A tag that was seen so short a time ago is believed to point where it did.
  std::chrono::nanoseconds max_age{0};
  PlatformWish platform;
  /// Details are wanted later: a manifest that is not cached is read at once, instead of asked for
  /// by HEAD and read then.
  bool read_ahead = false;
  bool from_cache_only = false;  ///< details that are not cached are left out
  /// Told how many more tags are done. May be empty.
  std::function<void(std::size_t tags)> on_tags;
};

/// Why a tag is found by a digest.
struct TagMatch {
  std::size_t row = 0;    ///< index of the tag
  bool contains = false;  ///< it points to an index that holds the digest, not to the digest itself
  std::optional<oci::Platform> platform;  ///< that the index says of it
};

/// Fills in what rows do not say yet. A row that fails says so in `failure`; what would fail for
/// every other row too (the registry limits the rate, or cannot be reached, or the user has
/// interrupted) is said in all rows that are left, and nothing more is asked. For one loop.
class TagSurvey {
 public:
  /// All references must outlive the survey.
  TagSurvey(repo::Repository& repository, RepositoryCache& cache, const Clock& clock, Log& log,
            SurveyOptions options)
      : repository_(repository),
        cache_(cache),
        clock_(clock),
        log_(log),
        options_(std::move(options)) {}

  /// Finds the digest of every row that has none.
  async::Task<void> Resolve(std::vector<TagInfo>& rows);
  /// Finds size, date of creation and platforms of every row that has a digest.
  async::Task<void> Describe(std::vector<TagInfo>& rows);
  /// The rows that point to `digest`, or to an index that holds it, in their order. Indexes that
  /// cannot be read get a `failure`. Only if `thorough` are indexes looked for that hold another
  /// index, which is rare, and takes a request an index.
  async::Task<std::vector<TagMatch>> Match(std::vector<TagInfo>& rows, const oci::Digest& digest,
                                           bool thorough);

 private:
  async::Task<void> ResolveOne(TagInfo& row);
  async::Task<Result<repo::ManifestInfo>> Look(const oci::Tag& tag);
  void Tell(std::size_t tags) const {
    if (options_.on_tags) options_.on_tags(tags);
  }

  repo::Repository& repository_;
  RepositoryCache& cache_;
  const Clock& clock_;
  Log& log_;
  SurveyOptions options_;
  std::optional<Error> stopped_;  // nothing more is asked
};

}  // namespace portolan::client
