// Takes over what a CNCF distribution (docker-registry) has stored in a file system.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "portolan/base/clock.h"
#include "portolan/base/result.h"
#include "portolan/store/storage.h"

namespace portolan::store {

struct ImportOptions {
  /// Hash every blob before it is taken. Without it a blob that the old registry damaged is damaged
  /// here too, until fsck finds it. Manifests are always hashed.
  bool verify = true;
  /// Take blobs that no manifest refers to as well. The next collection removes them, unless
  /// somebody pushes a manifest for them first.
  bool unreferenced = false;
  std::string principal = "import";  ///< in the history of tags
};

/// Something that was not taken, or not as it was.
struct ImportProblem {
  std::string what;  ///< repository and manifest, tag or link file
  std::string why;
};

struct ImportReport {
  std::uint64_t repositories = 0;
  std::uint64_t manifests = 0;  ///< taken
  std::uint64_t tags = 0;       ///< set
  std::uint64_t blobs = 0;      ///< taken: adopted, copied into rows, or linked to a repository
  std::uint64_t bytes = 0;      ///< of these that were adopted or copied
  std::uint64_t known = 0;      ///< manifests that were there already
  std::uint64_t problems = 0;
};

struct ImportCallbacks {
  std::function<void(const ImportProblem& problem)> on_problem;
  /// After every manifest, with the counts so far.
  std::function<void(const std::string& repository, const ImportReport& report)> on_progress;
  std::function<bool()> stop;  ///< asked between manifests; ends the import early, with a success
};

/// Takes every repository below `root` (DistributionTree): for each manifest first the blobs that
/// it refers to, then itself with its tags; indexes after what they list. Files become objects by
/// reflink or hard link where the file system can, else by copying; the old registry's files are
/// never changed, but it should not run meanwhile. Can be run again: what is there costs one look
/// at a row.
///
/// Problems are told, and the rest goes on: missing and damaged blobs, and so their manifests and
/// tags; Docker schema 1; names that the specification forbids; broken links (a manifest or blob is
/// taken all the same, if its content is there and its digest right); manifests that an index lists
/// and that are missing there too (it is taken without). A tag that names something else here
/// already stays as it is. An Error ends it: our own disk or database failed; kConfigInvalid: there
/// is no such tree.
Result<ImportReport> ImportDistribution(Storage& storage, const std::string& root,
                                        const ImportOptions& options, const Clock& clock,
                                        const ImportCallbacks& callbacks);

}  // namespace portolan::store
